"""An access token opens everybody's clients: nothing that a tenant writes leads it to one of somebody else's."""

import copy
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.resource.key import cluster_issuer, oauth_client
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.managed import ADDRESS, BY_ACCESS, ManagedPlatform, managed
from tests.pure.simulation.platform import CLIENT

BY_ITSELF: dict[str, Any] = {"issuer": ISSUER, "clientMetadata": CLIENT["clientMetadata"]}
ADOPTS: dict[str, Any] = {"adopt": {"secretRef": {"name": "handed"}}}


def with_victim(clients: int = 0) -> tuple[ManagedPlatform, dict[str, Any]]:
    """Return a platform, and a client that somebody else has at its server, as it is."""
    platform = managed(clients=clients)
    return platform, copy.deepcopy(platform.server.made({"client_name": "Somebody else's"}))


def lives_on(platform: ManagedPlatform, victim: dict[str, Any], name: str = "web") -> None:
    """Edit and delete a client, and see that the other was not so much as looked at by access."""
    platform.later()
    platform.edit("Mine", name, **spec_beside(platform, name))
    platform.later()
    platform.api.annotate("shop", name, {names.REFRESH_ANNOTATION: "now"})
    platform.later()
    platform.delete(name)
    for _ in range(5):
        platform.later(timedelta(hours=1))
    assert platform.server.clients[victim["client_id"]] == victim
    assert not [what for what in platform.server.managed if victim["client_id"] in what]


def spec_beside(platform: ManagedPlatform, name: str) -> dict[str, Any]:
    spec = dict((platform.api.get("oauthclients", "shop", name) or {})["spec"])
    return {key: value for key, value in spec.items() if key not in ("clientMetadata", "issuerRef")}


@pytest.mark.parametrize("token", ["bogus", None], ids=["with a token of one's own making", "without a token"])
def test_by_handing_over_somebody_elses_client(token: str | None) -> None:
    platform, victim = with_victim()
    platform.hand_over(victim, registration_access_token=token)
    platform.apply(**ADOPTS)
    platform.settled()
    lives_on(platform, victim)


@pytest.mark.parametrize("token", ["bogus", None], ids=["with a token", "without a token"])
@pytest.mark.parametrize(
    "address",
    [
        pytest.param("{victim}", id="the other's"),
        pytest.param("{victim}?client_id={mine}", id="the other's, and one's own name"),
        pytest.param("{victim}/../{mine}", id="a way about it"),
    ],
)
def test_by_handing_over_ones_own_client_at_another_address(token: str | None, address: str) -> None:
    platform, victim = with_victim(clients=1)
    mine = platform.server.clients[platform.client_id()]
    at = address.format(victim=victim["registration_client_uri"], mine=mine["client_id"])
    platform.hand_over(mine, registration_access_token=token, registration_client_uri=at)
    platform.apply(**ADOPTS)
    platform.settled()
    lives_on(platform, victim)


def test_a_client_that_was_handed_over_is_managed_by_its_own_token_alone() -> None:
    platform, victim = with_victim()
    platform.hand_over(victim)
    platform.apply(**ADOPTS)
    platform.settled()
    assert platform.is_ready()
    platform.edit("Web shop", **ADOPTS)
    assert platform.server.clients[victim["client_id"]]["client_name"] == "Web shop"
    assert platform.server.by_token
    platform.server.lose_token(victim["client_id"])
    platform.edit("Third", **ADOPTS)
    assert platform.said()[:2] == ("False", "ManagementLost")
    assert platform.server.managed == []


@pytest.mark.parametrize("when", ["registration", "update"])
def test_by_an_address_that_an_answer_names(when: str) -> None:
    platform, victim = with_victim(clients=1 if when == "update" else 0)
    if when == "registration":
        platform.server.issued = {"registration_client_uri": victim["registration_client_uri"]}
        platform.apply()
    else:
        platform.server.wrong_address = victim["registration_client_uri"]
    platform.settled()
    lives_on(platform, victim)


def test_an_address_that_all_clients_share_is_never_called_by_access() -> None:
    platform, victim = with_victim()
    platform.server.issued = {"registration_client_uri": ADDRESS}
    platform.apply()
    platform.settled()
    lives_on(platform, victim)
    assert platform.server.managed == []


def other_issuer(platform: ManagedPlatform) -> dict[str, Any]:
    platform.apply_issuer(BY_ACCESS, name="other")
    platform.settled()
    return {"issuerRef": {"kind": names.ISSUER_KIND, "name": "other"}}


def test_another_issuer_resource_of_the_same_server_manages_what_it_admitted_itself() -> None:
    platform = managed()
    client_id = platform.client_id()
    platform.edit("Web shop", **other_issuer(platform))
    # As the watch of clients does.
    platform.wake(cluster_issuer("other"))
    platform.settled()
    assert platform.is_ready()
    assert platform.server.clients[client_id]["client_name"] == "Web shop"
    assert (platform.server.managed, platform.server.by_token) == ([], [f"PUT /register/{client_id}"])
    platform.edit("Back")
    assert platform.server.managed == [f"PUT /register/{client_id}"]


def test_a_client_that_was_registered_without_the_issuer_resource_is_managed_by_its_own_token() -> None:
    platform = managed(clients=0)
    platform.server.takes = None
    platform.api.apply("shop", "web", BY_ITSELF)
    platform.wake(oauth_client("shop", "web"))
    platform.settled()
    client_id = platform.client_id()
    platform.apply()
    platform.edit("Web shop")
    assert platform.server.clients[client_id]["client_name"] == "Web shop"
    assert (platform.server.managed, platform.server.by_token) == ([], [f"PUT /register/{client_id}"])


def test_an_issuer_of_the_same_name_that_was_made_anew_manages_nothing_of_the_one_before() -> None:
    platform = managed()
    client_id = platform.client_id()
    # As where a backup was restored, records and all.
    key = ("clusteroauthissuers", "", "corporate")
    body = platform.api.get(*key)
    assert body is not None
    body["metadata"]["uid"] = "made anew"
    platform.api.put(key, body)
    platform.start()
    platform.settled()
    platform.edit("Web shop")
    assert platform.server.clients[client_id]["client_name"] == "Web shop"
    assert (platform.server.managed, platform.server.by_token) == ([], [f"PUT /register/{client_id}"])


def test_another_server_is_shown_no_access_token_by_an_issuer_that_moved_there() -> None:
    platform = managed()
    platform.apply_issuer({**BY_ACCESS, "issuer": "https://other.example"})
    platform.later()
    platform.edit("Web shop")
    assert platform.server.managed == []


def test_two_records_with_one_client_end_it_once_both_are_gone() -> None:
    platform = managed()
    client_id = platform.client_id()
    platform.server.gives_out_again = client_id
    platform.apply("web-2")
    platform.settled()
    assert len(platform.records()) == 2
    platform.delete("web-2")
    for _ in range(4):
        platform.later(timedelta(hours=1))
    assert client_id in platform.server.clients
    platform.delete()
    for _ in range(4):
        platform.later(timedelta(hours=1))
    assert client_id not in platform.server.clients
