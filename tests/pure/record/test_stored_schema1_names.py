"""The member names of schema 1: whoever renames one makes records that are stored unreadable."""

from collections.abc import Iterator

import pytest

from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.record.codec import decode, encode
from tests.pure.record import stored_secrets

OF_OTHERS = frozenset({"information", "metadata", "confirmed", "endpoints"})
"""Members whose own members are named by servers and specs, not by us."""
NAMES = [
    "attempts",
    "attempts[].endpoint",
    "attempts[].issuer",
    "attempts[].metadata",
    "attempts[].number",
    "attempts[].outcome",
    "attempts[].sent_at",
    "attempts[].settled",
    "attempts[].until",
    "clients",
    "clients[].answered_by",
    "clients[].attempt",
    "clients[].confirmed",
    "clients[].confirmed_digest",
    "clients[].deletion_ambiguous",
    "clients[].deletion_first_opened_at",
    "clients[].deletion_refused",
    "clients[].deletion_unsupported",
    "clients[].deregistered_at",
    "clients[].endpoints",
    "clients[].information",
    "clients[].kept",
    "clients[].key",
    "clients[].management_lost",
    "clients[].registered_at",
    "clients[].spares",
    "clients[].spares[].call",
    "clients[].spares[].client_secret",
    "clients[].spares[].registration_access_token",
    "clients[].unresolved",
    "clients[].update_due",
    "clients[].update_unsupported",
    "closed",
    "closed[].at",
    "closed[].attempt",
    "closed[].bearer",
    "closed[].client",
    "closed[].credential",
    "closed[].description",
    "closed[].digest",
    "closed[].endpoint",
    "closed[].error",
    "closed[].kind",
    "closed[].nonce",
    "closed[].number",
    "closed[].outcome",
    "closed[].proof_key",
    "closed[].repeats",
    "closed[].retry_after",
    "closed[].status",
    "current",
    "deletion",
    "issuer",
    "next_call",
    "open",
    "open.attempt",
    "open.bearer",
    "open.client",
    "open.credential",
    "open.deadline",
    "open.digest",
    "open.endpoint",
    "open.holder",
    "open.kind",
    "open.metadata",
    "open.nonce",
    "open.number",
    "open.opened_at",
    "open.proof_key",
    "open.repeats",
    "recreated",
    "released",
    "released.at",
    "released.outcome",
    "schemaVersion",
    "secrets",
    "subject",
    "subject.cluster_uid",
    "subject.name",
    "subject.namespace",
    "subject.uid",
    "trust",
]


def member_names(value: JSON, place: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for entry in value:
            yield from member_names(entry, f"{place}[]")
    if isinstance(value, dict):
        for name, member in value.items():
            inner = f"{place}.{name}".lstrip(".")
            yield inner
            if name not in OF_OTHERS:
                yield from member_names(member, inner)


def test_these_are_all_the_names_that_are_stored() -> None:
    records = [stored_secrets.shown(name)["data"]["record"] for name in stored_secrets.READABLE]
    assert sorted({found for record in records for found in member_names(record)}) == NAMES


@pytest.mark.parametrize("name", stored_secrets.READABLE)
def test_what_is_written_today_is_what_was_read(name: str) -> None:
    members = stored_secrets.shown(name)["data"]["record"]
    assert encode(decode(members)) == members
