"""Two installations, each with namespaces of its own, look after one ClusterOAuthIssuer: none undoes the other's work."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.cluster.operator_namespace import OperatorNamespace
from oauthclient_operator.errors import Conflict, RequestRefused
from oauthclient_operator.reconcile.accepted_issuers import AcceptedIssuers
from oauthclient_operator.reconcile.issuers import IssuerPasses
from oauthclient_operator.reconcile.observed_servers import ObservedServers
from oauthclient_operator.reconcile.rollouts import Rollouts
from oauthclient_operator.resource.key import Key, cluster_issuer
from tests.pure.simulation.operator_process import Watched
from tests.pure.simulation.platform import SPEC, Platform

SHOP_SYSTEM, OTHER_SYSTEM = names.SYSTEM_NAMESPACE, "billing-system"
ISSUER = cluster_issuer("corporate")


class _Elsewhere(Watched):
    """It watches namespaces in which nobody refers to any issuer."""

    def clients_of(self, _name: str) -> list[Key]:
        return []

    def wake_clients(self, _name: str) -> int:
        return 0


def with_client(**annotations: str) -> Platform:
    platform = Platform()
    platform.apply_issuer()
    annotated(platform, annotations)
    platform.apply()
    asyncio.run(platform.settle())
    return platform


def annotated(platform: Platform, annotations: Mapping[str, str]) -> None:
    body = platform.issuer()
    assert body is not None
    found = {f"{names.GROUP}/{name}": value for name, value in annotations.items()}
    platform.api.put(
        ("clusteroauthissuers", "", "corporate"), {**body, "metadata": {**body["metadata"], "annotations": found}}
    )


def other(platform: Platform, *namespaces: str) -> IssuerPasses:
    """Return another installation, which sees only these namespaces, and in whose own there is nothing."""
    watched = _Elsewhere(platform.api)
    ports = replace(
        platform.issuer_ports,
        watched=watched,
        accepted=AcceptedIssuers(watched),
        rollouts=Rollouts(watched, platform.clock.elapsed, platform.wake),
        servers=ObservedServers(platform.wake),
        namespace=OperatorNamespace(platform.api, OTHER_SYSTEM),
        namespaces=namespaces,
    )
    return IssuerPasses(ports)


def looks(of: IssuerPasses) -> None:
    asyncio.run(of.reconcile(ISSUER))


def finalizers(platform: Platform) -> list[str]:
    body = platform.issuer()
    assert body is not None
    return list(body["metadata"].get("finalizers", ()))


@pytest.mark.parametrize(("namespaces", "stays"), [(("billing",), True), ((), False)])
def test_a_finalizer_stays_where_clients_may_be_that_are_not_seen(namespaces: tuple[str, ...], stays: bool) -> None:
    platform = with_client()
    looks(other(platform, *namespaces))
    assert (names.ISSUER_FINALIZER in finalizers(platform)) is stays


def test_an_issuer_that_is_deleted_stays_until_the_last_client_of_either_is_gone_and_names_it() -> None:
    platform = with_client()
    platform.delete_issuer()
    looks(other(platform, "shop", "billing"))
    assert finalizers(platform) == [names.ISSUER_FINALIZER]
    assert platform.said(name=None)[1] == "InUse"
    assert "shop/web" in platform.said(name=None)[2]
    platform.delete()
    asyncio.run(platform.settle())
    assert platform.issuer() is None


def test_a_client_goes_on_where_another_installation_put_the_finalizer_there_for_which_it_waits() -> None:
    platform = Platform()
    platform.apply_issuer()
    asyncio.run(platform.settle())
    assert finalizers(platform) == [], "accepted, and without clients"
    ours, refused = platform.api.patch_cluster_issuer, []

    async def later(name: str, patch: Mapping[str, Any]) -> Any:
        body = platform.issuer()
        assert body is not None
        if not body["metadata"].get("finalizers"):
            held = {**body, "metadata": {**body["metadata"], "finalizers": [names.ISSUER_FINALIZER]}}
            platform.api.put(("clusteroauthissuers", "", "corporate"), held)
        try:
            return await ours(name, patch)
        except Conflict:
            refused.append(name)
            raise

    platform.api.patch_cluster_issuer = later
    platform.apply()
    asyncio.run(platform.settle())
    assert refused == ["corporate"]
    assert platform.said()[:2] == ("True", "Registered")


def test_whoever_comes_last_lets_go_of_an_issuer_that_is_deleted() -> None:
    platform = with_client()
    looks(other(platform, "billing"))
    platform.api.delete("shop", "web")
    del platform.api.objects["oauthclients", "shop", "web"]
    platform.delete_issuer()
    looks(other(platform, "billing"))
    assert platform.issuer() is None


@pytest.mark.parametrize("installation", [OTHER_SYSTEM, SHOP_SYSTEM], ids=["it says so", "the other one says so"])
def test_whose_clients_hold_an_issuer_that_is_deleted_is_asked_again_soon_and_then_less_and_less_often(
    installation: str,
) -> None:
    platform = with_client(installation=installation)
    platform.delete_issuer()
    elsewhere, deleted_at = other(platform, "billing"), datetime(2026, 1, 1, tzinfo=UTC)
    pauses = []
    for seconds in (30, 120, 600, 7200, -600):
        platform.clock.time = deleted_at + timedelta(seconds=seconds)
        at = asyncio.run(elsewhere.reconcile(ISSUER)).at
        assert at is not None
        pauses.append((at - platform.clock.now()).total_seconds())
    assert pauses == [15, 60, 300, 900, 300], "the last one's clock is ten minutes behind"


NEEDS_SECRET = {**SPEC, "access": {"initialAccessToken": {"secretRef": {"name": "idp-access"}}}}
"""Which is in the one installation's namespace alone."""


