"""Clients of a ClusterOAuthIssuer that cannot be used yet, or not any more, go on when it can, and nobody is forgotten."""

import asyncio
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.errors import RequestRefused
from oauthclient_operator.resource.key import cluster_issuer, oauth_client
from tests.pure.simulation.platform import CLIENT, SPEC, Platform


def settled(platform: Platform) -> Platform:
    asyncio.run(platform.settle())
    return platform


def test_a_client_that_was_told_that_there_is_no_issuer_goes_on_when_there_is_one() -> None:
    platform = Platform()
    platform.apply()
    settled(platform)
    assert platform.said()[:2] == ("False", "IssuerNotReady")
    # Only the issuer is looked at for that it is there.
    platform.apply_issuer()
    settled(platform)
    assert platform.said()[:2] == ("True", "Registered")


def test_a_client_that_waits_in_silence_looks_by_itself_too() -> None:
    platform = Platform()
    platform.apply_issuer()
    platform.apply()
    assert asyncio.run(platform.clients.reconcile(oauth_client("shop", "web"))).unseen, "its issuer was not looked at"


def test_clients_of_an_issuer_that_waits_for_its_end_go_on_also_after_a_restart() -> None:
    platform = Platform()
    platform.apply_issuer()
    platform.apply()
    settled(platform)
    platform.delete_issuer()
    settled(platform)
    platform.start()
    # An edit, which must not wait for an end that waits for the client.
    platform.apply(clientMetadata={"client_name": "Shop", "redirect_uris": ["https://web.shop.example.com/callback"]})
    settled(platform)
    assert platform.said()[:2] == ("True", "Registered")
    assert platform.server.calls == ["POST", "PUT"]
    assert platform.said(name=None)[1] == "InUse"


def test_a_client_of_an_issuer_that_another_finalizer_alone_holds_is_told_that_it_goes() -> None:
    platform = Platform()
    platform.apply_issuer()
    settled(platform)
    body = platform.issuer()
    assert body is not None
    held = {**body, "metadata": {**body["metadata"], "finalizers": ["example.com/hold"]}}
    platform.api.put(("clusteroauthissuers", "", "corporate"), held)
    platform.delete_issuer()
    settled(platform)
    platform.apply()
    settled(platform)
    assert platform.said()[:2] == ("False", "IssuerNotReady")
    assert "it is being deleted" in platform.said()[2]


def test_of_an_issuer_that_waits_for_its_end_discovery_says_what_is_so_of_discovery() -> None:
    platform = Platform()
    platform.apply_issuer()
    platform.apply()
    settled(platform)
    platform.delete_issuer()
    settled(platform)
    assert platform.said(name=None)[:2] == ("False", "InUse")
    assert platform.said("Discovered", name=None)[:2] == ("True", "Discovered")
    # Nobody can go there any more, and it waits all the same.
    platform.no_door = "the certificates cannot be read"
    platform.start()
    settled(platform)
    assert platform.said(name=None)[:2] == ("False", "InUse")
    assert platform.said("Discovered", name=None)[:2] == ("False", "InvalidSpec")


def test_an_issuer_without_a_door_says_so_for_as_long_and_nobody_goes_there() -> None:
    platform = Platform(no_door="the certificates cannot be read")
    platform.apply_issuer()
    platform.apply()
    settled(platform)
    said = platform.said(name=None)
    assert said[:2] == ("False", "InvalidSpec")
    assert "the certificates cannot be read" in said[2]
    # It is looked at again, and nothing was mended.
    platform.wake(cluster_issuer("corporate"))
    settled(platform)
    assert platform.said(name=None) == said
    assert platform.said()[:2] == ("False", "IssuerNotReady")
    assert platform.server.calls == []
    platform.no_door = None
    platform.wake(cluster_issuer("corporate"))
    assert settled(platform).said()[:2] == ("True", "Registered")


def test_a_client_is_ended_by_the_authorities_of_before_where_those_of_now_are_not_there() -> None:
    platform = Platform()
    place = ("configmaps", names.SYSTEM_NAMESPACE, "idp-ca")
    certificate = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
    platform.api.put(place, {"metadata": {"name": "idp-ca", "uid": "c"}, "data": {"ca.crt": certificate}})
    platform.apply_issuer({**SPEC, "trust": {"caBundleRef": {"name": "idp-ca"}}})
    platform.apply()
    assert settled(platform).said()[:2] == ("True", "Registered")
    del platform.api.objects[place]
    platform.wake(cluster_issuer("corporate"))
    assert settled(platform).said()[:2] == ("False", "IssuerNotReady")
    platform.server.addresses.clear()
    platform.delete()
    settled(platform)
    assert platform.server.calls == ["POST", "DELETE"]
    # Its token must not go to whomever the system's authorities vouch for.
    assert {at.reach and at.reach.authorities for at in platform.server.addresses} == {certificate}


def test_clients_that_waited_while_an_issuer_could_not_be_looked_at_are_told_of_its_change_in_turn() -> None:
    platform = Platform()
    platform.apply_issuer()
    for name in ("web", "web-1", "web-2"):
        platform.apply(name)
    settled(platform)

    async def refused(*_: Any) -> Any:
        raise RequestRefused("forbidden", status=403)

    # A process that begins may not read what the issuer refers to since.
    platform.api.read_config_map = refused
    platform.apply_issuer({**SPEC, "trust": {"caBundleRef": {"name": "idp-ca"}}})
    platform.start()
    platform.apply("web-3")
    platform.apply("web-2", clientMetadata={**CLIENT["clientMetadata"], "client_name": "Edited"})
    settled(platform)
    told, watched, before = list[str](), platform.issuer_ports.watched, len(platform.passes)
    watched.wake_clients = told.append  # type: ignore[method-assign,assignment] # the watch spreads them, and is not here
    platform.apply_issuer({**SPEC, "defaults": {"proof": {"interval": "12h"}}})
    platform.wakes_issuer = False
    settled(platform)
    woken = {key.name for key in platform.passes[before:]} - {"corporate"}
    assert woken == {"web-2", "web-3"}, "who is new, or was edited, waits for nobody"
    assert told == ["corporate"]
