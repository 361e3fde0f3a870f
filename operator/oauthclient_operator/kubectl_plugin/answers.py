"""What is asked for, and, where somebody waits, what came of it."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from ..cluster.connection import Connection
from ..errors import ClusterError
from ..oauth.json_object import JSON
from . import adoption, asking, tables, waiting
from .arguments import PROGRAM
from .following import Wanted, follow
from .proof_events import confirmed, told_nothing
from .turns import Standing


def wanted(verb: str, within: timedelta, asked: waiting.Asked | None = None) -> Wanted:
    """Return what is waited for after something was asked for."""
    return Wanted(
        ended=lambda version: waiting.outcome(verb, version, asked),
        stands=partial(waiting.progress, verb),
        within=within.total_seconds(),
    )


def telling(name: str) -> Callable[[str], None]:
    """Return how where a resource stands is told, of several at once."""
    return lambda said: _complain(f"{name}: {said}")


async def asked(connection: Connection, namespace: str, given: argparse.Namespace, now: datetime) -> int:
    """Ask for it of each, wait together if that is wanted, say what came of it, and return the exit status."""
    found = await asyncio.gather(*(_asked(connection, namespace, name, given, now) for name in given.name))
    _answer(given, [answer for answer in found if answer is not None])
    return int(any(answer is None or _is_amiss(given, answer) for answer in found))


async def adopted(connection: Connection, namespace: str, given: argparse.Namespace, now: datetime) -> int:
    """Hand a client over, wait if that is wanted, say what came of it, and return the exit status."""
    said, body = await adoption.adopt(connection, given, namespace, now)
    if given.dry_run:
        sys.stdout.write(f"{said}\n")
        return 0
    done: bool | None = None
    if given.wait is not None and body is not None:
        _complain(f"{given.name}: {said}")
        known, asks = Standing.of(body).message, waiting.Asked.of("retry", asking.stamp(now), body)
        goal = Wanted(
            ended=lambda version: waiting.adopted(version, given.client_id, asks, known),
            stands=partial(waiting.progress, "adopt"),
            within=given.wait.total_seconds(),
        )
        outcome, _ = await follow(connection, body, goal, telling(given.name))
        said, done = outcome.said, outcome.done
    _answer(given, [_entry(namespace, given.name, "adopt", said, done=done)])
    return int(given.wait is not None and done is not True)


async def _asked(
    connection: Connection, namespace: str, name: str, given: argparse.Namespace, now: datetime
) -> dict[str, JSON] | None:
    verb = given.command
    try:
        waits_for_proof = verb == "prove" and given.wait is not None
        proofs = await told_nothing(connection, namespace, name) if waits_for_proof else None
        body = await asking.ask(connection, verb, namespace, name, now)
        if given.wait is None:
            said = f"{asking.follows(verb)}; {PROGRAM} status {name} says how it goes"
            return _entry(namespace, name, verb, said, done=None)
        goal = wanted(verb, given.wait, asking.asked_once(verb, body, now))
        outcome, _ = await follow(connection, body, goal, telling(name))
        if waits_for_proof:
            outcome = await confirmed(connection, namespace, name, outcome, proofs)
    except ClusterError as error:
        _complain(f"{PROGRAM}: {name}: {error}")
        return None
    return _entry(namespace, name, verb, outcome.said, done=outcome.done)


def _entry(namespace: str, name: str, verb: str, said: str, *, done: bool | None) -> dict[str, JSON]:
    return {"namespace": namespace, "name": name, "asked": verb, "done": done, "said": said}


def _answer(given: argparse.Namespace, found: list[dict[str, JSON]]) -> None:
    if given.output == "json":
        sys.stdout.write(f"{tables.as_json([*found])}\n")
        return
    for answer in found:
        line = tables.shown(f"{answer['name']}: {_word(answer['done'])}{answer['said']}")
        (sys.stderr if _is_amiss(given, answer) else sys.stdout).write(f"{line}\n")


def _is_amiss(given: argparse.Namespace, answer: Mapping[str, JSON]) -> bool:
    return given.wait is not None and answer["done"] is not True


def _word(done: JSON) -> str:
    return {True: "done: ", False: "not done: "}[done] if isinstance(done, bool) else ""


def _complain(said: str) -> None:
    sys.stderr.write(f"{tables.shown(said)}\n")
