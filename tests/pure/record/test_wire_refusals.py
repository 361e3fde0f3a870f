"""How what is no record is refused: by its place, without a word of what stands there."""

import traceback

import pytest

from oauthclient_operator.errors import UnreadableRecord
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.record.wire import decode
from tests.pure.record.places import Place, found, with_value
from tests.pure.record.schema2 import OF_OTHERS, WHOLE, of_today, whole

ANSWER: Place = ("clients", 0, "answer", "members")
NO_TIMES: list[JSON] = [
    "yesterday",
    "2026-01-01T12:00:00",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59Z",
]
"""The second is of no time zone, the third is before time begins in UTC, a day after the last is no time."""
MISSPELT: dict[str, list[JSON]] = {
    **dict.fromkeys(("openedAt", "deadline", "closedAt", "sentAt", "until", "at", "since"), NO_TIMES),
    "outcome": ["no-such-word"],
    "state": ["no-such-word"],
    "refused": [["no-such-word"]],
    "endpoints": [{"token_endpoint": 7}],
}


def refusal(record: dict[str, JSON]) -> str | None:
    """Return how a record is refused, with all that a log would show of it, or None if it is read."""
    try:
        decode(record)
    except UnreadableRecord as refused:
        shown = "".join(traceback.format_exception(refused))
        assert not [word for word in ("'s1'", "'r1'", "no-such", "yesterday", "shop.example") if word in shown]
        return str(refused)
    return None


def spelt(place: Place) -> str:
    return "record" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)


def objects(value: JSON, place: Place) -> list[Place]:
    """Return the places of the objects that a member is or lists, where their members are ours."""
    if place[-1] in OF_OTHERS:
        return []
    if isinstance(value, list):
        return [(*place, index) for index, entry in enumerate(value) if isinstance(entry, dict)]
    return [place] if isinstance(value, dict) else []


def misfits(value: JSON, place: Place) -> list[JSON]:
    """Return values that may not stand where that one does."""
    misspelt = MISSPELT.get(str(place[-1]), [])
    match value:
        case bool():
            return [1, "true"]
        case int():
            return [True, "1", 1.5]
        case float():
            return [True, "1.5", 10**400, -(10**400)]
        case str():
            return [7, *misspelt]
        case list():
            return [{}, [None], [[]], *misspelt]
        case _:
            return [[], "x", *misspelt]


@pytest.mark.parametrize("name", WHOLE)
def test_members_that_are_not_known_below_the_record_are_refused(name: str) -> None:
    record = of_today(name)
    inner = [at for place in whole(name) for at in objects(found(record, place), place)]
    refusals = {at: refusal(with_value(record, at, {**found(record, at), "surprise": 1})) for at in inner}
    assert refusals == {at: f"{spelt(at)} has members that this schema does not know" for at in inner}


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_of_another_type_is_refused(name: str) -> None:
    record = of_today(name)
    tried = [(at, bad) for at in whole(name) for bad in misfits(found(record, at), at)]
    assert [(at, bad) for at, bad in tried if refusal(with_value(record, at, bad)) is None] == []


@pytest.mark.parametrize("answer", [{}, {"client_id": ""}, {"client_id": 7}], ids=str)
def test_an_answer_without_a_client_identifier_is_none(answer: dict[str, JSON]) -> None:
    told = refusal(with_value(of_today("everything"), ANSWER, answer))
    assert told == "record.clients[0].answer.members is missing or of another type"


def test_the_message_names_the_place() -> None:
    told = refusal(with_value(of_today("everything"), ("closedCalls", 1, "register", "attempt"), "one"))
    assert told == "record.closedCalls[1].register.attempt is missing or of another type"


def test_a_call_of_a_later_kind_is_refused() -> None:
    record = of_today("update-open")
    renamed = {("inspect" if key == "update" else key): value for key, value in found(record, ("openCall",)).items()}
    assert refusal({**record, "openCall": renamed}) == "record.openCall is a call of no kind that this schema knows"


def test_a_call_of_two_kinds_is_refused() -> None:
    twofold = with_value(of_today("update-open"), ("openCall", "deregister"), {"client": 1})
    assert refusal(twofold) == "record.openCall has members that this schema does not know"


def test_a_kind_that_is_not_known_cannot_have_been_refused() -> None:
    unknown = with_value(of_today("everything"), ("clients", 0, "refused"), ["update", "inspect"])
    assert refusal(unknown) == "record.clients[0].refused names a call of no kind that this schema knows"
