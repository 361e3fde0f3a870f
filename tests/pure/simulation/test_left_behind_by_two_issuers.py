"""Two issuers of one server admitted clients that were left behind in one record: each is ended by the one it came by."""

import base64
from datetime import timedelta

import pytest

from oauthclient_operator import names
from oauthclient_operator.resource.key import cluster_issuer
from tests.pure.simulation.managed import BY_ACCESS, ManagedPlatform, managed
from tests.pure.simulation.test_left_behind_and_ended_by_access import FORBIDDEN, days

SECRETS = ("idp-client", "idp-client-2")
SECOND = {**BY_ACCESS, "access": {"clientCredentials": {"secretRef": {"name": SECRETS[1]}}}}


def moved() -> tuple[ManagedPlatform, str, str]:
    """Return a platform whose client moved to the second issuer and was replaced there; and both clients."""
    platform = managed(clients=0)
    held = {"issuer": BY_ACCESS["issuer"], "client_id": "registrar", "client_secret": "of-the-registrar"}
    data = {key: base64.b64encode(value.encode()).decode() for key, value in held.items()}
    body = {"metadata": {"name": SECRETS[1], "uid": "s2"}, "type": names.CLIENT_CREDENTIALS_TYPE, "data": data}
    platform.api.put(("secrets", names.SYSTEM_NAMESPACE, SECRETS[1]), body)
    platform.apply_issuer(SECOND, name="second")
    platform.server.issued = {"registration_access_token": None}
    platform.apply()
    platform.settled()
    first = platform.client_id()
    platform.apply("web", issuerRef={"kind": names.ISSUER_KIND, "name": "second"})
    platform.wake(cluster_issuer("second"))
    platform.settled()
    assert platform.client_id() == first, "the same server"
    platform.server.objects = lambda _token: FORBIDDEN
    platform.api.annotate("shop", "web", {names.ROTATE_ANNOTATION: "now"})
    days(platform, 4)
    assert platform.client_id() != first
    return platform, first, platform.client_id()


@pytest.mark.parametrize("denied", [(), SECRETS[:1], SECRETS[1:], SECRETS])
def test_that_one_issuer_lets_nobody_in_keeps_no_client_of_another_from_its_end(denied: tuple[str, ...]) -> None:
    platform, *clients = moved()
    platform.delete()
    platform.settled()
    for _ in range(2):
        platform.later(timedelta(hours=2))
    assert platform.api.get("oauthclients", "shop", "web") is None
    kept = {name: platform.api.objects.pop(("secrets", names.SYSTEM_NAMESPACE, name)) for name in denied}
    platform.server.objects = lambda _token: None
    asked = len(platform.server.forms)
    days(platform, 6)
    assert [*platform.server.clients] == [c for c, name in zip(clients, SECRETS, strict=True) if name in denied]
    assert len(platform.server.forms) - asked <= 3 * 6, "an issuer's own passes ask, too"
    for name, body in kept.items():
        platform.api.put(("secrets", names.SYSTEM_NAMESPACE, name), body)
    platform.start()
    days(platform, 4)
    assert platform.server.clients == {}


@pytest.mark.parametrize("denied", [(), SECRETS[:1], SECRETS[1:]])
@pytest.mark.parametrize("begins", [False, True], ids=["the same process", "a process that begins"])
def test_while_its_resource_lives_the_issuer_of_before_ends_what_it_admitted(
    denied: tuple[str, ...], begins: bool
) -> None:
    platform, first, second = moved()
    kept = {name: platform.api.objects.pop(("secrets", names.SYSTEM_NAMESPACE, name)) for name in denied}
    platform.server.objects = lambda _token: None
    if begins:
        platform.start()
    days(platform, 4)
    assert [*platform.server.clients] == ([first, second] if SECRETS[0] in denied else [second])
    assert platform.client_id() == second
    if denied != SECRETS[1:]:
        assert platform.is_ready()
    for name, body in kept.items():
        platform.api.put(("secrets", names.SYSTEM_NAMESPACE, name), body)
    days(platform, 3)
    assert [*platform.server.clients] == [second]
    assert platform.is_ready()
    # What is published is changed by its own issuer's token, as ever.
    platform.edit("Shop 2", issuerRef={"kind": names.ISSUER_KIND, "name": "second"})
    assert platform.server.clients[second]["client_name"] == "Shop 2"


def test_an_issuer_of_before_that_was_made_anew_ends_nothing() -> None:
    platform, first, second = moved()
    platform.server.objects = lambda _token: None
    issuer = platform.issuer()
    assert issuer is not None
    issuer["metadata"]["uid"] = "another-uid"
    platform.api.put(("clusteroauthissuers", "", "corporate"), issuer)
    platform.start()
    before = len(platform.server.managed)
    days(platform, 3)
    assert [*platform.server.clients] == [first, second]
    assert len(platform.server.managed) == before
