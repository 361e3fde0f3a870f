"""A configuration is stored, and another process goes on by it."""

import json
from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator.client_library import (
    ClientSecretPost,
    Options,
    client_credentials_grant,
    delete_client,
    restore,
    update_client,
)
from oauthclient_operator.errors import ExecuteFailed, InvalidArgumentType, InvalidArgumentValue
from oauthclient_operator.oauth.json_object import MAX_DEPTH
from oauthclient_operator.oauth.rfc8414 import DOCUMENT_LIMIT
from tests.pure.client_library.op import DOCUMENT, MANAGED, OP, answered

STORED = Path(__file__).with_name("stored_configuration.json")
"""As it was written in version 1: what is written so is read for good."""


def stored() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(STORED.read_text())
    return found


def op() -> OP:
    return OP(registration=answered(201, MANAGED), management=[answered(200, MANAGED), answered(204)])


async def test_what_is_stored_is_pinned() -> None:
    configuration = await op().register({"client_name": "Shop"})
    assert configuration.to_dict() == stored()


async def test_a_client_that_was_stored_goes_on() -> None:
    server = op()
    configuration = restore(stored(), options=Options(transport=server.transport))
    assert (await client_credentials_grant(configuration)).token_type == "bearer"
    configuration = await update_client(configuration, {"client_name": "Web shop"})
    assert configuration.to_dict()["requested_client_metadata"] == {"client_name": "Web shop"}
    await delete_client(configuration)
    assert [request.method for request in server.requests] == ["POST", "PUT", "DELETE"]


async def test_it_is_the_same_configuration() -> None:
    server = op()
    before = await server.register({"client_name": "Shop"}, timeout=5)
    after = restore(before.to_dict(), options=Options(timeout=5, transport=server.transport))
    for name in ("server", "information", "client_authentication", "timeout", "requested", "document"):
        assert getattr(after, name) == getattr(before, name)


def test_what_a_program_says_anew_holds() -> None:
    options = Options(timeout=7, clock_skew=3, execute=(lambda configuration: configuration,))
    configuration = restore(stored(), ClientSecretPost(), options)
    assert configuration.client_authentication == ClientSecretPost()
    assert (configuration.timeout, configuration.clock_skew) == (7, 3)
    with pytest.raises(ExecuteFailed):
        restore(stored(), options=Options(execute=(lambda _: None,)))  # type: ignore[arg-type,return-value]


def test_what_is_given_may_change_afterwards() -> None:
    given = stored()
    configuration = restore(given)
    given["client_information"]["client_secret"] = "another"
    given["authorization_server_metadata"].clear()
    assert configuration.to_dict() == stored()


SPACE = 255 * 1024
"""Bytes of one member that leave room for the rest of a document: 256 KiB are read of one."""
LARGE = {
    "three bytes a character": "漢" * (SPACE // 3),
    "two bytes a character": "é" * (SPACE // 2),
    "escapes": "\\" * (SPACE // 2),
    "numbers without a space": [1] * (SPACE // 2),
    "objects without a space": [{"a": 1}] * (SPACE // 8),
}


@pytest.mark.parametrize("value", LARGE.values(), ids=[*LARGE])
async def test_metadata_of_any_size_that_is_read_are_restored(value: Any) -> None:
    document = {**DOCUMENT, "x": value}
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    assert len(body) <= DOCUMENT_LIMIT
    server = OP(discovery=answered(200, body=body), registration=answered(201, MANAGED))
    kept = (await server.register({"client_name": "Shop"})).to_dict()
    configuration = restore(json.loads(json.dumps(kept)), options=Options(transport=server.transport))
    assert configuration.to_dict() == kept
    assert (await client_credentials_grant(configuration)).token_type == "bearer"


async def test_metadata_as_deep_as_they_are_read_are_restored() -> None:
    def nested(levels: int) -> Any:
        return [] if levels == 1 else [nested(levels - 1)]

    server = OP(discovery={**DOCUMENT, "x": nested(MAX_DEPTH - 1)}, registration=answered(201, MANAGED))
    kept = (await server.register()).to_dict()
    assert restore(kept).to_dict() == kept
    kept["authorization_server_metadata"] = {**DOCUMENT, "x": nested(MAX_DEPTH)}
    with pytest.raises(InvalidArgumentValue, match="authorization_server_metadata: it is nested too deeply"):
        restore(kept)


@pytest.mark.parametrize("version", [True, 1.0, "1", 0, 2, None, [1]])
def test_another_version_is_refused_and_so_is_what_is_only_equal_to_it(version: Any) -> None:
    with pytest.raises(InvalidArgumentValue, match="version is 1"):
        restore({**stored(), "version": version})


UNUSABLE: dict[str, dict[str, Any]] = {
    "authorization_server_metadata name no issuer": {"authorization_server_metadata": {}},
    "authorization_server_metadata is no object": {"authorization_server_metadata": "x"},
    "registration_endpoint that is not an absolute URL": {
        "authorization_server_metadata": {"issuer": "https://op.example.com", "registration_endpoint": "x"}
    },
    "requested_client_metadata is no object": {"requested_client_metadata": None},
    "client_information has no client_id": {"client_information": {"client_secret": "hunter2"}},
    "client_information is no object of JSON": {"client_information": {"client_id": object()}},
    "client_information: it holds half a surrogate pair": {"client_information": {"client_id": "x", "y": "\ud800"}},
}


@pytest.mark.parametrize("words", UNUSABLE)
def test_what_is_no_configuration_is_refused_and_not_shown(words: str) -> None:
    with pytest.raises(InvalidArgumentValue, match=words) as caught:
        restore({**stored(), **UNUSABLE[words]})
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_text_is_no_configuration() -> None:
    with pytest.raises(InvalidArgumentType, match="and is of the type str"):
        restore(STORED.read_text())  # type: ignore[arg-type]
