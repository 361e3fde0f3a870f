"""The requests of a proof: the client's, and the control's, which differs in who asks and in nothing else."""

from dataclasses import replace
from typing import assert_never

from ...errors import ClientAuthenticationImpossible
from ...exchange import Purpose, Request
from ..authentication_methods import ClientSecretJWT, PrivateKeyJWT
from ..client_authentication import authenticate
from ..client_information import ClientInformation
from ..json_object import JSON
from ..rfc6749 import token_request
from ..rfc7009 import revocation_request
from ..rfc7523 import LIFETIME
from ..rfc7662 import introspection_request
from ..rfc8414 import ServerMetadata
from .credentials import Credentials, Invented, nobody
from .probes import Authentication, Probe, ProbeAudience, ProbeForm, ProbeKind


def control_request(
    probe: Probe, server: ServerMetadata, credentials: Credentials, invented: Invented, *, now: int
) -> Request:
    """Return the request of a client that cannot exist, otherwise as that of `credentials`; as `client_request`.

    Raises:
        ValueError: no key was made up that fits.
    """
    return _request(probe, server, nobody(credentials, invented), invented, now=now, jti=invented.jtis[0])


def client_request(
    probe: Probe,
    server: ServerMetadata,
    credentials: Credentials,
    invented: Invented,
    *,
    now: int,
    off: int = 0,
    number: int = 0,
) -> Request:
    """Return the request of a client; `now` is in seconds since the epoch, by the server's clock as far as it is known.

    By `off` seconds its assertion is of another time. One of a time to come ends before it begins, as if it were of
    now: whoever keeps it cannot use it then. `number` tells it from others of the client with what was made up for one
    pair, up to 2.

    Raises:
        ValueError: the server has no such endpoint, or the credentials cannot be presented.
    """
    jti, ends = invented.jtis[1 + number], now + LIFETIME if off > 0 else None
    return _request(probe, server, credentials, invented, now=now + off, jti=jti, ends=ends)


def _request(
    probe: Probe,
    server: ServerMetadata,
    credentials: Credentials,
    invented: Invented,
    *,
    now: int,
    jti: str,
    ends: int | None = None,
) -> Request:
    endpoint = server.endpoints.get(probe.kind.endpoint)
    if endpoint is None:
        raise ValueError("the server has no such endpoint")
    form = _form(probe.kind, invented)
    request = _unauthenticated(probe.kind, endpoint, form)
    if probe.form is ProbeForm.CLIENT_ID:
        form = {**form, "client_id": credentials.client_id}
    known: dict[str, JSON] = {"client_id": credentials.client_id}
    if credentials.signing_alg is not None:
        known["token_endpoint_auth_signing_alg"] = credentials.signing_alg
    try:
        return authenticate(
            _asserting(
                credentials.authentication, endpoint if probe.audience is ProbeAudience.ENDPOINT else None, ends
            ),
            server=server,
            information=ClientInformation(known),
            form=form,
            request=request,
            now=now,
            jti=jti,
        )
    except ClientAuthenticationImpossible as error:
        raise ValueError(str(error)) from None


def _form(kind: ProbeKind, invented: Invented) -> dict[str, str]:
    match kind:
        case ProbeKind.REVOCATION | ProbeKind.INTROSPECTION:
            return {"token": invented.value}
        case ProbeKind.TOKEN:
            # Never client_credentials: with a scope that does not exist, too, that mints tokens at some servers. One
            # server wants the verifier before it looks at a public client.
            return {
                "grant_type": "authorization_code",
                "code": invented.value,
                "redirect_uri": f"https://{invented.client_id}.invalid/",
                "code_verifier": invented.value,
            }
        case _:
            assert_never(kind)


def _unauthenticated(kind: ProbeKind, endpoint: str, form: dict[str, str]) -> Request:
    match kind:
        case ProbeKind.REVOCATION:
            return revocation_request(endpoint, form, purpose=Purpose.PROVE)
        case ProbeKind.TOKEN:
            return replace(token_request(endpoint, form), purpose=Purpose.PROVE)
        case ProbeKind.INTROSPECTION:
            return introspection_request(endpoint, form, purpose=Purpose.PROVE)
        case _:
            assert_never(kind)


def _asserting(authentication: Authentication, audience: str | None, ends: int | None) -> Authentication:
    """Return a way to authenticate whose assertion is for another audience, or ends at another time, than is usual."""
    otherwise: dict[str, JSON] = {
        **({} if audience is None else {"aud": audience}),
        **({} if ends is None else {"exp": ends}),
    }

    def modify(_header: dict[str, JSON], claims: dict[str, JSON]) -> None:
        claims.update(otherwise)

    if otherwise and isinstance(authentication, ClientSecretJWT | PrivateKeyJWT):
        return replace(authentication, modify_assertion=modify)
    return authentication
