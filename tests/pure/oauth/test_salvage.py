"""What can be saved out of an answer that cannot be read whole: complete members and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.oauth.salvage import ISSUED, salvage
from tests.pure.oauth.transcripts import NODE_201

WHOLE = {n: NODE_201[n] for n in ISSUED}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"", {}),
        (b"no JSON at all", {}),
        (b'{"client_id": "c1"', {"client_id": "c1"}),
        (b'{"client_id": "c1", ', {"client_id": "c1"}),
        (b'{"client_id": "c1', {}),
        (b'{"client_id": "c1\\', {}),
        (b'{"client_id": "c1", "client_id_issued_at": 17', {"client_id": "c1"}),
        (b'{"client_id_issued_at": 17 ', {}),
        (b'{"client_id_issued_at": 17,', {"client_id_issued_at": 17}),
        (b'{"client_id": "c1", "client_secret_expires_at": 1.', {"client_id": "c1"}),
        (b'{"client_id": "c1", "client_secret_expires_at": 1e', {"client_id": "c1"}),
        (b'{"client_id": "c1", "client_secret_expires_at": 1 7', {"client_id": "c1"}),
        (b'{"client_id_issued_at": 17}', {"client_id_issued_at": 17}),
        (b'{"a": {"client_id": "inner"}, "client_id": "c1", "b": [', {"client_id": "c1"}),
        (rb'{"a": "\"client_id\": \"fake\"", "client_id": "c1"', {"client_id": "c1"}),
        (b'{"client_id": "c1", "client_id": "c2"}', {"client_id": "c2"}),
        (b'{"client_id": "c1"} trailing', {"client_id": "c1"}),
        (b')]}\',\n{"client_id": "c1"}', {"client_id": "c1"}),
        (b'[{"client_id": "c1"}]', {"client_id": "c1"}),
        (b'{"client_secret": "a\\u00e4\\n", "x"', {"client_secret": "aä\n"}),
        (
            b'{"client_id": "c1", "client_secret": "\xff", "registration_access_token": "r"}',
            {"client_id": "c1", "registration_access_token": "r"},
        ),
        (rb'{"client_id": "c1", "client_secret": "\ud800"}', {"client_id": "c1"}),
        (b'{"client_id": 7, "client_secret": null, "client_secret_expires_at": true, "client_id_issued_at": true}', {}),
        (b'{"client_secret_expires_at": "2030-01-01"', {"client_secret_expires_at": "2030-01-01"}),
        (b'{"client_secret_expires_at": 1893456000.5, "x"', {"client_secret_expires_at": 1893456000.5}),
        (b'{"client_secret_expires_at": 1.8', {}),
        (b'{"client_secret_expires_at": 1e999, "x"', {}),
        (b'{"client_id": "", "registration_access_token": ""}', {}),
        (b'{"client_id": "c1", "client_name": "a"}', {"client_id": "c1"}),
        (b'{"client_id" "c1"}', {}),
        (b'{"client_id": "c1" "client_secret": "s"}', {"client_id": "c1"}),
        (b'{"client_id": "c1", 7: "x", "client_secret": "s"}', {"client_id": "c1"}),
        (b'{"client_id": "c1", "x": ' + b"[" * 100_000, {"client_id": "c1"}),
    ],
    ids=lambda value: ascii(value)[:60],
)
def test_complete_members_before_the_first_fault(body: bytes, found: dict[str, Any]) -> None:
    assert salvage(body) == found


@given(st.integers(min_value=0, max_value=len(json.dumps(NODE_201))))
def test_a_cut_anywhere_saves_only_what_the_server_said(length: int) -> None:
    found = salvage(json.dumps(NODE_201).encode()[:length])
    assert found.items() <= WHOLE.items()


@given(st.binary(max_size=200) | st.text(alphabet='{}[]":,\\client_d0 ', max_size=80).map(str.encode))
def test_it_never_fails(body: bytes) -> None:
    json.dumps(salvage(body), ensure_ascii=False).encode()
