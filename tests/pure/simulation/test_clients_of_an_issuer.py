"""A ClusterOAuthIssuer and its clients: accepted, registered under its terms, changed, and let go when it has none."""

import asyncio
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.errors import RequestRefused
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.platform import CLIENT, NETWORKS, SPEC, Platform

READY = ("True", "Registered")


def settled(platform: Platform) -> Platform:
    asyncio.run(platform.settle())
    return platform


def with_client(**spec: Any) -> Platform:
    platform = Platform()
    platform.apply_issuer()
    platform.apply(**spec)
    return settled(platform)


def test_a_client_is_registered_under_the_issuers_terms_and_says_which() -> None:
    platform = with_client()
    assert platform.said()[:2] == READY
    assert platform.said(name=None)[:2] == ("True", "Ready")
    assert platform.said("Discovered", name=None)[:2] == ("True", "Discovered")
    assert platform.server.calls == ["POST"]
    reaches = {at.reach for at in platform.server.addresses}
    assert [(r.owner, r.private_addresses) for r in reaches if r is not None] == [("uid-of-corporate", (NETWORKS,))]
    resource = platform.api.get("oauthclients", "shop", "web")
    assert resource is not None
    assert resource["status"]["issuer"] == {
        "url": ISSUER,
        "name": "corporate",
        "uid": "uid-of-corporate",
        "generation": 1,
    }
    issuer = platform.issuer()
    assert issuer is not None
    assert issuer["metadata"]["finalizers"] == [names.ISSUER_FINALIZER]
    assert issuer["status"]["observedGeneration"] == 1
    assert issuer["status"]["discovered"]["registrationEndpoint"] == f"{ISSUER}/register"


def test_the_issuers_status_says_what_was_seen_of_the_server_and_is_written_for_that_once() -> None:
    platform = with_client()
    issuer = platform.issuer()
    assert issuer is not None
    seen = {"manageable": True, "secretsExpire": False}
    assert {name: issuer["status"]["observed"].get(name) for name in seen} == seen
    platform.apply(name="another")
    settled(platform)
    assert platform.issuer() == issuer
    # Another process finds it said, and says nothing.
    platform.start()
    assert settled(platform).issuer() == issuer


def test_a_client_waits_for_an_issuer_that_comes_later() -> None:
    platform = Platform()
    platform.apply()
    settled(platform)
    status, reason, message = platform.said()
    assert (status, reason) == ("False", "IssuerNotReady")
    assert "ClusterOAuthIssuer corporate cannot be used: there is none of that name" in message
    assert "published" not in message, "nothing is"
    assert platform.server.calls == []
    platform.apply_issuer()
    assert settled(platform).said()[:2] == READY


def test_nothing_is_written_or_called_once_all_is_said_nor_after_a_restart() -> None:
    platform = with_client()
    before = dict(platform.api.objects)
    platform.start()
    settled(platform)
    assert dict(platform.api.objects) == before
    assert platform.server.calls == ["POST"]


@pytest.mark.parametrize(
    ("spec", "namespace", "words"),
    [
        pytest.param(
            {}, "billing", 'namespace "billing" is none of those that the issuer is for', id="another namespace"
        ),
        pytest.param(
            {"clientMetadata": {**CLIENT["clientMetadata"], "redirect_uris": ["https://web.prod-shop.example.com/cb"]}},
            "shop",
            "matches none of",
            id="a redirect URI of another namespace",
        ),
    ],
)
def test_what_an_issuer_does_not_allow_is_said_before_any_call(
    spec: dict[str, Any], namespace: str, words: str
) -> None:
    platform = Platform()
    platform.apply_issuer()
    platform.apply(namespace=namespace, **spec)
    settled(platform)
    status, reason, message = platform.said(namespace=namespace)
    assert (status, reason) == ("False", "NotAllowedByIssuer")
    assert words in message
    assert "published" not in message, "nothing is"
    assert platform.server.calls == []


def test_a_client_that_a_tighter_rule_excludes_keeps_what_it_has_and_can_be_deleted() -> None:
    platform = with_client()
    secret = platform.api.get("secrets", "shop", "web")
    platform.apply_issuer({**SPEC, "allowed": {**SPEC["allowed"], "redirectURIs": ["https://other.example.com/*"]}})
    settled(platform)
    assert platform.said()[:2] == ("False", "NotAllowedByIssuer")
    assert platform.said()[2].endswith("; what is published stays as it is")
    assert platform.api.get("secrets", "shop", "web") == secret
    assert platform.server.calls == ["POST"]
    platform.delete()
    settled(platform)
    assert platform.api.get("oauthclients", "shop", "web") is None
    assert platform.server.calls == ["POST", "DELETE"]


