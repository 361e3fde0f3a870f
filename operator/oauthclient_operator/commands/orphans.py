"""`oauthclient-operator orphans`: list what records hold of resources that are gone and, told so, deregister it.

It runs beside the operator and takes no Lease. What keeps the two apart is the record: one open call at a time,
claimed by compare-and-swap, and nothing sent after its deadline.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from ..errors import ClusterError, UnreadableRecord
from ..oauth.json_object import JSON
from ..reconcile.reconciler import Reconciler
from ..reconcile.world import World
from ..resource.key import record_of
from .remains import Kind, Remains, as_json, find, lines
from .session import Alone, Session, executed, opened, parse, parser

DONE = "deregistered"


_WANTED: Final = (Kind.RETAINED, Kind.OTHER_CLUSTER)
"""Somebody may want these clients: they are deregistered only where their records are named."""


def main(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """List or deregister, and return the exit status: 1 where what was told is not done."""
    command = parser(
        "orphans",
        "List the clients that registration records hold of OAuthClients that are gone.",
        "Run it with an administrator's kubeconfig. Exit status 0: listed, or all that was told is deregistered; "
        "1: not so; 2: a wrong option.",
    )
    command.add_argument("record", nargs="*", metavar="RECORD", help="the name of a record; default: all")
    command.add_argument(
        "--deregister",
        action="store_true",
        help="deregister the clients of those records, or of all but the retained and other clusters' ones",
    )
    command.add_argument("--output", choices=("text", "json"), default="text", help="default: text")
    options, given = parse(command, argv, environ)

    async def run() -> int:
        async with opened(options, environ) as session:
            return await _run(session, given)

    return executed("orphans", run())


async def _run(session: Session, given: argparse.Namespace) -> int:
    found = await find(session, given.record)
    missing = sorted(set(given.record) - {remains.uid for remains in found})
    results: dict[str, str] = dict.fromkeys(missing, "no record of a resource that is gone")
    if given.deregister:
        world = session.world(Alone())
        for remains in found:
            if given.record or remains.kind not in _WANTED:
                results[remains.uid] = await deregister(world, remains)
    if given.output == "json":
        entries: list[JSON] = [
            {**as_json(remains), **({"result": results[remains.uid]} if remains.uid in results else {})}
            for remains in found
        ]
        sys.stdout.write(json.dumps({"orphans": entries}, indent=2) + "\n")
        for uid in missing:
            sys.stderr.write(f"orphans: {uid}: {results[uid]}\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _text(found, results))
    return int(any(result != DONE for result in results.values()))


def _text(found: list[Remains], results: Mapping[str, str]) -> list[str]:
    said = [line for remains in found for line in _with_result(remains, results)]
    said += [f"{uid}: {results[uid]}" for uid in results.keys() - {remains.uid for remains in found}]
    return said or ["no record holds anything of a resource that is gone"]


def _with_result(remains: Remains, results: Mapping[str, str]) -> list[str]:
    result = results.get(remains.uid)
    return [*lines(remains), *([] if result is None else [f"    -> {result}"])]


async def deregister(world: World, remains: Remains) -> str:
    """Deregister the clients of one record by the operator's own ladder; return `DONE`, or why it is not."""
    if remains.record is None:
        return "left alone: written by a newer operator, or no record"
    asked_at = world.clock.now()
    key = record_of(remains.record.subject.namespace, remains.uid)
    try:
        due = await Reconciler(world).reconcile(key, asked_at=asked_at, queues=False)
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
        return "not all is deregistered: " + "; ".join(line.strip() for line in list(lines(after))[1:])
    if after.suspects:
        return "nothing more can be called; look at the authorization server for clients of the attempts named above"
    return DONE
