"""A resource goes whose client access alone can end, while its issuer is not looked at yet, or cannot be used."""

import asyncio
from datetime import timedelta

import pytest

from oauthclient_operator.commands.issuers import accept
from oauthclient_operator.commands.orphans import DONE, deregister
from oauthclient_operator.commands.remains import Kind, Remains, lines
from oauthclient_operator.record.record import ReleaseOutcome
from oauthclient_operator.resource.cluster_oauth_issuer import ClusterOAuthIssuer
from oauthclient_operator.resource.key import cluster_issuer, oauth_client
from tests.pure.simulation.managed import BY_ACCESS, BY_TOKEN, ManagedPlatform, managed
from tests.pure.simulation.test_left_behind_and_ended_by_access import left_behind

HOUR = timedelta(hours=1)
UNUSABLE = {"trust": {"caBundleRef": {"name": "idp-ca"}}}
"""There is no such ConfigMap."""


def without_token() -> ManagedPlatform:
    """Return a platform whose one client has no registration access token."""
    platform = managed(clients=0)
    platform.server.issued = {"registration_access_token": None}
    platform.apply()
    assert platform.settled().is_ready()
    return platform


def released(platform: ManagedPlatform) -> ReleaseOutcome | None:
    (record,) = platform.records()
    return None if record.released is None else record.released.outcome


def accepted(platform: ManagedPlatform) -> None:
    """Do what a command does, which takes no passes over issuers."""
    bodies = [body for key, body in platform.api.objects.items() if key[0] == "clusteroauthissuers"]
    issuers, ports = [ClusterOAuthIssuer.parse(body) for body in bodies], platform.issuer_ports
    asyncio.run(accept(issuers, platform.world.accepted, ports.namespace, ports.why_no_door))


def only_client(platform: ManagedPlatform, passes: int = 6) -> None:
    """Take passes over the client, and none over its issuer."""
    platform.woken.clear()
    for _ in range(passes):
        asyncio.run(platform.clients.reconcile(oauth_client("shop", "web")))


@pytest.mark.parametrize("later", [timedelta(), 3 * HOUR], ids=["at once", "after hours without an operator"])
def test_a_process_that_begins_waits_until_it_has_looked_at_the_issuer(later: timedelta) -> None:
    platform = without_token()
    platform.delete()
    platform.start()
    platform.woken.clear()
    if later:
        # A process of before waited, too.
        only_client(platform)
        platform.clock.time += later
        platform.start()
        platform.woken.clear()
    # The issuer's own pass awaits the API server: another worker takes the client first.
    platform.wake(oauth_client("shop", "web"))
    platform.wake(cluster_issuer("corporate"))
    platform.settled()
    assert platform.server.clients == {}
    assert released(platform) in (None, ReleaseOutcome.CONFIRMED)


@pytest.mark.parametrize("own_token", [True, False], ids=["its token is lost", "it has no token"])
def test_an_issuer_that_cannot_be_used_for_a_moment_is_waited_for(own_token: bool) -> None:
    platform = managed() if own_token else without_token()
    if own_token:
        platform.server.lose_token(platform.client_id())
    platform.apply_issuer({**BY_ACCESS, **UNUSABLE})
    platform.settled()
    assert platform.said(name=None)[0] == "False"
    platform.delete()
    platform.settled()
    platform.later(timedelta(minutes=5))
    assert released(platform) is None
    if not own_token:
        assert "cannot be used now: that one's status says why" in platform.said()[2]
    platform.apply_issuer(BY_ACCESS)
    platform.settled()
    platform.later()
    assert platform.server.clients == {}


def test_it_is_waited_for_as_long_as_release_after_says() -> None:
    platform = without_token()
    platform.apply_issuer({**BY_ACCESS, **UNUSABLE})
    platform.settled()
    platform.delete()
    platform.settled()
    platform.later(timedelta(minutes=50))
    assert released(platform) is None
    platform.later()
    assert released(platform) is ReleaseOutcome.UNCONFIRMED
    assert platform.api.get("oauthclients", "shop", "web") is None


@pytest.mark.parametrize("made_anew", [True, False])
def test_an_issuer_that_ends_nothing_is_not_waited_for(made_anew: bool) -> None:
    platform = without_token()
    platform.apply_issuer({**(BY_ACCESS if made_anew else BY_TOKEN), **UNUSABLE})
    issuer = platform.issuer()
    assert issuer is not None
    if made_anew:
        issuer["metadata"]["uid"] = "another-uid"
        platform.api.put(("clusteroauthissuers", "", "corporate"), issuer)
    platform.settled()
    platform.delete()
    platform.settled()
    assert released(platform) is ReleaseOutcome.UNCONFIRMED
    assert platform.server.managed == []


def test_uninstall_goes_by_the_issuers_terms_without_a_pass_over_them() -> None:
    platform = without_token()
    platform.start()
    platform.delete()
    written = platform.issuer()
    accepted(platform)
    only_client(platform)
    assert platform.server.clients == {}
    assert released(platform) is ReleaseOutcome.CONFIRMED
    assert platform.issuer() == written


@pytest.mark.parametrize("usable", [True, False])
def test_orphans_are_deregistered_by_access_where_their_issuer_can_be_used(usable: bool) -> None:
    platform = left_behind()
    platform.server.objects = lambda _token: None
    (record,) = (r for r in platform.records() if r.released is not None)
    remains = Remains(uid=record.subject.uid, kind=Kind.LEFT_BEHIND, record=record)
    assert not any("only the server's administrator" in line for line in lines(remains))
    if not usable:
        platform.apply_issuer({**BY_ACCESS, **UNUSABLE})
    platform.start()
    accepted(platform)
    said = asyncio.run(deregister(platform.world, remains))
    assert (said == DONE) is usable
    assert len(platform.server.clients) == (1 if usable else 2)
