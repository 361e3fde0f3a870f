"""What a success has to be. A client that exists is not lost to an oddity of the answer."""

from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import RegistrationAmbiguous, RegistrationRejected
from oauthclient_operator.exchange import Response
from tests.pure.client_library.op import CLIENT, OP, answered

REGISTERED = {
    "RES-06: null": {"client_id": "foo", "client_secret": None},
    "RES-06: empty": {"client_id": "foo", "client_secret": ""},
    "RES-07 RES-21: no expiry": {"client_id": "foo", "client_secret": "bar"},
    "RES-08": {"client_id": "foo", "bar": "baz"},
    "RES-09": CLIENT,
    "RES-10": {**CLIENT, "client_secret_expires_at": 1},
    "RES-11: null": {**CLIENT, "client_secret_expires_at": None},
    "RES-11: a string": {**CLIENT, "client_secret_expires_at": "0"},
    "RES-11: a word": {**CLIENT, "client_secret_expires_at": "x"},
    "RES-11: negative": {**CLIENT, "client_secret_expires_at": -1},
    "RES-12: 1.5": {**CLIENT, "client_secret_expires_at": 1.5},
    "RES-12": {**CLIENT, "client_secret_expires_at": 4102444800},
    "RES-13": {"client_id": "foo", "client_secret_expires_at": "x"},
    "RES-14": {
        **CLIENT,
        "registration_access_token": "rat",
        "registration_client_uri": "http://op.example.com/reg/foo",
        "client_id_issued_at": "abc",
        "redirect_uris": ["https://elsewhere.example/cb"],
        "x": None,
    },
}


@pytest.mark.parametrize("case", REGISTERED)
async def test_what_the_server_answers_is_returned_whole(case: str) -> None:
    configuration = await OP(registration=answered(201, REGISTERED[case])).register({"client_name": "asked for"})
    assert configuration.client_metadata() == REGISTERED[case]
    assert configuration.client_id == "foo"


@pytest.mark.parametrize(
    ("expires_at", "meaning"),
    [(None, 0), ("0", 0), ("x", 0), (-1, 0), (0, 0), (1, 1), (1.5, 1), ("4102444800", 4102444800), (True, 0)],
)
async def test_RES_11_what_is_no_moment_means_never(expires_at: Any, meaning: int) -> None:
    members = {**CLIENT, "client_secret_expires_at": expires_at}
    configuration = await OP(registration=answered(201, members)).register()
    assert configuration.information.client_secret_expires_at == meaning


UNREADABLE: dict[str, Response] = {
    "RES-03": answered(201, body=b'{"'),
    "RES-04: null": answered(201, body=b"null"),
    "RES-04: a list": answered(201, []),
    "RES-04: a string": answered(201, "x"),
    "RES-05: null": answered(201, {"client_id": None}),
    "RES-05: missing": answered(201, {"client_name": "x"}),
    "RES-05: empty": answered(201, {"client_id": ""}),
    "RES-16": answered(201, body=b"<html>", content_type="text/html"),
    "RES-17: empty": answered(201, body=b""),
    "RES-17: bad JSON": answered(201, body=b"{x", content_type="application/json;charset=utf-8"),
    "RES-19: 204": answered(204),
}


@pytest.mark.parametrize("case", UNREADABLE)
async def test_a_success_that_cannot_be_read_is_no_refusal(case: str) -> None:
    op = OP(registration=UNREADABLE[case])
    with pytest.raises(RegistrationAmbiguous) as lost:
        await op.register()
    assert lost.value.code == "registration_ambiguous"
    assert lost.value.status == UNREADABLE[case].status
    assert len(op.registrations) == 1


async def test_what_came_of_an_answer_that_breaks_off_is_kept() -> None:
    body = (
        b'{"client_id": "foo", "client_secret": "bar", "registration_access_token": "rat", '
        b'"registration_client_uri": "https://op.example.com/reg/foo", "client_na'
    )
    with pytest.raises(RegistrationAmbiguous) as lost:
        await OP(registration=answered(201, body=body)).register()
    left = lost.value
    assert (left.client_id, left.registration_client_uri) == ("foo", "https://op.example.com/reg/foo")
    assert (left.client_secret, left.registration_access_token) == (Confidential("bar"), Confidential("rat"))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(answered(201, CLIENT, content_type="text/plain"), id="RES-15"),
        pytest.param(answered(201, CLIENT, content_type="application/hal+json"), id="RES-16: another type, but JSON"),
        pytest.param(answered(201, CLIENT, www_authenticate='Bearer error="x"'), id="RES-18 ERR-15"),
        pytest.param(answered(200, CLIENT), id="RES-19: 200"),
        pytest.param(answered(202, CLIENT), id="RES-19: 202"),
        pytest.param(
            answered(201, body=b'{"client_id": "foo", "client_secret_expires_at": 1e400}'), id="RES-11: 1e400"
        ),
    ],
)
async def test_a_client_is_not_lost_to_a_header_or_to_another_status(answer: Response) -> None:
    assert (await OP(registration=answer).register()).client_id == "foo"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(answered(307, CLIENT, location="https://op.example.com/x"), id="RES-19: 307"),
        pytest.param(answered(404, body=b"", content_type="application/json"), id="RES-02"),
    ],
)
async def test_a_complete_answer_below_500_that_is_no_success_is_a_refusal(answer: Response) -> None:
    with pytest.raises(RegistrationRejected) as refusal:
        await OP(registration=answer).register()
    assert refusal.value.status == answer.status


async def test_RES_05_a_number_is_an_identifier_too() -> None:
    assert (await OP(registration=answered(201, {"client_id": 7})).register()).client_id == "7"


async def test_what_came_in_place_of_a_client_is_said() -> None:
    members = {"error": "server_error", "error_description": "the database is away"}
    with pytest.raises(RegistrationAmbiguous, match="HTTP 200 with a JSON object without a client_id") as lost:
        await OP(registration=answered(200, members)).register()
    assert (lost.value.error, lost.value.error_description) == ("server_error", "the database is away")


async def test_an_oauth_error_with_200_is_a_refusal() -> None:
    with pytest.raises(RegistrationRejected) as refusal:
        await OP(registration=answered(200, {"error": "invalid_client_metadata"})).register()
    assert refusal.value.error == "invalid_client_metadata"
