"""Clients of an issuer resource that says they are not managed: nothing is called for, whatever the server answers."""

from datetime import timedelta

from oauthclient_operator import names
from tests.pure.simulation.managed import BY_NOTHING, BY_TOKEN, managed


def test_what_is_not_managed_is_never_called_for_also_when_its_resource_and_its_issuer_are_gone() -> None:
    platform = managed(BY_NOTHING)
    client_id = platform.client_id()
    assert (platform.api.get("oauthclients", "shop", "web") or {})["status"]["registration"]["manageable"] is False
    platform.edit("Shop")
    assert platform.said()[:2] == ("False", "UpdateUnsupported")
    assert "spec.dialect.management: None" in platform.said()[2]
    platform.api.annotate("shop", "web", {names.REFRESH_ANNOTATION: "now"})
    platform.later()
    platform.delete()
    platform.settled()
    assert platform.api.get("oauthclients", "shop", "web") is None
    platform.delete_issuer()
    platform.settled()
    assert not ((platform.issuer() or {}).get("metadata") or {}).get("finalizers")
    for _ in range(3):
        platform.start()
        platform.later(timedelta(days=2))
    assert [*platform.server.clients] == [client_id]
    assert (platform.server.managed, platform.server.by_token) == ([], [])
    assert platform.server.calls == ["POST"]


def test_an_issuer_whose_clients_are_not_managed_any_more_has_what_is_left_behind_left_alone() -> None:
    platform = managed(BY_TOKEN)
    platform.apply_issuer(BY_NOTHING)
    platform.later()
    platform.delete()
    platform.later()
    assert platform.api.get("oauthclients", "shop", "web") is None
    platform.later(timedelta(days=2))
    assert (platform.server.managed, platform.server.by_token) == ([], [])


def test_what_is_handed_over_is_taken_up_without_a_look() -> None:
    platform = managed(BY_NOTHING, clients=0)
    made = platform.server.made({})
    platform.hand_over(made)
    platform.apply(adopt={"secretRef": {"name": "handed"}})
    platform.settled()
    assert platform.client_id() == made["client_id"]
    assert (platform.server.calls, platform.server.by_token) == ([], [])
