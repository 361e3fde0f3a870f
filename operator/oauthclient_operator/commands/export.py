"""`oauthclient-operator export`: hand a recorded client over as a Secret that `spec.adopt` takes.

For a restore, a move to another cluster, or another team. Nothing is called and nothing written.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from .. import names
from ..cluster.credentials import context_namespace
from ..errors import ClusterError, UnreadableRecord
from ..oauth.words import visible
from ..record.clients import Client
from ..record.pairs import key_to_hand_over
from ..record.record import Record
from ..record.signing_keys import SigningKey
from ..resource.client_information_secret import manifest
from .session import Session, executed, opened, parse, parser

_SUFFIX: Final = "-client-information"
_UID: Final = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def main(argv: Sequence[str], environ: Mapping[str, str], *, program: str = names.OPERATOR) -> int:
    """Print the Secret of one client, and return the exit status: 1 where there is none."""
    command = parser(
        "export",
        "Print, as a Secret of type oauth-operator.dev/client-information, the client that a record holds. It holds "
        "the client's credentials: send it to `kubectl apply -f -` of the other cluster, or to a safe place.",
        "Run it with an administrator's kubeconfig. Exit status 0: printed; 1: there is no such client; 2: a wrong "
        "option.",
        program=program,
    )
    command.add_argument("record", metavar="UID|[NAMESPACE/]NAME", help="the OAuthClient, by its UID or by its name")
    command.add_argument("-n", "--namespace", help="of the name; default: that of the kubeconfig's context")
    command.add_argument("--client", metavar="CLIENT_ID", help="another client of the record than the published one")
    command.add_argument("--name", help="the name of the Secret; default: the OAuthClient's with -client-information")
    options, given = parse(command, argv, environ)

    async def run() -> int:
        async with opened(options, environ, context=given.context) as session:
            return await _run(session, given, named)

    try:
        named = identified(
            given.record,
            given.namespace,
            lambda: context_namespace(options.kubeconfig, environ, context=given.context),
        )
    except ClusterError as error:
        return _refused(str(error))
    return executed("export", run())


def identified(record: str, namespace: str | None, of_context: Callable[[], str]) -> str:
    """Return the UID that is meant, or namespace and name with a slash between them.

    Raises:
        ClusterError: a name is in no namespace, for there is no kubeconfig.
    """
    if "/" in record or (namespace is None and _UID.fullmatch(record) is not None):
        return record
    return f"{namespace or of_context()}/{record}"


async def _run(session: Session, given: argparse.Namespace, named: str) -> int:
    record = await _record(session, named)
    if record is None:
        return _refused(f"{named}: there is no registration record of it that can be read")
    client = chosen(record, given.client)
    if client is None:
        known = ", ".join(c.information.client_id for c in record.clients if c.alive) or "none"
        return _refused(f"{named}: no such client is recorded; those that may be there: {known}")
    subject, key = record.subject, key_to_hand_over(client, record.pair)
    secret = manifest(
        subject.namespace,
        given.name or subject.name + _SUFFIX,
        client.issuer,
        client.information,
        None if key is None else key.key,
    )
    sys.stdout.write(json.dumps(secret, indent=2) + "\n")
    for what in lacking(client, key):
        sys.stderr.write(f"export: {what}\n")
    return 0


def lacking(client: Client, key: SigningKey | None) -> Iterator[str]:
    """Yield what the Secret, with that key of ours, does not hand over of a client, and what follows from that."""
    if not client.manageable:
        yield "it has no registration access token, so who adopts it can neither change nor end it"
    others = sorted({*client.kids} - ({key.kid} if key is not None else set()))
    if others:
        yield (
            f"the server holds another key of it besides ({', '.join(others)}), as in the overlap of a rotation: who "
            "adopts the client takes that key from the server with the first update, so wait until it has left, or "
            "until no pod holds it"
        )


def chosen(record: Record, client_id: str | None) -> Client | None:
    """Return the client of that identifier, or without one the published one."""
    if client_id is None:
        return record.published
    return next((c for c in record.clients if c.alive and c.information.client_id == client_id), None)


async def _record(session: Session, named: str) -> Record | None:
    records = session.parts.records()
    namespace, slash, name = named.partition("/")
    if not slash:
        uids = [named]
    else:
        resource = await session.parts.cluster.read_oauth_client(namespace, name)
        metadata = resource.get("metadata") if resource is not None else None
        uid = metadata.get("uid") if isinstance(metadata, dict) else None
        uids = [uid] if isinstance(uid, str) else []
    for uid in uids:
        try:
            stored = await records.read(uid)
        except UnreadableRecord:
            return None
        if stored is not None:
            return stored.record
    return None


def _refused(why: str) -> int:
    sys.stderr.write(f"export: {visible(why)}\n")
    return 1
