"""Whatever a server writes, and whatever was sent to it: no message, repr, traceback, chain or log line shows a secret."""

import io
import json
import logging
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.client_library import ClientSecretPost, Send, client_credentials_grant
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import OAuthError
from oauthclient_operator.exchange import Answer, Incomplete, Request, Response
from tests.pure.client_library.op import CLIENT, DOCUMENT, OP, answered
from tests.pure.keys import parsed

CANARY = "canary7391-canary7391-canary7391"
"""It looks like a credential, as they do: a server's words are shown, but for what looks so."""
SENT = "sent-8264"
"""What we sent, as short as it may be: no echo of it is shown."""

EVERYWHERE: dict[str, Any] = {
    "client_id": f"{CANARY}-id",
    "client_secret": CANARY,
    "client_secret_expires_at": 0,
    "registration_access_token": CANARY,
    "registration_client_uri": f"https://op.example.com/reg/{CANARY}",
    "client_name": CANARY,
    "error": CANARY,
    "error_description": f"{CANARY} and {SENT}",
    "error_uri": CANARY,
    CANARY: CANARY,
}
HEADERS: dict[str, Any] = {
    "www_authenticate": f'Bearer error="{CANARY}", error_description="{CANARY} {SENT}", {CANARY}="{CANARY}"',
    "location": f"https://{CANARY}@op.example.com/{CANARY}",
    "set_cookie": CANARY,
    "x": CANARY,
}


def everything(status: int) -> Response:
    return answered(status, EVERYWHERE, **HEADERS)


def token68(status: int) -> Response:
    return answered(status, body=CANARY.encode(), www_authenticate=f"Negotiate {CANARY}")


def broken_off(status: int) -> Answer:
    return Incomplete(cause="the connection broke", status=status, partial=json.dumps(EVERYWHERE).encode()[:-9])


DISCOVERY = {
    "an error": everything(400),
    "later": everything(503),
    "a redirect": everything(302),
    "no issuer": answered(200, {**EVERYWHERE, "issuer": 7}),
    "no JSON": answered(200, body=f"{{{CANARY}".encode()),
    "a page": answered(200, body=CANARY.encode(), content_type=CANARY),
    "no endpoint": answered(200, {**DOCUMENT, "registration_endpoint": CANARY}),
    "no alias": answered(200, {**DOCUMENT, "mtls_endpoint_aliases": {"registration_endpoint": CANARY}}),
    "broken off": broken_off(200),
}
ANSWERS = {
    f"{kind.__name__} {status}": kind(status)
    for status in (200, 201, 202, 302, 400, 401, 403, 404, 429, 500, 503)
    for kind in (everything, token68, broken_off)
}


async def shown(what: Callable[[], Any], caplog: pytest.LogCaptureFixture) -> str:
    """Return all that can be seen of what is done: its result or its error, and the log."""
    caplog.set_level(logging.DEBUG)
    seen = io.StringIO()
    try:
        result = await what()
        seen.write(repr(result) + str(result))
    except OAuthError as error:
        chain: BaseException | None = error
        while chain is not None:
            report = traceback.TracebackException.from_exception(chain)
            seen.write(repr(chain) + str(chain) + repr(chain.args) + "".join(report.format()))
            chain = chain.__cause__ or chain.__context__
        seen.write(repr({name: value for name, value in vars(error).items() if name not in PLAIN}))
    return seen.getvalue() + caplog.text


PLAIN = {"client_id", "registration_client_uri"}
"""What is no secret, and a caller needs as it is."""


@pytest.mark.parametrize("case", DISCOVERY)
async def test_discovery_shows_nothing(case: str, caplog: pytest.LogCaptureFixture) -> None:
    op = OP(discovery=DISCOVERY[case])
    aliased = case == "no alias"
    seen = await shown(lambda: op.register(use_mtls_endpoint_aliases=aliased), caplog)
    assert CANARY not in seen
    assert "DiscoveryFailed" in seen or "IssuerUnavailable" in seen


@pytest.mark.parametrize("case", ANSWERS)
async def test_ERR_16_a_registration_shows_nothing(case: str, caplog: pytest.LogCaptureFixture) -> None:
    op = OP(registration=ANSWERS[case])
    metadata = {"client_name": CANARY}
    options: dict[str, Any] = {"initial_access_token": Confidential(SENT), "dpop_key": parsed("P-256")}
    seen = await shown(lambda: op.register(metadata, **options), caplog)
    if case.startswith("everything 20") and "202" not in case:
        # The client's identifier is no secret.
        seen = seen.replace(EVERYWHERE["client_id"], "")
    assert CANARY not in seen
    assert SENT not in seen


@pytest.mark.parametrize("case", ANSWERS)
async def test_a_token_request_shows_nothing(case: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = ANSWERS[case]
    if isinstance(answer, Response) and answer.status == 200 and case.startswith("everything"):
        members = {**EVERYWHERE, "access_token": CANARY, "token_type": "bearer", "refresh_token": CANARY}
        answer = answered(200, members, **HEADERS)
    op = OP(registration=answered(201, {**CLIENT, "client_secret": SENT}), token=answer)
    configuration = await op.register({}, ClientSecretPost())
    seen = await shown(lambda: client_credentials_grant(configuration), caplog)
    assert CANARY not in seen
    assert SENT not in seen


async def test_what_a_transport_says_when_it_fails_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    op = OP()

    async def failing(request: Request, send: Send) -> Answer:
        if request.method == "GET":
            return await op.transport(request, send)
        raise ValueError(f"{CANARY} {request!r}")

    seen = await shown(lambda: op.register(transport=failing), caplog)
    assert "ValueError in test_confidential.py" in seen
    assert CANARY not in seen


async def test_what_a_function_says_when_it_fails_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    def failing(configuration: Any) -> Any:
        raise ValueError(f"{CANARY} {replace(configuration).client_metadata()}")

    seen = await shown(lambda: OP().register(execute=(failing,)), caplog)
    assert "ValueError in test_confidential.py" in seen
    assert CANARY not in seen
