"""What there is to be looked at when a process begins to lead, and that to go through it takes no memory."""

import tracemalloc
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.names import RecordState
from oauthclient_operator.resource.key import oauth_client, record_of
from oauthclient_operator.watching.watches import Watches
from tests.pure.watching.test_wakes import BODY, record

MANY = 2000
EACH = 256
"""Bytes; a record's metadata take some 2 KiB where they are read."""


def watches() -> Watches:
    unused: Any = None
    return Watches(unused, namespaces=(), records_namespace="records", wake=lambda *_: None, disregard=lambda *_: None)


def test_every_resource_and_every_record_that_is_its_own_is_looked_at() -> None:
    known = watches()
    known.take("ADDED", BODY)
    for version, (uid, state) in enumerate(
        [("u", RecordState.REGISTERED), ("gone", RecordState.REGISTERED), ("let-go", RecordState.LEFT_BEHIND)], 20
    ):
        known.offer_record(record(version, uid, state))
    found = [oauth_client("shop", "web"), record_of("shop", "gone"), record_of("shop", "let-go")]
    assert list(known.keys()) == found


def test_records_are_gone_through_one_by_one() -> None:
    known = watches()
    for number in range(MANY):
        uid = f"u{number}"
        known.take("ADDED", {**BODY, "metadata": {**BODY["metadata"], "name": f"web-{number}", "uid": uid}})
        labels = {
            f"{names.CLIENT_LABEL_PREFIX}{number:040}": "held",
            f"{names.IDENTIFIER_LABEL_PREFIX}{number:040}": "",
        }
        body = record(number + 1, uid, RecordState.REGISTERED)
        body["metadata"]["labels"] |= labels
        known.offer_record(body)
    tracemalloc.start()
    try:
        # None is kept: of 2,000 keys the list alone would be half of what is measured.
        count = sum(1 for _ in known.keys())  # noqa: SIM118 - it is no dictionary
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == MANY
    assert most < MANY * EACH
