"""Each code of an error is provoked, and there is no other."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from oauthclient_operator import errors
from oauthclient_operator.client_library import ClientSecretBasic, Options, client_credentials_grant, delete_client
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import Answer, Incomplete, NotSent, TLSFailure
from tests.pure.client_library.op import CLIENT, DOCUMENT, ISSUER, MANAGED, OP, answered
from tests.pure.keys import parsed

Provoke = Callable[[], Awaitable[Any]]


def registering(op: OP, **arguments: Any) -> Provoke:
    return lambda: op.register(**arguments)


def getting_a_token(op: OP, *arguments: Any) -> Provoke:
    async def get() -> None:
        await client_credentials_grant(await op.register({}, *arguments))

    return get


def deleting(management: Answer, registered: Mapping[str, Any] = MANAGED) -> Provoke:
    async def delete() -> None:
        await delete_client(await OP(registration=answered(201, registered), management=management).register())

    return delete


async def without_a_timeout() -> None:
    Options(timeout=0)


PROVOKED: dict[str, Provoke] = {
    "invalid_argument_type": registering(OP(), server=7),
    "invalid_argument_value": without_a_timeout,
    "request_not_allowed": registering(OP(), server="http://op.example.com"),
    "issuer_unavailable": registering(OP(discovery=answered(503))),
    "issuer_not_secured": registering(OP(discovery=NotSent(cause="expired", tls=TLSFailure.EXPIRED))),
    "issuer_not_asked": registering(OP(discovery=NotSent(cause="too many open files", ours=True))),
    "discovery_failed": registering(OP(discovery=answered(200, {}))),
    "metadata_missing": registering(OP(discovery=answered(404))),
    "issuer_mismatch": registering(OP(discovery={**DOCUMENT, "issuer": f"{ISSUER}/"})),
    "registration_not_supported": registering(OP(discovery={"issuer": ISSUER})),
    "dpop_key_not_supported": registering(
        OP(discovery={**DOCUMENT, "dpop_signing_alg_values_supported": ["RS256"]}), dpop_key=parsed("P-256")
    ),
    "registration_rejected": registering(OP(registration=answered(400, {"error": "invalid_redirect_uri"}))),
    "registration_unauthorized": registering(
        OP(registration=answered(401, {"error": "invalid_token"})), initial_access_token=Confidential("iat")
    ),
    "registration_ambiguous": registering(OP(registration=Incomplete(cause="the connection broke"))),
    "execute_failed": registering(OP(), execute=(lambda _: None,)),
    "client_authentication_impossible": getting_a_token(
        OP(registration=answered(201, {"client_id": "foo"})), ClientSecretBasic()
    ),
    "client_secret_expired": getting_a_token(OP(registration=answered(201, {**CLIENT, "client_secret_expires_at": 1}))),
    "client_not_manageable": deleting(answered(204), CLIENT),
    "management_rejected": deleting(answered(403, {"error": "access_denied"})),
    "management_unauthorized": deleting(answered(401)),
    "management_ambiguous": deleting(answered(503)),
    "token_request_rejected": getting_a_token(OP(token=answered(401, {"error": "invalid_client"}))),
    "token_response_unusable": getting_a_token(OP(token=answered(200, {}))),
}


@pytest.mark.parametrize("code", PROVOKED)
async def test_a_code_is_provoked(code: str) -> None:
    with pytest.raises((errors.OAuthError, TypeError, ValueError)) as caught:
        await PROVOKED[code]()
    assert getattr(caught.value, "code", None) == code


def test_there_is_no_other_code() -> None:
    codes = {getattr(found, "code", None) for found in vars(errors).values() if inspect.isclass(found)}
    assert codes - {None} == PROVOKED.keys()
