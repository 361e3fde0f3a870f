"""A cluster of one node with the operator from its image, as `deploy/` installs it, and an issuer that its pods reach."""

import io
import json
import os
import tarfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.node import IMAGE, PAUSE
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import ROOT, SYSTEM_NAMESPACE
from tests.parts.kubectl import KubectlError
from tests.parts.kubelet import GATEWAY, Node, node
from tests.parts.node_oidc_provider import NodeOIDCProvider, node_oidc_provider
from tests.parts.programs import node_programs, programs

collect_ignore_glob = [] if IMAGE in os.environ else ["test_*.py"]
DEPLOYED = "docker.io/library/oauthclient-operator:0.1.0"
"""The image's name in deploy/, as the kubelet completes it."""


@pytest.fixture(scope="session")
def cluster(certificate_authority: CertificateAuthority) -> Iterator[Node]:
    archive = Path(os.environ[IMAGE])
    # Beside it, for a short path: that of a socket has little room. What is mounted there goes before it is removed.
    directory = archive.parent / "node"
    directory.mkdir()
    pause = _pause_image(Path(os.environ[PAUSE]), directory / "pause.tar")
    with node(directory, programs(), node_programs(), certificate_authority, pause) as running:
        running.load(archive)
        with tarfile.open(archive) as image:
            manifest = image.extractfile("manifest.json")
            assert manifest is not None
            (name,) = json.load(manifest)[0]["RepoTags"]
        running.name_image(name, DEPLOYED)
        yield running


def _pause_image(program: Path, archive: Path) -> Path:
    """Write an image (docker's archive format) that is nothing but that program."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as files:
        files.add(program, "pause")
    digest = sha256(layer.getvalue()).hexdigest()
    configuration = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": ["/pause"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": ["localhost/pause:1"], "Layers": ["layer.tar"]}]
    with tarfile.open(archive, "w") as image:
        for name, content in (
            ("layer.tar", layer.getvalue()),
            ("config.json", json.dumps(configuration).encode()),
            ("manifest.json", json.dumps(manifest).encode()),
        ):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            image.addfile(entry, io.BytesIO(content))
    return archive


@pytest.fixture(scope="session")
def issuer(cluster: Node, certificate_authority: CertificateAuthority) -> Iterator[NodeOIDCProvider]:
    directory = cluster.directory / "issuer"
    with node_oidc_provider(directory, certificate_authority, host=GATEWAY, listen=GATEWAY) as server:
        yield server


@pytest.fixture(scope="session")
def deployed(cluster: Node, issuer: NodeOIDCProvider) -> Node:
    """The operator by `kubectl apply -k`: all of deploy/, and that the issuer is on a private network with its own authority."""
    overlay = cluster.directory / "overlay"
    overlay.mkdir()
    deploy = os.path.relpath(ROOT / "deploy", overlay)
    (overlay / "ca.crt").write_bytes(issuer.trust.read_bytes())
    allowed = {"name": "OAUTHCLIENT_OPERATOR_ALLOW_PRIVATE_ISSUER", "value": f"{GATEWAY}/32"}
    patch = [{"op": "add", "path": "/spec/template/spec/containers/0/env/-", "value": allowed}]
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [deploy],
        "components": [f"{deploy}/components/ca-bundle"],
        "configMapGenerator": [
            {
                "name": "oauthclient-operator-ca",
                "namespace": SYSTEM_NAMESPACE,
                "files": ["ca.crt"],
                "options": {"disableNameSuffixHash": True},
            }
        ],
        "patches": [
            {"target": {"kind": "Deployment", "name": "oauthclient-operator"}, "patch": json.dumps(patch)},
        ],
    }
    (overlay / "kustomization.yaml").write_text(json.dumps(kustomization))
    cluster.kubectl.apply(overlay)
    try:
        cluster.kubectl("rollout", "status", "deployment/oauthclient-operator", "-n", SYSTEM_NAMESPACE, "--timeout=90s")
    except KubectlError as error:
        pytest.fail(f"{error}\n{cluster.kubectl('describe', 'pods', '-n', SYSTEM_NAMESPACE)}")
    return cluster
