"""Options are checked where they are made, and a configuration is a value that shows nothing."""

from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator.client_library import ClientSecretBasic, Configuration, Options
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import ExecuteFailed, InvalidArgumentType, InvalidArgumentValue
from tests.pure.client_library.op import CLIENT, DOCUMENT, OP, answered
from tests.pure.keys import parsed

NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("option", "value", "kind"),
    [
        *(("timeout", value, InvalidArgumentValue) for value in (0, 0.0, -1, NAN, INFINITY, -INFINITY)),
        *(("timeout", value, InvalidArgumentType) for value in (None, "30", True)),
        *(("clock_skew", value, InvalidArgumentValue) for value in (NAN, INFINITY)),
        ("clock_skew", "1", InvalidArgumentType),
        *(("clock_tolerance", value, InvalidArgumentValue) for value in (-1, NAN, INFINITY)),
        ("clock_tolerance", False, InvalidArgumentType),
        ("initial_access_token", "token", InvalidArgumentType),
        ("dpop_key", "key", InvalidArgumentType),
        ("discovery_form", "Auto ", InvalidArgumentType),
        ("execute", [len], InvalidArgumentType),
        ("execute", (7,), InvalidArgumentType),
        ("transport", 7, InvalidArgumentType),
        ("allow_insecure_requests", None, InvalidArgumentType),
        ("ca_bundle", b"ca.pem", InvalidArgumentType),
        ("use_mtls_endpoint_aliases", "yes", InvalidArgumentType),
    ],
    ids=str,
)
def test_an_option_that_is_not_what_it_should_be(option: str, value: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=option):
        Options(**{option: value})


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("ca_bundle", b"ca.pem", "ca_bundle has to be str or PathLike or None, and is of the type bytes"),
        ("timeout", "5", "timeout has to be a number of seconds, and is of the type str"),
        ("initial_access_token", "token", "initial_access_token has to be Confidential, and is of the type str"),
        ("transport", 7, "transport has to be Callable or None, and is of the type int"),
        ("execute", [len], "execute has to be tuple, and is of the type list"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_an_option_of_another_type_is_told_which_it_has_to_be(option: str, value: Any, words: str) -> None:
    with pytest.raises(InvalidArgumentType) as caught:
        Options(**{option: value})
    assert str(caught.value) == words


def test_options_are_what_they_were_made() -> None:
    options = Options(
        initial_access_token=Confidential("canary-7391"),
        dpop_key=parsed("P-256"),
        timeout=1,
        clock_skew=-5,
        clock_tolerance=0,
        ca_bundle=Path("ca.pem"),
    )
    with pytest.raises(FrozenInstanceError):
        options.timeout = 2  # type: ignore[misc] # it is frozen
    assert "canary" not in repr(options)


async def test_a_configuration_gives_copies() -> None:
    op = OP(registration=answered(201, {**CLIENT, "contacts": ["a@example.com"]}))
    configuration = await op.register()
    for copy in (configuration.server_metadata(), configuration.client_metadata()):
        copy["issuer"] = copy["client_id"] = "changed"
    contacts = configuration.client_metadata()["contacts"]
    assert isinstance(contacts, list)
    contacts.append("b@example.com")
    assert configuration.server_metadata() == DOCUMENT
    assert configuration.client_metadata() == {**CLIENT, "contacts": ["a@example.com"]}


async def test_a_configuration_is_replaced_and_not_changed() -> None:
    configuration = await OP().register(timeout=7)
    with pytest.raises(FrozenInstanceError):
        configuration.timeout = 2  # type: ignore[misc] # it is frozen
    other = replace(configuration, timeout=5.0)
    assert (configuration.timeout, other.timeout, other.client_id) == (7, 5.0, "foo")
    with pytest.raises(InvalidArgumentValue, match="timeout"):
        replace(configuration, timeout=0)


async def test_what_the_server_made_of_the_metadata_is_said() -> None:
    op = OP(registration=answered(201, {"client_id": "foo", "grant_types": ["authorization_code"], "x": 1}))
    configuration = await op.register({"grant_types": ["client_credentials"], "x": 1})
    assert configuration.deviations == ("grant_types",)
    assert configuration.insufficiency is not None
    assert "client_secret" in configuration.insufficiency


async def test_functions_are_executed_over_the_configuration_in_their_order() -> None:
    def first(configuration: Configuration) -> Configuration:
        return replace(configuration, timeout=configuration.timeout + 1)

    def second(configuration: Configuration) -> Configuration:
        return replace(configuration, timeout=configuration.timeout * 2, client_authentication=ClientSecretBasic())

    configuration = await OP().register(timeout=1, execute=(first, second))
    assert configuration.timeout == 4


@pytest.mark.parametrize("failing", [lambda c: c.nothing, lambda c: replace(c, timeout=0), lambda _: None])
async def test_a_client_is_not_lost_to_a_function(failing: Any) -> None:
    managed = {
        **CLIENT,
        "registration_access_token": "rat",
        "registration_client_uri": "https://op.example.com/reg/foo",
    }
    with pytest.raises(ExecuteFailed) as failed:
        await OP(registration=answered(201, managed)).register(execute=(failing,))
    left = failed.value
    assert (left.code, left.client_id, left.registration_client_uri) == (
        "execute_failed",
        "foo",
        managed["registration_client_uri"],
    )
    assert (left.client_secret, left.registration_access_token) == (Confidential("bar"), Confidential("rat"))
