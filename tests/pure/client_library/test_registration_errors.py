"""What a server says when it refuses, and what is known when it says nothing."""

from typing import Any

import pytest

from oauthclient_operator.client_library import Send
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import (
    EgressRefused,
    IssuerUnavailable,
    OAuthError,
    RegistrationAmbiguous,
    RegistrationRejected,
    RegistrationUnauthorized,
)
from oauthclient_operator.exchange import Answer, Challenge, Incomplete, NotSent, Request
from tests.pure.client_library.op import OP, answered

CODE, WORDS = "invalid_client_metadata", "scope is not known"
INVALID = {"error": CODE, "error_description": WORDS}
BEARER = Challenge(scheme="bearer", parameters={"error": "invalid_token", "error_description": "it has expired"})

SAID: dict[str, tuple[Answer, type[OAuthError], int | None, str | None, str | None]] = {
    "ERR-01": (answered(400, INVALID), RegistrationRejected, 400, CODE, WORDS),
    "ERR-02": (
        answered(400, INVALID, content_type="application/json; charset=utf-8"),
        RegistrationRejected,
        400,
        CODE,
        WORDS,
    ),
    "ERR-03: text/plain": (
        answered(400, INVALID, content_type="text/plain"),
        RegistrationRejected,
        400,
        CODE,
        WORDS,
    ),
    "ERR-03: problem+json": (
        answered(400, INVALID, content_type="application/problem+json"),
        RegistrationRejected,
        400,
        CODE,
        WORDS,
    ),
    "ERR-03: capitals": (
        answered(400, INVALID, content_type="Application/JSON"),
        RegistrationRejected,
        400,
        CODE,
        WORDS,
    ),
    "ERR-04: no error": (answered(400, {"x": 1}), RegistrationRejected, 400, None, None),
    "ERR-04: empty": (answered(400, {"error": ""}), RegistrationRejected, 400, None, None),
    "ERR-04: an object": (answered(400, {"error": {}}), RegistrationRejected, 400, None, None),
    "ERR-04: bad JSON": (answered(400, body=b"{x"), RegistrationRejected, 400, None, None),
    "ERR-05: a page": (
        answered(404, body=b"<html>", content_type="text/html"),
        RegistrationRejected,
        404,
        None,
        None,
    ),
    "ERR-05: nothing": (answered(405), RegistrationRejected, 405, None, None),
    "ERR-06": (
        answered(429, {"error": "slow_down"}, retry_after="120"),
        IssuerUnavailable,
        429,
        "slow_down",
        None,
    ),
    "ERR-07: 500": (answered(500, INVALID), RegistrationAmbiguous, 500, CODE, WORDS),
    "ERR-07: 503": (answered(503), RegistrationAmbiguous, 503, None, None),
    "ERR-08": (
        answered(401, www_authenticate='Bearer error="invalid_token", error_description="it has expired"'),
        RegistrationUnauthorized,
        401,
        "invalid_token",
        "it has expired",
    ),
    "ERR-09: both": (
        answered(401, INVALID, www_authenticate='Bearer error="invalid_token"'),
        RegistrationUnauthorized,
        401,
        CODE,
        WORDS,
    ),
    "ERR-10": (
        answered(400, INVALID, www_authenticate="Bearer error=???"),
        RegistrationRejected,
        400,
        CODE,
        WORDS,
    ),
    "ERR-11": (
        answered(403, www_authenticate='Bearer error="insufficient_scope", scope="reg"'),
        RegistrationUnauthorized,
        403,
        "insufficient_scope",
        None,
    ),
    "ERR-12: 500": (
        answered(500, www_authenticate='Bearer error="invalid_token"'),
        RegistrationAmbiguous,
        500,
        "invalid_token",
        None,
    ),
    "ERR-13": (NotSent(cause="op.example.com cannot be connected to"), IssuerUnavailable, None, None, None),
    "ERR-13: refused": (NotSent(cause="not here", refused=True), EgressRefused, None, None, None),
    "ERR-13: broken off": (Incomplete(cause="the connection broke"), RegistrationAmbiguous, None, None, None),
    "Authlib: 400": (answered(400, {"error": "access_denied"}), RegistrationUnauthorized, 400, "access_denied", None),
}


@pytest.mark.parametrize("case", SAID)
async def test_what_the_server_said_is_data(case: str) -> None:
    answer, kind, *said = SAID[case]
    op = OP(registration=answer)
    with pytest.raises(OAuthError) as caught:
        await op.register(initial_access_token=Confidential("iat"))
    error = caught.value
    assert type(error) is kind
    assert [error.status, error.error, error.error_description] == said
    assert len(op.registrations) == 1


async def test_ERR_06_how_long_to_wait_is_said_in_seconds() -> None:
    with pytest.raises(IssuerUnavailable) as refusal:
        await OP(registration=answered(429, retry_after="120")).register()
    assert refusal.value.retry_after == 120.0


@pytest.mark.parametrize(
    ("header", "challenges"),
    [
        pytest.param(
            'Bearer error="invalid_token", error_description="it has expired"',
            (BEARER,),
            id="ERR-08",
        ),
        pytest.param(
            'Bearer error="insufficient_scope", scope="reg"',
            (Challenge(scheme="bearer", parameters={"error": "insufficient_scope", "scope": "reg"}),),
            id="ERR-11",
        ),
        pytest.param(
            "Negotiate abc==, Basic",
            (Challenge(scheme="negotiate", token68="abc=="), Challenge(scheme="basic")),
            id="several",
        ),
        pytest.param("Bearer error=???", (), id="ERR-10"),
    ],
)
async def test_challenges_are_data(header: str, challenges: tuple[Challenge, ...]) -> None:
    with pytest.raises(RegistrationUnauthorized) as refusal:
        await OP(registration=answered(401, INVALID, www_authenticate=header)).register()
    assert refusal.value.challenges == challenges


async def test_ERR_14_a_transport_that_returns_no_answer_has_perhaps_sent() -> None:
    op = OP()

    async def odd(request: Request, send: Send) -> Any:
        return await op.transport(request, send) if request.method == "GET" else b"201 Created"

    with pytest.raises(RegistrationAmbiguous, match="no answer"):
        await op.register(transport=odd)
