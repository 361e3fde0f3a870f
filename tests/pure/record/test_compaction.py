"""What is kept of a record's past, and what is not."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.record.attempts import Attempt, AttemptState
from oauthclient_operator.record.calls import CallKind, CallOutcome, ClosedCall
from oauthclient_operator.record.clients import Client, Ended, Ending, Registered, Spare, UpdateDue
from oauthclient_operator.record.compaction import compacted
from oauthclient_operator.record.pairs import pair_of
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacements import Leaving
from tests.pure.record.steps import LATER, named, update
from tests.pure.records import ISSUER, METADATA, NOW, call, empty_record, information, published, registered_record

REGISTERED = registered_record()


def closed(number: int, kind: CallKind = CallKind.UPDATE, client: int = 1, **values: Any) -> ClosedCall:
    made = call(replace(REGISTERED, next_call=number), kind, client=client, **values)
    return ClosedCall(call=made.compacted(), outcome=CallOutcome.REJECTED, at=NOW)


def with_closed(*entries: ClosedCall) -> Record:
    return replace(REGISTERED, closed=tuple(sorted(entries, key=lambda c: c.number)))


def numbers(record: Record) -> list[int]:
    return [c.number for c in record.closed]


def test_of_calls_the_sixteen_newest_are_kept() -> None:
    record = with_closed(*(closed(n) for n in range(1, 31)))
    assert numbers(compacted(record)) == [*range(15, 31)]
    few = with_closed(*(closed(n) for n in range(1, 17)))
    assert compacted(few) == few


def test_of_each_kind_and_client_the_newest_call_is_kept() -> None:
    old = (
        closed(1, CallKind.REGISTER),
        closed(2, CallKind.REGISTER),
        closed(3, CallKind.DEREGISTER),
        closed(4, CallKind.DEREGISTER),
        closed(5),
        closed(6, client=2),
    )
    record = compacted(with_closed(*old, *(closed(n, CallKind.REGISTER) for n in range(7, 31))))
    # The first of them brought the client in use.
    assert numbers(record) == [1, 4, 5, *range(15, 31)]


def test_the_registrations_and_attempts_that_brought_what_is_in_use_are_kept() -> None:
    leaves = replace(client(2), origin=Registered(attempt=2, at=NOW))
    record = replace(REGISTERED.with_client(leaves), leaving=(Leaving(pair=pair_of(leaves)),))
    attempts_made = attempts([AttemptState.COMMITTED] * 20).attempts
    closed_calls = tuple(closed(n, CallKind.REGISTER) for n in range(1, 41))
    kept = compacted(replace(record, closed=closed_calls, attempts=attempts_made))
    assert numbers(kept) == [1, 2, *range(25, 41)]
    assert [a.number for a in kept.attempts] == [1, 2, *range(13, 21)]


def test_of_updates_of_what_is_in_use_the_newest_of_the_four_newest_sayings_are_kept() -> None:
    sayings: list[dict[str, Any]] = [{"digest": f"v1:{n}", "kids": kids} for n in range(3) for kids in ((), ("k1",))]
    twice = (closed(n, **saying) for n, saying in enumerate(sayings * 2, start=1))
    others = (closed(n, client=2, digest=f"v1:{n}") for n in range(13, 19))
    record = with_closed(*twice, *others, *(closed(n, CallKind.REGISTER) for n in range(19, 41)))
    assert numbers(compacted(record)) == [9, 10, 11, 12, *range(25, 41)]
    with_candidate = replace(record.with_client(client(2)), leaving=(Leaving(pair=pair_of(client(2))),))
    assert numbers(compacted(with_candidate)) == [9, 10, 11, 12, 15, 16, 17, 18, *range(25, 41)]


def test_of_registrations_the_newest_of_the_four_newest_sayings_are_kept() -> None:
    sayings = [f"v1:{n}" for n in range(6)]
    made = (closed(n, CallKind.REGISTER, digest=digest) for n, digest in enumerate(sayings * 2, start=1))
    record = with_closed(*made, *(closed(n) for n in range(13, 41)))
    assert numbers(compacted(record)) == [1, 9, 10, 11, 12, *range(25, 41)]


def test_of_a_client_that_the_record_does_not_know_any_more_no_call_is_kept_for_ever() -> None:
    gone = (closed(n, CallKind.DEREGISTER, client=n) for n in range(2, 1000))
    assert numbers(compacted(with_closed(*gone))) == [*range(984, 1000)]


def test_a_call_that_is_unresolved_is_kept() -> None:
    record = with_closed(*(closed(n) for n in range(1, 31)))
    record = record.with_client(replace(published(record), standing=UpdateDue((3, 7))))
    assert numbers(compacted(record)) == [3, 7, *range(15, 31)]


def attempts(states: Iterable[AttemptState]) -> Record:
    made = (
        Attempt(
            number=number,
            issuer=ISSUER,
            endpoint=f"{ISSUER}/register",
            sent_at=NOW,
            until=LATER,
            state=state,
            metadata=METADATA,
        )
        for number, state in enumerate(states, start=1)
    )
    return replace(empty_record(), attempts=tuple(made))


def test_of_attempts_the_eight_newest_are_kept_and_every_suspect() -> None:
    states = [AttemptState.SUSPECT, *([AttemptState.SETTLED, AttemptState.COMMITTED] * 5)]
    assert [a.number for a in compacted(attempts(states)).attempts] == [1, *range(4, 12)]
    assert [a.number for a in compacted(attempts(states[:8])).attempts] == [*range(1, 9)]


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        (AttemptState.OPEN, METADATA),
        (AttemptState.SUSPECT, METADATA),
        (AttemptState.COMMITTED, {}),
        (AttemptState.REFUSED, {}),
        (AttemptState.SETTLED, {}),
    ],
)
def test_what_was_sent_is_kept_while_somebody_may_ask(state: AttemptState, kept: object) -> None:
    assert [a.metadata for a in compacted(attempts([state])).attempts] == [kept]


def client(key: int) -> Client:
    answer = replace(published(REGISTERED).answer, information=information(**named(f"c{key}")), call=key)
    spares = (Spare(call=key, client_secret=information().client_secret),)
    return replace(published(REGISTERED), key=key, answer=answer, spares=spares, end=Ended(at=NOW))


def with_clients(*clients: Client) -> Record:
    record = REGISTERED
    for each in clients:
        record = record.with_client(each)
    return record


def test_of_a_client_that_is_gone_its_identity_is_kept_and_nothing_to_use_it_with() -> None:
    gone = compacted(with_clients(client(2))).clients[1]
    assert gone.information.members == named("c2")
    assert (gone.confirmed, gone.spares, gone.end) == (None, (), Ended(at=NOW))


def test_of_clients_that_are_gone_the_eight_newest_are_kept() -> None:
    record = compacted(with_clients(*(client(key) for key in range(2, 14))))
    assert [c.key for c in record.clients] == [1, *range(6, 14)]


def test_a_client_that_may_live_is_kept_whole() -> None:
    ending = [replace(client(key), end=Ending(since=NOW, lost=True)) for key in range(2, 14)]
    assert compacted(with_clients(*ending)) == with_clients(*ending)


def test_what_is_published_is_kept_whole_even_when_it_is_gone() -> None:
    gone = replace(published(REGISTERED), end=Ended(at=NOW))
    record = compacted(with_clients(gone, *(client(key) for key in range(2, 14))))
    assert published(record) == gone
    assert [c.key for c in record.clients] == [1, *range(6, 14)]


def test_what_was_compacted_stays_as_it_is() -> None:
    record = with_closed(*(closed(n) for n in range(1, 31)))
    record = replace(record, attempts=attempts([AttemptState.SETTLED] * 11).attempts)
    for key in range(2, 14):
        record = record.with_client(client(key))
    assert compacted(compacted(record)) == compacted(record)


def test_what_is_open_is_kept_with_what_it_sends() -> None:
    open_now = call(REGISTERED, CallKind.UPDATE, **update(REGISTERED))
    record = compacted(replace(REGISTERED, open=open_now))
    assert record.open == open_now