@pytest.mark.parametrize(
    ("annotations", "namespaces", "speaks"),
    [
        pytest.param({}, ("billing",), False, id="nobody of its namespaces is let in"),
        pytest.param({}, ("billing", "shop"), True, id="one of its namespaces is let in"),
        pytest.param({}, (), True, id="it looks after all namespaces"),
        pytest.param({"installation": SHOP_SYSTEM}, ("billing", "shop"), False, id="it is said to be the other's"),
        pytest.param({"installation": SHOP_SYSTEM}, (), False, id="also where that one sees everything"),
        pytest.param({"installation": OTHER_SYSTEM}, ("billing",), True, id="it is said to be its own"),
        pytest.param({"installation": ""}, ("billing",), False, id="nothing is said"),
    ],
)
def test_the_status_is_of_the_one_whose_it_is_said_to_be_or_that_may_have_clients(
    annotations: Mapping[str, str], namespaces: tuple[str, ...], speaks: bool
) -> None:
    platform = with_client()
    platform.apply_issuer(NEEDS_SECRET)
    annotated(platform, annotations)
    before = platform.issuer()
    looks(other(platform, *namespaces))
    after = platform.issuer()
    assert (before, after) != (None, None)
    assert (_status(before) != _status(after)) is speaks
    if speaks:
        assert platform.said(name=None)[:2] == ("False", "InitialAccessTokenMissing")


def _status(body: Any) -> Any:
    return body["status"]


def test_an_installation_whose_the_status_is_not_serves_its_clients_all_the_same() -> None:
    platform = with_client(installation=OTHER_SYSTEM)
    assert platform.said()[:2] == ("True", "Registered")
    body = platform.issuer()
    assert body is not None
    assert body["status"] == {}
    assert finalizers(platform) == [names.ISSUER_FINALIZER]


def test_what_the_api_server_refuses_one_whose_the_status_is_not_its_log_says(caplog: pytest.LogCaptureFixture) -> None:
    platform = Platform()
    platform.apply_issuer()
    annotated(platform, {"installation": OTHER_SYSTEM})

    async def refused(*_: Any) -> Any:
        raise RequestRefused("it is forbidden to patch finalizers", status=403)

    platform.api.patch_cluster_issuer = refused
    platform.apply()
    asyncio.run(platform.settle())
    assert platform.said()[:2] == ("Unknown", "Pending"), "its client waits"
    (said,) = {record.getMessage() for record in caplog.records if "forbidden" in record.getMessage()}
    assert "finalizers" in said
