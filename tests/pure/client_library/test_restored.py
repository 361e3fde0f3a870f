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
from tests.pure.client_library.op import MANAGED, OP, answered

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


UNUSABLE: dict[str, dict[str, Any]] = {
    "version is 1": {"version": 2},
    "authorization_server_metadata name no issuer": {"authorization_server_metadata": {}},
    "authorization_server_metadata is no object": {"authorization_server_metadata": "x"},
    "registration_endpoint that is not an absolute URL": {
        "authorization_server_metadata": {"issuer": "https://op.example.com", "registration_endpoint": "x"}
    },
    "requested_client_metadata is no object": {"requested_client_metadata": None},
    "client_information has no client_id": {"client_information": {"client_secret": "hunter2"}},
    "client_information is no object of JSON": {"client_information": {"client_id": object()}},
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
