"""`oauthclient-operator orphans`: list what records hold of resources that are gone and, told so, deregister it.

It runs beside the operator and takes no Lease. What keeps the two apart is the record: one open call at a time,
claimed by compare-and-swap, and nothing sent after its deadline.
"""

import argparse
import json
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from .. import names
from ..errors import ClusterError, UnreadableRecord
from ..names import RESOLVE_ANNOTATION
from ..oauth.json_object import JSON
from ..oauth.words import cleaned, quoted, visible
from ..reconcile.observe import sharers, sharing_of
from ..reconcile.reconciler import Reconciler
from ..reconcile.world import World
from ..record.clients import Client, PassedOn
from ..record.holds import Word
from ..record.record import Record
from ..resource.key import record_of
from . import issuers
from .remains import Kind, Remains, as_json, find, lines
from .session import Alone, Session, executed, opened, parse, parser

DONE = "deregistered"
PASSED_ON = "left to another OAuthClient, which was given the same client since and deregisters it when it goes"


_HAVE: Final = (Word.HELD, Word.ADOPTING, Word.CLAIMED)
_WANTED: Final = (Kind.RETAINED, Kind.OTHER_CLUSTER, Kind.REPLACED, Kind.SUSPECTED)
"""Somebody may want these clients, or others of their record: nothing is done unless that is named."""


def main(argv: Sequence[str], environ: Mapping[str, str], *, program: str = names.OPERATOR) -> int:
    """List or deregister, and return the exit status: 1 where what was told is not done."""
    command = parser(
        "orphans",
        "List the clients in registration records whose OAuthClient is gone, or has another client by now.",
        "Run it with an administrator's kubeconfig. Exit status 0: listed, or all that was told is deregistered; "
        "1: not so; 2: a wrong option.",
        program=program,
    )
    command.add_argument("record", nargs="*", metavar="RECORD", help="the name of a record; default: all")
    command.add_argument(
        "--deregister",
        action="store_true",
        help="deregister the clients of those records, or of all but those retained, replaced or of other clusters",
    )
    command.add_argument("-o", "--output", choices=("text", "json"), default="text", help="default: text")
    # What lets the operator in is in its own namespace.
    options, given = parse(command, argv, environ, ("lease_namespace",))

    async def run() -> int:
        async with opened(options, environ, context=given.context) as session:
            return await _run(session, given)

    return executed("orphans", run())


async def _run(session: Session, given: argparse.Namespace) -> int:
    world = session.world(Alone())
    found = [await _with_others(world, remains) for remains in await find(session, given.record)]
    missing = sorted(set(given.record) - {remains.uid for remains in found})
    results: dict[str, str] = dict.fromkeys(missing, "no record of a resource that is gone")
    if given.deregister:
        if any(client.may_be_ended_by_access for remains in found for client in remains.clients):
            await issuers.accepted(session.parts, world)
        wanted = [remains for remains in found if given.record or remains.kind not in _WANTED]
        for number, remains in enumerate(wanted, 1):
            results[remains.uid] = await deregister(world, remains)
            if sys.stderr.isatty():
                # Each is a call to a server that may be slow, and nobody should wait without a word.
                said = visible(f"{remains.uid}: {results[remains.uid]}")
                sys.stderr.write(f"orphans: {number} of {len(wanted)}: {said}\n")
    if given.output == "json":
        entries: list[JSON] = [
            {**as_json(remains), **({"result": results[remains.uid]} if remains.uid in results else {})}
            for remains in found
        ]
        sys.stdout.write(json.dumps({"orphans": entries}, indent=2) + "\n")
        for uid in missing:
            sys.stderr.write(f"orphans: {visible(uid)}: {results[uid]}\n")
    else:
        sys.stdout.writelines(f"{visible(line)}\n" for line in _text(found, results))
    return int(any(result not in (DONE, PASSED_ON) for result in results.values()))


def _text(found: list[Remains], results: Mapping[str, str]) -> list[str]:
    said = [line for remains in found for line in _with_result(remains, results)]
    said += [f"{uid}: {results[uid]}" for uid in results.keys() - {remains.uid for remains in found}]
    return said or ["no record holds a client that nobody needs"]


def _with_result(remains: Remains, results: Mapping[str, str]) -> list[str]:
    result = results.get(remains.uid)
    return [*lines(remains), *([] if result is None else [f"    -> {result}"])]


async def deregister(world: World, remains: Remains) -> str:
    """Deregister the clients of one record by the operator's ladder; return `DONE`, `PASSED_ON`, or why it is not."""
    if remains.record is None:
        return "left alone: written by a newer operator, or no record"
    if remains.kind is Kind.REPLACED:
        return "left alone: its resource lives, and they are tried again when it is deleted"
    if remains.kind is Kind.SUSPECTED:
        return (
            "left alone: its resource lives; look for clients of the attempts named above at the authorization server, "
            f"and settle them by the resource's annotation {RESOLVE_ANNOTATION}"
        )
    key = record_of(remains.record.subject.namespace, remains.uid)
    try:
        due = await Reconciler(world).reconcile(key, asked_after=remains.record.next_call - 1, queues=False)
        stored = await world.records.read(remains.uid)
    except (ClusterError, UnreadableRecord) as error:
        return str(error)
    if stored is None:
        return "the record is gone"
    if due.why is not None:
        return due.why
    if stored.record.open is not None:
        return "another process is making a call for it; try again in a minute"
    if stored.record.released is None:
        # Found gone a moment ago; this destroys something, so it was looked at live.
        return "left alone: its resource is there"
    after = Remains(uid=remains.uid, kind=Kind.LEFT_BEHIND, record=stored.record)
    if after.clients:
        said = [line.strip() for line in list(lines(after))[1:]]
        return "not all is deregistered: " + "; ".join([*said, *await _held(world, stored.record, after.clients)])
    if after.suspects or after.untold is not None:
        return "nothing more can be called; look at the authorization server for what is named above"
    return PASSED_ON if any(isinstance(c.end, PassedOn) for c in stored.record.clients) else DONE


async def _held(world: World, record: Record, clients: Collection[Client]) -> list[str]:
    """Return who else holds clients of a record, which for that are not called for, and what can be done about it."""
    said = []
    for client in clients:
        if sharing_of(world.watched, record, client, world.settings.limits.margin).held:
            others = sharers(world.watched, record, client).items()
            by = [await _named(world, uid) for uid, hold in others if hold.word not in (Word.LEFT, Word.GONE)]
            said.append(f"client {quoted(client.information.client_id)} is left to {', '.join(by)}")
    if said:
        said.append(
            "to have it ended all the same, delete that OAuthClient and tell this again, its record first where that "
            "is kept; or remove the client at the authorization server"
        )
    return said


async def _with_others(world: World, remains: Remains) -> Remains:
    """Return the same with who else has its clients: whoever reads the list may end them at the server by hand."""
    if remains.record is None:
        return remains
    others = {}
    for client in remains.clients:
        holds = sharers(world.watched, remains.record, client).items()
        if (by := next((uid for uid, hold in holds if hold.word in _HAVE), None)) is not None:
            others[client.key] = await _named(world, by)
    return replace(remains, others=others)


async def _named(world: World, uid: str) -> str:
    try:
        stored = await world.records.read(uid)
    except (ClusterError, UnreadableRecord):
        stored = None
    if stored is None:
        return f"record {uid}"
    subject = stored.record.subject
    return f"OAuthClient {cleaned(subject.namespace, limit=63)}/{cleaned(subject.name, limit=253)} (record {uid})"
