"""Who goes first, when another one does, and who is woken for that: what becomes of clients, and a clock."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from oauthclient_operator.names import API_VERSION, ISSUER_KIND, KIND, Reason
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.plan.rollout import Rollout
from oauthclient_operator.reconcile.rollouts import FIRST_PAUSE, PATIENCE, Rollouts
from oauthclient_operator.record.summary import Summary
from oauthclient_operator.resource.condition import Condition
from oauthclient_operator.resource.desired import Desired
from oauthclient_operator.resource.issuer_reference import AppliedIssuer
from oauthclient_operator.resource.key import Key, cluster_issuer, oauth_client
from oauthclient_operator.resource.oauth_client import OAuthClient
from oauthclient_operator.resource.terms import IssuerResource, IssuerTerms

ISSUER = "https://idp.example.com"
TO = IssuerResource(name="corporate", uid="u", generation=2)
DESIRED = Desired(terms=IssuerTerms(issuer=ISSUER, resource=TO), metadata=ClientMetadata.confirmed({"a": 1}))
ME = cluster_issuer("corporate")
SUMMARY = Summary(
    resource_version="1",
    state="Registered",
    confirmed="v1:other",
    open_call=None,
    due=None,
    suspects=(),
    retry=None,
    refresh=None,
    client_labels={},
)
WEB, API, JOB = (oauth_client(*name.split("/")) for name in ("shop/web", "shop/api", "billing/job"))


def client(key: Key, *, applied: int = 1, reason: str = "Registered", paused: bool = False) -> OAuthClient:
    ready: dict[str, JSON] = {
        "type": "Ready",
        "status": "True" if reason == "Registered" else "False",
        "reason": reason,
        "message": "",
    }
    return OAuthClient.parse(
        {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "metadata": {
                "namespace": key.namespace,
                "name": key.name,
                "uid": key.name,
                "generation": 1,
                "annotations": {"oauth-operator.dev/paused": "true"} if paused else {},
            },
            "spec": {"issuerRef": {"kind": ISSUER_KIND, "name": "corporate"}},
            "status": {
                "observedGeneration": 1,
                "issuer": {"url": ISSUER, "name": "corporate", "uid": "u", "generation": applied},
                "conditions": [ready],
            },
        }
    )


class World:
    """Clients of one issuer as they are known, a clock, and who was woken."""

    def __init__(self, before: Condition | None = None) -> None:
        self.now = 1000.0
        self.clients = {key: client(key) for key in (WEB, API, JOB)}
        self.woken: list[Key] = []
        self.told = 0
        watched: Any = type("Watched", (), {"resource": lambda _, *name: self.clients.get(oauth_client(*name))})()
        self.rollouts = Rollouts(watched, lambda: self.now, self.woken.append)
        self.rollouts.begin(TO, before)

    def waits(self, key: Key) -> bool:
        return self.rollouts.keep_waiting(key, self.clients[key], SUMMARY, DESIRED)

    def conduct(self, to: IssuerResource = TO) -> tuple[Rollout | None, float | None]:
        def tell_all(_name: str) -> None:
            self.told += 1

        return self.rollouts.conduct(to, tell_all)

    def became(self, key: Key, **how: Any) -> None:
        self.clients[key] = client(key, **{"applied": 2, **how})
        self.rollouts.looked_at(key)


def sent(*first: Key) -> World:
    """Return a world in which these went first, one after the other, and all but the last failed."""
    world = World()
    for key in first:
        assert world.waits(key)
        world.conduct()
        if key is not first[-1]:
            world.became(key, reason="UpdateRejected")
    world.woken.clear()
    return world


def test_who_asks_first_is_sent_and_is_woken_and_the_others_wait() -> None:
    world = World()
    assert [world.waits(key) for key in (WEB, API)] == [True, True]
    assert world.woken == [ME, ME]
    assert world.conduct() == (Rollout(first="shop/web"), PATIENCE)
    assert world.woken[2:] == [WEB]
    assert [world.waits(key) for key in (WEB, API, JOB)] == [False, True, True]
    assert len(world.woken) == 3, "nobody needs to be looked at for those who wait"


def test_when_the_first_is_ready_the_issuer_is_looked_at_and_all_are_told_once() -> None:
    world = sent(WEB)
    assert world.waits(API)
    world.became(WEB)
    assert world.woken == [ME]
    for _ in range(2):
        assert world.conduct() == (Rollout(over=True), None)
    assert (world.told, world.waits(API)) == (1, False)


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"applied": 1}, id="it was not reached yet"),
        pytest.param({"reason": Reason.ISSUER_UNAVAILABLE}, id="its issuer does not answer"),
        pytest.param({"reason": Reason.PENDING}, id="it is on its way"),
    ],
)
def test_one_that_never_ends_keeps_the_others_waiting_for_so_long_alone(how: dict[str, Any]) -> None:
    world = sent(WEB)
    world.waits(JOB)
    world.became(WEB, **how)
    world.now += PATIENCE - 1
    assert world.conduct() == (Rollout(first="shop/web"), 1)
    world.now += 1
    assert world.conduct() == (Rollout(first="billing/job", failed=("shop/web (not ready in time)",)), PATIENCE)


def test_after_a_failure_another_tenants_goes_at_once_and_one_of_the_same_after_a_pause() -> None:
    world = sent(WEB)
    world.waits(API)
    world.became(WEB, reason="UpdateRejected")
    assert world.conduct() == (Rollout(failed=("shop/web (UpdateRejected)",)), FIRST_PAUSE)
    world.waits(JOB)
    assert world.woken[-1] == ME
    assert world.conduct()[0] == Rollout(first="billing/job", failed=("shop/web (UpdateRejected)",))
    world.became(JOB, reason="ManagementLost")
    assert world.conduct()[1] == 2 * FIRST_PAUSE
    world.now += 2 * FIRST_PAUSE
    found, _ = world.conduct()
    assert found is not None
    assert found.first == "shop/api"


def test_one_that_failed_and_is_ready_after_all_lets_all_go() -> None:
    world = sent(WEB, JOB)
    world.became(WEB)
    assert world.woken == [ME]
    assert world.conduct() == (Rollout(over=True), None)


@pytest.mark.parametrize("paused", [True, False])
def test_one_that_leaves_is_followed_by_another_and_may_ask_again(paused: bool) -> None:
    world = sent(WEB)
    world.waits(API)
    if paused:
        world.became(WEB, applied=1, paused=True)
    else:
        del world.clients[WEB]
        world.rollouts.looked_at(WEB)
    assert world.woken == [ME]
    assert world.conduct() == (Rollout(first="shop/api"), PATIENCE)
    world.clients[WEB] = client(WEB)
    assert world.waits(WEB)


@pytest.mark.parametrize(
    ("reason", "generation", "waits", "found"),
    [
        pytest.param("Applied", 2, False, (Rollout(over=True), None), id="all may go"),
        pytest.param("ClientNotReady", 2, True, (Rollout(said="why"), FIRST_PAUSE), id="the others wait"),
        pytest.param("OneFirst", 2, True, (Rollout(first="shop/web"), PATIENCE), id="one was on its way"),
        pytest.param("Applied", 1, True, (Rollout(first="shop/web"), PATIENCE), id="of an older change"),
    ],
)
def test_what_a_process_of_before_wrote_is_taken_up(reason: str, generation: int, waits: bool, found: Any) -> None:
    before = Condition(
        type="Applied",
        status="True" if reason == "Applied" else "False",
        reason=reason,
        message="why",
        last_transition_time=datetime(2026, 1, 1, tzinfo=UTC),
        observed_generation=generation,
    )
    world = World(before)
    assert world.waits(WEB) is waits
    assert world.conduct() == found


def test_a_newer_change_begins_anew_and_one_that_is_known_does_not() -> None:
    world = sent(WEB)
    world.rollouts.begin(TO, None)
    assert world.waits(API)
    assert world.conduct()[0] == Rollout(first="shop/web")
    newer = IssuerResource(name="corporate", uid="u", generation=3)
    assert world.conduct(newer) == (None, None), "its clients do not go by it yet"
    world.rollouts.begin(newer, None)
    assert world.conduct() == world.conduct(newer) == (None, None)
    world.rollouts.looked_at(WEB)
    assert world.woken == [], "who went first for the one before is one of many now"


def test_one_that_goes_first_for_the_issuer_that_it_moved_to_goes_there_whatever_the_other_makes_of_it() -> None:
    world, b = sent(WEB), IssuerResource(name="b", uid="b", generation=2)
    world.rollouts.begin(b, None)
    moved = client(WEB)
    applied = AppliedIssuer(url=ISSUER, name="b", uid="b", generation=1)
    reference: JSON = {"kind": ISSUER_KIND, "name": "b"}
    moved = replace(moved, spec={"issuerRef": reference}, status=replace(moved.status, issuer=applied))
    world.clients[WEB] = moved
    desired = replace(DESIRED, terms=IssuerTerms(issuer=ISSUER, resource=b))
    assert world.rollouts.keep_waiting(WEB, moved, SUMMARY, desired)
    assert world.conduct(b)[0] == Rollout(first="shop/web")
    assert world.conduct() == (None, None), "it left"
    assert not world.rollouts.keep_waiting(WEB, moved, SUMMARY, desired)
    del world.clients[WEB]
    world.rollouts.looked_at(WEB)
    assert world.woken[-1] == cluster_issuer("b")
    assert world.conduct(b) == (None, None)


def test_of_an_issuer_that_is_gone_nothing_is_kept() -> None:
    world = sent(WEB)
    world.rollouts.forget("corporate")
    assert world.conduct() == (None, None)
    assert not world.waits(API)