def test_a_change_of_the_issuer_reaches_each_client_once() -> None:
    platform = Platform()
    platform.apply_issuer()
    for number in range(5):
        platform.apply(f"web-{number}")
    settled(platform)
    platform.apply_issuer({**SPEC, "clientMetadata": {"defaults": {"contacts": ["identity@example.com"]}}})
    settled(platform)
    assert platform.server.calls == ["POST"] * 5 + ["PUT"] * 5
    assert {c["contacts"][0] for c in platform.server.clients.values()} == {"identity@example.com"}
    for number in range(5):
        resource = platform.api.get("oauthclients", "shop", f"web-{number}")
        assert resource is not None
        assert (platform.said(name=f"web-{number}")[:2], resource["status"]["issuer"]["generation"]) == (READY, 2)


def test_an_issuer_is_deleted_when_its_last_client_is_and_names_those_that_keep_it() -> None:
    platform = with_client()
    platform.delete_issuer()
    settled(platform)
    assert platform.said(name=None)[1] == "InUse"
    assert "shop/web" in platform.said(name=None)[2]
    assert platform.said()[:2] == READY, "its clients go on"
    platform.delete()
    settled(platform)
    assert platform.issuer() is None
    assert platform.server.clients == {}


def test_a_client_is_ended_also_when_its_issuer_is_gone_for_good() -> None:
    platform = with_client()
    # Somebody took its finalizer off by force.
    del platform.api.objects["clusteroauthissuers", "", "corporate"]
    platform.start()
    settled(platform)
    assert platform.said()[:2] == ("False", "IssuerNotReady")
    platform.server.addresses.clear()
    platform.delete()
    settled(platform)
    assert platform.server.calls == ["POST", "DELETE"]
    (at,) = set(platform.server.addresses)
    assert at.reach is not None, "by what the record kept"
    assert at.reach.private_addresses == (NETWORKS,)


def test_from_the_issuer_resource_to_the_same_issuer_by_name_nothing_is_sent_and_back() -> None:
    platform = with_client()
    secret = platform.api.get("secrets", "shop", "web")
    own = {"issuer": ISSUER, "clientMetadata": CLIENT["clientMetadata"]}
    platform.api.apply("shop", "web", own)
    platform.wake(oauth_client("shop", "web"))
    settled(platform)
    assert platform.said()[:2] == READY
    resource = platform.api.get("oauthclients", "shop", "web")
    assert resource is not None
    assert resource["status"]["issuer"] == {"url": ISSUER}
    platform.apply()
    settled(platform)
    assert platform.said()[:2] == READY
    assert platform.server.calls == ["POST"]
    assert platform.api.get("secrets", "shop", "web") == secret


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_an_issuer_whose_authorities_are_not_there_says_so_and_its_clients_keep_what_they_have(
    text: str | None,
) -> None:
    platform = with_client()
    if text is not None:
        place = ("configmaps", names.SYSTEM_NAMESPACE, "idp-ca")
        platform.api.put(place, {"metadata": {"name": "idp-ca", "uid": "c"}, "data": {"ca.crt": text}})
    platform.apply_issuer({**SPEC, "trust": {"caBundleRef": {"name": "idp-ca"}}})
    settled(platform)
    assert platform.said(name=None)[:2] == ("False", "InvalidSpec")
    assert "idp-ca" in platform.said(name=None)[2]
    assert platform.said()[:2] == ("False", "IssuerNotReady")
    assert platform.server.calls == ["POST"]


def test_authorities_that_may_not_be_read_any_more_change_nothing_for_its_clients() -> None:
    platform = with_client()

    async def refused(*_: Any) -> Any:
        raise RequestRefused("forbidden", status=403)

    platform.api.read_config_map = refused
    platform.apply_issuer({**SPEC, "trust": {"caBundleRef": {"name": "idp-ca"}}})
    settled(platform)
    assert platform.said(name=None)[:2] == ("False", "ClusterUnavailable")
    assert platform.said()[:2] == READY


def test_a_namespace_that_was_not_seen_yet_is_waited_for_and_nothing_is_said_meanwhile() -> None:
    platform = Platform()
    platform.apply_issuer()
    namespace = platform.api.objects.pop(("namespaces", "", "shop"))
    platform.apply()
    settled(platform)
    assert platform.said()[:2] == ("Unknown", "Pending")
    platform.api.put(("namespaces", "", "shop"), namespace)
    # As its watch wakes those who refer to an issuer.
    platform.wake(oauth_client("shop", "web"))
    settled(platform)
    assert platform.said()[:2] == READY


def test_a_client_whose_namespace_is_named_or_that_goes_waits_for_no_labels() -> None:
    platform = Platform()
    platform.apply_issuer({**SPEC, "allowed": {**SPEC["allowed"], "namespaces": {"names": ["shop"]}}})
    del platform.api.objects["namespaces", "", "shop"]
    platform.apply()
    settled(platform)
    assert platform.said()[:2] == READY
    platform.apply_issuer()
    settled(platform)
    platform.delete()
    settled(platform)
    assert platform.server.calls == ["POST", "DELETE"]
