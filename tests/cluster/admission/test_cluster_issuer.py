"""What `kubectl apply` says of a ClusterOAuthIssuer: all that can be known before anybody is asked."""

import json
import secrets
from collections.abc import Iterator

import pytest

from tests.cluster.admission.cluster_issuer_access import (
    NETWORKS_ADMITTED,
    NETWORKS_REFUSED,
    NO_NETWORK,
    NO_ORIGIN,
    ORIGINS_REFUSED,
)
from tests.cluster.admission.cluster_issuer_allowed import PATTERNS_ADMITTED, PATTERNS_REFUSED
from tests.cluster.admission.cluster_issuer_clients import EACH_CLIENTS_OWN, JOINED_MEMBERS, OTHERS_FIT, OWN_MEMBERS
from tests.cluster.admission.cluster_issuer_manifest import allowing, cluster_issuer
from tests.cluster.admission.cluster_issuers import ADMITTED, REFUSED, REQUIRED
from tests.cluster.admission.issuers import ADMITTED as ISSUERS
from tests.cluster.admission.issuers import REFUSED as NO_ISSUERS
from tests.cluster.admission.manifests import CRDS, ISSUER, Manifest, complaints
from tests.parts.kubectl import Kubectl, KubectlError

PASSWORD = "correct-horse"
NEW = {
    "observedGeneration": -1,
    "conditions": [
        {
            "type": "Ready",
            "status": "Unknown",
            "reason": "Pending",
            "message": "waiting for the operator",
            "lastTransitionTime": "1970-01-01T00:00:00Z",
        }
    ],
}


@pytest.fixture(scope="module")
def platform(admin: Kubectl) -> Kubectl:
    """The administrator, where the definition stands."""
    admin.apply(CRDS / "clusteroauthissuers.yaml")
    admin.wait_for_definitions("clusteroauthissuers.oauth-operator.dev")
    return admin


@pytest.fixture
def stored(platform: Kubectl) -> Iterator[str]:
    """The name of a ClusterOAuthIssuer that exists."""
    name = f"test-{secrets.token_hex(4)}"
    platform.apply(cluster_issuer(name))
    yield name
    platform("delete", "clusteroauthissuer", name, "--wait=false")


def _status(kubectl: Kubectl, name: str, generation: int, ready: str) -> None:
    condition = {
        "type": "Ready",
        "status": ready,
        "reason": "Ready",
        "message": "clients can be registered",
        "lastTransitionTime": "2026-11-24T10:00:00Z",
        "observedGeneration": generation,
    }
    patch = json.dumps({"status": {"observedGeneration": generation, "conditions": [condition]}})
    kubectl("patch", "clusteroauthissuer", name, "--subresource=status", "--type=merge", "-p", patch)


def _said(kubectl: Kubectl, spec: Manifest) -> list[str]:
    # Beside what the schema says, no rule of its own is asked.
    return [
        line for line in complaints(kubectl, cluster_issuer(**spec)) if "some validation rules were not" not in line
    ]


@pytest.mark.parametrize(("spec", "said"), REFUSED.values(), ids=REFUSED)
def test_an_issuer_is_refused_once_for(platform: Kubectl, spec: Manifest, said: str) -> None:
    assert _said(platform, spec) == [said]


@pytest.mark.parametrize(("spec", "member"), REQUIRED.values(), ids=REQUIRED)
def test_an_issuer_is_refused_where(platform: Kubectl, spec: Manifest, member: str) -> None:
    with pytest.raises(KubectlError, match=f'missing required field "{member}"'):
        platform.apply(cluster_issuer(**spec), "--dry-run=server")
    with pytest.raises(KubectlError, match=rf"\.{member}: Required value"):
        platform.apply(cluster_issuer(**spec), "--dry-run=server", "--validate=false")


@pytest.mark.parametrize("spec", ADMITTED.values(), ids=ADMITTED)
def test_an_issuer_is_admitted_with(platform: Kubectl, spec: Manifest) -> None:
    platform.apply(cluster_issuer(**spec), "--dry-run=server")


def test_each_network_that_is_no_cidr_is_refused(platform: Kubectl) -> None:
    place = "spec.reach.privateAddresses"
    assert _said(platform, {"reach": {"privateAddresses": [*NETWORKS_REFUSED]}}) == [
        f"{place}[{i}]: Invalid value: {NO_NETWORK}" for i in range(len(NETWORKS_REFUSED))
    ]
    platform.apply(cluster_issuer(reach={"privateAddresses": [*NETWORKS_ADMITTED]}), "--dry-run=server")


def test_each_origin_that_is_none_is_refused(platform: Kubectl) -> None:
    assert _said(platform, {"reach": {"endpointOrigins": [*ORIGINS_REFUSED]}}) == [
        f"spec.reach.endpointOrigins[{i}]: {NO_ORIGIN}" for i in range(len(ORIGINS_REFUSED))
    ]


def test_each_pattern_of_redirect_uris_that_could_be_misread_is_refused(platform: Kubectl) -> None:
    place = "spec.allowed.redirectURIs"
    assert _said(platform, allowing(redirectURIs=[*PATTERNS_REFUSED])) == [
        f"{place}[{i}]: Invalid value: {said}" for i, said in enumerate(PATTERNS_REFUSED.values())
    ]
    platform.apply(cluster_issuer(**allowing(redirectURIs=[*PATTERNS_ADMITTED])), "--dry-run=server")


