"""The benchmark of an issuer that is edited: what it computes of what was seen, and which bounds it holds."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from bench.issuer_change import _Watched
from bench.issuer_report import Edited, IssuerReport, Update
from oauthclient_operator import names

COUNT = 100
UPDATED = Edited(
    what="clientMetadata.defaults",
    clients=COUNT,
    puts={f"/reg/{n}": 1 for n in range(COUNT)},
    sent=[n / 10 for n in range(COUNT)],
    # The first is Ready at version 13, and then one is begun every ten versions, two at once.
    updates=[
        Update(opened=10, closed=12, seconds=0.1),
        *(Update(opened=10 * n, closed=10 * n + 15, seconds=0.1) for n in range(2, COUNT + 1)),
    ],
    ready=[13, *(10 * n + 17 for n in range(2, COUNT + 1))],
    total=10.0,
    requests=Counter({"patch secrets": 3 * COUNT, "patch oauthclients/status": COUNT, "create events": COUNT}),
    passes=2.0 * COUNT,
    cpu=1.0,
)
TOLD = replace(
    UPDATED,
    what="allowed",
    puts={},
    sent=[],
    updates=[],
    requests=Counter({"patch oauthclients/status": COUNT}),
)
REPORT = IssuerReport(updated=UPDATED, told=TOLD, alone=[0.3, 0.4, 0.5], meanwhile=[0.5, 0.6], tenants=9)


def test_what_it_computes() -> None:
    assert (UPDATED.in_flight, UPDATED.seconds, UPDATED.in_a_second, UPDATED.before_the_first_was_ready) == (
        2,
        0.1,
        10,
        1,
    )
    assert UPDATED.writes == 4.0
    assert (TOLD.in_flight, TOLD.in_a_second, TOLD.writes) == (0, 0, 1.0)


def test_where_all_bounds_hold_none_is_named_and_the_lines_say_what_it_took() -> None:
    assert REPORT.broken() == []
    text = "\n".join(REPORT.lines())
    assert "the last of 100 clients after 10.0 s" in text
    assert (
        "100 PUTs to 100 clients, at most 1 to each; 2 on their way at once, 0.10 s each, 10 in the busiest second; 1 before"
        in text
    )
    assert "4.00 writes" in text
    assert (
        "alone: 0.40 s, 0.50 s at most (of 3); meanwhile: 0.55 s, 0.60 s at most (of 2), where 3.5 s would be its turn"
        in text
    )


@pytest.mark.parametrize(
    ("updated", "broken"),
    [
        pytest.param({"puts": {"/reg/0": 1}}, "1 of 100 clients were updated, 0 more than once", id="not all"),
        pytest.param({"puts": {**UPDATED.puts, "/reg/0": 2}}, "100 of 100 clients were updated, 1 more", id="twice"),
        pytest.param({"ready": [25]}, "2 updates began before the first was Ready", id="the first was not waited for"),
        pytest.param(
            {"updates": [UPDATED.updates[0], *[Update(opened=20, closed=30)] * 17]},
            "more than 16 PUTs at once",
            id="at once",
        ),
        pytest.param({"sent": [0.0] * COUNT}, "more than 20 PUTs in a second", id="not spread"),
        pytest.param({"requests": Counter({"patch secrets": 6 * COUNT})}, "more than 5 writes", id="writes"),
        pytest.param({"passes": 5.0 * COUNT}, "more than 4 passes", id="passes"),
    ],
)
def test_a_bound_that_is_broken_is_named(updated: dict[str, Any], broken: str) -> None:
    (found,) = replace(REPORT, updated=replace(UPDATED, **updated)).broken()
    assert broken in found


@pytest.mark.parametrize(
    ("report", "broken"),
    [
        pytest.param({"told": UPDATED}, "100 PUTs though nothing had to be sent", id="PUTs for nothing"),
        pytest.param(
            {"told": replace(TOLD, requests=UPDATED.requests)}, "more than the status", id="writes for nothing"
        ),
        pytest.param({"meanwhile": []}, "no new client became Ready meanwhile", id="nobody"),
        pytest.param({"meanwhile": [3.6, 3.7]}, "a new client waited too long meanwhile", id="too long"),
    ],
)
def test_so_is_one_of_an_edit_that_sends_nothing_or_of_new_clients(report: dict[str, Any], broken: str) -> None:
    assert any(broken in found for found in replace(REPORT, **report).broken())


def test_what_the_watches_tell_is_taken_by_versions() -> None:
    watched = _Watched(2, frozenset({"a", "b"}))

    def resource(uid: str, version: int, generation: int, status: str = "True") -> dict[str, Any]:
        said = {"issuer": {"generation": generation}, "conditions": [{"type": "Ready", "status": status}]}
        return {"metadata": {"uid": uid, "resourceVersion": str(version)}, "status": said}

    def record(uid: str, version: int, call: str | None, at: float = 0.0) -> None:
        annotations = {} if call is None else {names.OPEN_CALL_ANNOTATION: call}
        watched.saw_record({"name": uid, "resourceVersion": str(version), "annotations": annotations}, at)

    record("a", 10, "2:update", 5.0)
    record("a", 11, "2:update")
    record("c", 12, "1:register")
    record("a", 13, None, 5.5)
    assert watched.updates == [Update(opened=10, closed=13, seconds=0.5)]
    assert not watched.saw_resource(resource("a", 14, 2))
    assert not watched.saw_resource(resource("b", 15, 1))
    assert not watched.saw_resource(resource("b", 16, 2, "False"))
    assert not watched.saw_resource(resource("c", 17, 2))
    assert watched.saw_resource(resource("b", 18, 2))
    assert watched.ready == {"a": 14, "b": 18}
