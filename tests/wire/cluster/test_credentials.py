"""Who we are at the API server: from a kubeconfig or a pod's service account, read again before it is stale."""

import json
from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator.cluster import credentials
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.credentials import own_namespace
from oauthclient_operator.cluster.target import secret
from oauthclient_operator.errors import ClusterError
from tests.parts.certificates import CertificateAuthority
from tests.wire.cluster.conftest import Stage, says

WEB = secret("shop", "web")


def edit(kubeconfig: Path, what: str, value: dict[str, Any]) -> None:
    content = json.loads(kubeconfig.read_text())
    kubeconfig.write_text(json.dumps(content | {what: [value]}))


async def test_a_token_file_is_read_again_after_a_minute(
    stage: Stage, kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.play = says({})
    token = tmp_path / "token"
    token.write_text("first")
    edit(kubeconfig, "users", {"name": "user", "user": {"tokenFile": str(token)}})
    now = 1000.0
    monkeypatch.setattr(credentials, "elapsed", lambda: now)
    connection = await Connection.open(kubeconfig, {})
    token.write_text("second")
    await connection.request("GET", WEB)
    now += 61
    await connection.request("GET", WEB)
    assert [request.headers["Authorization"] for request in stage.requests] == ["Bearer first", "Bearer second"]
    await connection.close()


async def test_in_a_pod_it_is_the_service_account(
    tmp_path: Path, certificate_authority: CertificateAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tmp_path / "token"
    token.write_text("projected")
    monkeypatch.setattr(credentials, "SERVICE_TOKEN_FILENAME", str(token))
    monkeypatch.setattr(credentials, "SERVICE_CERT_FILENAME", str(certificate_authority.bundle))
    pod = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443", "KUBECONFIG": "/nonexistent"}
    connection = await Connection.open(None, pod)
    login = await connection.login()
    assert login.server == "https://[fd00::1]:443"
    assert login.scheme == "Bearer"
    assert login.token is not None
    assert login.token.reveal() == "projected"
    assert "projected" not in repr(login)
    await connection.close()


async def test_the_kubeconfig_that_was_named_wins_over_the_pod(stage: Stage, kubeconfig: Path) -> None:
    connection = await Connection.open(
        kubeconfig, {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "1"}
    )
    assert (await connection.login()).server == stage.url
    await connection.close()


async def test_outside_a_pod_the_environments_kubeconfig_is_used(stage: Stage, kubeconfig: Path) -> None:
    connection = await Connection.open(None, {"KUBECONFIG": f"/nonexistent:{kubeconfig}"})
    assert (await connection.login()).server == stage.url
    await connection.close()


async def test_without_any_it_says_so() -> None:
    with pytest.raises(ClusterError, match="there is no kubeconfig /nonexistent"):
        await Connection.open(None, {"KUBECONFIG": "/nonexistent"})


async def test_a_pod_without_its_token_says_so() -> None:
    with pytest.raises(ClusterError, match="service account cannot be used"):
        await Connection.open(None, {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"})


SECRET = {"token": "t0ken-in-file"}


@pytest.mark.parametrize(
    ("what", "damage"),
    [
        ("users", {"nam": "user", "user": SECRET}),
        ("users", {"name": "user", "usr": SECRET}),
        ("contexts", {"nam": "context", "context": SECRET}),
        ("contexts", {"name": "context", "cntext": SECRET}),
        ("clusters", {"name": "cluster", "clustr": SECRET}),
    ],
)
async def test_a_damaged_kubeconfig_is_not_quoted(kubeconfig: Path, what: str, damage: dict[str, Any]) -> None:
    edit(kubeconfig, what, damage)
    with pytest.raises(ClusterError) as error:
        await Connection.open(kubeconfig, {})
    assert "t0ken-in-file" not in str(error.value)
    assert error.value.__cause__ is None


def test_the_pods_namespace_is_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "namespace"
    assert own_namespace(file) is None
    file.write_text("operators\n")
    assert own_namespace(file) == "operators"