def test_what_each_client_says_itself_is_neither_a_default_nor_fixed(platform: Kubectl) -> None:
    for where in ("defaults", "fixed"):
        assert sorted(_said(platform, {"clientMetadata": {where: OWN_MEMBERS}})) == sorted(
            f"spec.clientMetadata.{where}.{member}: {EACH_CLIENTS_OWN.format(member)}" for member in OWN_MEMBERS
        )


def test_what_other_members_have_to_fit_is_no_default_and_may_be_fixed(platform: Kubectl) -> None:
    assert sorted(_said(platform, {"clientMetadata": {"defaults": JOINED_MEMBERS}})) == sorted(
        f"spec.clientMetadata.defaults.{member}: {OTHERS_FIT.format(member)}" for member in JOINED_MEMBERS
    )
    platform.apply(cluster_issuer(clientMetadata={"fixed": JOINED_MEMBERS}), "--dry-run=server")


@pytest.mark.parametrize("issuer", NO_ISSUERS.values(), ids=NO_ISSUERS)
def test_an_issuer_identifier_is_refused_because(platform: Kubectl, issuer: str) -> None:
    said = complaints(platform, cluster_issuer(issuer=issuer, reach={"http": True}))
    assert [line.partition(",")[0] for line in said] == [
        "spec.issuer: Forbidden: write the issuer identifier as an absolute https URL"
    ]


@pytest.mark.parametrize("issuer", ISSUERS)
def test_an_issuer_identifier_is_admitted(platform: Kubectl, issuer: str) -> None:
    platform.apply(cluster_issuer(issuer=issuer, reach={"http": True}), "--dry-run=server")


def test_no_message_echoes_a_password_in_the_issuer(platform: Kubectl) -> None:
    issuer = f"https://user:{PASSWORD}@idp.example.com"
    others: tuple[Manifest, ...] = ({}, {"discovery": {"form": "Best"}}, {"trust": {}}, {"access": {}})
    for spec in others:
        said = complaints(platform, cluster_issuer(issuer=issuer, **spec))
        assert PASSWORD not in "\n".join(said)


def test_an_issuer_never_becomes_another_one(platform: Kubectl, stored: str) -> None:
    with pytest.raises(KubectlError, match=r"spec\.issuer: Forbidden: issuer cannot be changed; make another"):
        platform.apply(cluster_issuer(stored, issuer=f"{ISSUER}/"))
    platform.apply(cluster_issuer(stored, discovery={"form": "OpenID"}))


def test_what_is_as_large_as_it_may_be_is_admitted(platform: Kubectl) -> None:
    host = f"https://{'a' * 63}.example.com/"
    allowed = {
        "namespaces": {
            "names": [f"{i:x<63}" for i in range(100, 356)],
            "selector": {
                "matchLabels": {f"example.com/{i:x<63}": "v" * 63 for i in range(10, 26)},
                "matchExpressions": [
                    {"key": f"key-{i}", "operator": "In", "values": [f"{v:v<63}" for v in range(10, 42)]}
                    for i in range(16)
                ],
            },
        },
        "redirectURIs": [f"{host}{i:a<{1024 - len(host)}}" for i in range(10, 74)],
        "scopes": [f"{i:s<256}" for i in range(100, 356)],
        "members": [f"{i:m<256}" for i in range(100, 228)],
    }
    reach = {"privateAddresses": [f"1111:2222:3333:4444:5555:6666:7777:{i:04}/128" for i in range(64)]}
    platform.apply(cluster_issuer(allowed=allowed, reach=reach), "--dry-run=server")


def test_a_new_issuer_is_pending_and_no_wait_ends_before_the_operator_has_spoken(
    platform: Kubectl, stored: str
) -> None:
    assert platform.json("get", "clusteroauthissuer", stored)["status"] == NEW
    with pytest.raises(KubectlError, match="timed out"):
        platform("wait", "--for=condition=Ready", f"clusteroauthissuer/{stored}", "--timeout=1s")
    _status(platform, stored, generation=1, ready="True")
    platform("wait", "--for=condition=Ready", f"coai/{stored}", "--timeout=10s")


def test_no_wait_ends_by_what_was_said_of_the_generation_before(platform: Kubectl, stored: str) -> None:
    _status(platform, stored, generation=1, ready="True")
    platform.apply(cluster_issuer(stored, discovery={"form": "OpenID"}))
    with pytest.raises(KubectlError, match="timed out"):
        platform("wait", "--for=condition=Ready", f"clusteroauthissuer/{stored}", "--timeout=1s")


def test_get_shows_the_columns_of_the_api(platform: Kubectl, stored: str) -> None:
    _status(platform, stored, generation=1, ready="True")
    head, row, *_ = platform("get", "coai", stored).splitlines()
    assert head.split() == ["NAME", "READY", "REASON", "ISSUER", "AGE"]
    assert row.split()[:4] == [stored, "True", "Ready", ISSUER]
