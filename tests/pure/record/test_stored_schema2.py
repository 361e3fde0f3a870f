"""Records of schema 2 as they are stored: what is written today to the letter, and that it is read back."""

from typing import Any

import pytest

from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.record.clients import Spare
from oauthclient_operator.record.wire import decode, encode
from tests.pure.record import schema2, stored_secrets
from tests.pure.record.known import known
from tests.pure.record.stored_secrets import SCHEMA2
from tests.pure.record.test_stored_schema1 import KNOWN


def test_every_record_has_a_file() -> None:
    assert sorted(path.stem for path in SCHEMA2.glob("*.json")) == sorted(schema2.ALL)


@pytest.mark.parametrize("name", schema2.ALL)
def test_what_is_written_is_what_is_stored(name: str) -> None:
    """Where a change is meant, `python -m tests.pure.record.schema2` writes the files anew."""
    assert schema2.text(schema2.ALL[name]) == (SCHEMA2 / f"{name}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", schema2.ALL)
def test_what_is_stored_is_read_back(name: str) -> None:
    assert stored_secrets.stored(name, SCHEMA2) == schema2.ALL[name]


@pytest.mark.parametrize("name", schema2.ALL)
def test_what_is_read_is_written_again_as_it_was(name: str) -> None:
    record: dict[str, Any] = stored_secrets.shown(name, SCHEMA2)["data"]["record"]
    assert encode(decode(record)) == record


@pytest.mark.parametrize("name", KNOWN)
def test_what_was_known_in_schema_1_is_known_in_schema_2(name: str) -> None:
    assert known(stored_secrets.stored(name, SCHEMA2).record) == KNOWN[name]


@pytest.mark.parametrize("name", schema2.ALL)
def test_no_credential_stands_in_what_a_record_shows_of_itself(name: str) -> None:
    record = schema2.ALL[name].record
    held: list[tuple[ClientInformation | Spare, ...]] = [(c.information, *c.spares) for c in record.clients]
    secrets = {
        s.reveal() for entries in held for e in entries for s in (e.client_secret, e.registration_access_token) if s
    }
    assert not [secret for secret in secrets if f"'{secret}'" in repr(record) or f'"{secret}"' in repr(record)]
