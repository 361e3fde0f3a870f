"""The OAuth 2.0 Authorization Framework (RFC 6749): requests to the token endpoint, and what came of them."""

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from urllib.parse import parse_qsl, urlencode

from ..confidential import Confidential
from ..errors import MalformedJSON
from ..exchange import Answer, Authorization, Incomplete, NotSent, Request, Response
from .echoes import known
from .json_object import JSON, decode
from .judgement import ANSWER_DEPTH, ANSWER_LIMIT, rejected
from .outcome import Rejected
from .words import words

FORM: Final = "application/x-www-form-urlencoded"
TOKEN_TYPES: Final = frozenset({"bearer", "dpop"})
"""The access token types that are understood (RFC 6750, RFC 9449 section 5), in lower case."""

TOKEN_LIMIT: Final = 16 * 1024
"""Characters of an access token; servers take headers of less."""

Form: TypeAlias = Mapping[str, str | tuple[str, ...]]
"""Parameters of a request; what stands there several times has a tuple of values."""

_LETTERS_AND_DIGITS: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
_SECRET: Final = frozenset(
    {
        # Section 2.3.1, and RFC 7523 sections 2.1 and 2.2.
        *("client_secret", "client_assertion", "assertion"),
        # What other grants show (sections 4.1.3, 4.3.2 and 6, RFC 8693 section 2.1).
        *("code", "password", "refresh_token", "subject_token", "actor_token"),
    }
)
"""Parameters of a request that nobody else may see."""
_ISSUED: Final = ("access_token", "refresh_token", "id_token")
_LONGEST_LIFE: Final = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenResponse:
    """A successful response (section 5.1).

    `token_type` is in lower case, `expires_in` is in seconds from the response and None where the server did not say,
    `scope` is None where it is as requested. `members` is the whole response, credentials included.
    """

    access_token: Confidential
    token_type: str
    expires_in: int | None = None
    scope: str | None = None
    refresh_token: Confidential | None = None
    members: Mapping[str, JSON] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoTokenResponse:
    """A token may have been issued, and cannot be used: `cause` is a sentence for people.

    `status` is the HTTP status, None where not even that came.
    """

    cause: str
    status: int | None = None


TokenOutcome = TokenResponse | Rejected | NoTokenResponse | NotSent


def form_encoded(text: str) -> str:
    """Encode a name or a value for "application/x-www-form-urlencoded" (Appendix B), and more than a browser would.

    "names and values MUST be encoded using the UTF-8 character encoding scheme [RFC3629] first; the resulting octet
    sequence then needs to be further encoded using the escaping rules defined in [W3C.REC-html401-19991224]": a space
    becomes "+", and all that is no letter or digit "%HH".

        >>> form_encoded(" %&+£€")
        '+%25%26%2B%C2%A3%E2%82%AC'
    """
    return "".join(
        chr(octet) if octet in _LETTERS_AND_DIGITS else "+" if octet == 0x20 else f"%{octet:02X}"
        for octet in text.encode()
    )


def basic(client_id: str, client_secret: Confidential) -> Authorization:
    """Return the authorization of a client by its password (section 2.3.1).

    "The client identifier is encoded using the "application/x-www-form-urlencoded" encoding algorithm per Appendix B,
    and the encoded value is used as the username; the client password is encoded using the same algorithm and used as
    the password."
    """
    pair = f"{form_encoded(client_id)}:{form_encoded(client_secret.reveal())}"
    return Authorization(scheme="Basic", credentials=Confidential(base64.b64encode(pair.encode()).decode()))


def client_credentials(scope: str | None = None) -> dict[str, str]:
    """Return the parameters of the client credentials grant (section 4.4.2)."""
    # "grant_type REQUIRED. Value MUST be set to "client_credentials"."
    return with_scope({"grant_type": "client_credentials"}, scope)


def with_scope(parameters: dict[str, str], scope: str | None) -> dict[str, str]:
    """Return the parameters of a grant with the scope that is asked for, which is OPTIONAL (section 3.3)."""
    return parameters if scope is None else {**parameters, "scope": scope}


def token_request(endpoint: str, parameters: Form) -> Request:
    """Build an access token request, of which client authentication is still missing.

    Section 4.4.2: the parameters are sent "using the "application/x-www-form-urlencoded" format per Appendix B with a
    character encoding of UTF-8 in the HTTP request entity-body".

    Raises:
        ValueError: there is no grant_type among them, which is REQUIRED by every grant.
    """
    if not parameters.get("grant_type"):
        raise ValueError("an access token request needs a grant_type")
    # Section 3.2: "The client MUST use the HTTP "POST" method when making access token requests."
    return Request(method="POST", url=endpoint, body=urlencode(parameters, doseq=True).encode(), media_type=FORM)


def presented(request: Request) -> tuple[Confidential, ...]:
    """Return what a request shows the server and nobody else, for echoes of it to be hidden."""
    form = parse_qsl((request.body or b"").decode()) if request.media_type == FORM else []
    return known(request.credentials, request.proof, *(Confidential(value) for name, value in form if name in _SECRET))


def judge_token(answer: Answer, *presented: Confidential | None) -> TokenOutcome:
    """Judge the answer to an access token request; `presented` are the secrets that were sent: no echo is shown."""
    match answer:
        case NotSent():
            return answer
        case Incomplete(cause=cause, status=status):
            # What came of the body is left out: half a token is of no use, and would have to be hidden.
            return NoTokenResponse(cause=cause, status=status)
        case Response(status=200):
            return _token_response(answer, known(*presented))
        case Response(status=status) if 200 <= status < 300:
            # Section 5.1: "with a 200 (OK) status code".
            return NoTokenResponse(cause=f"the answer was HTTP {status} and not 200", status=status)
        case Response():
            return rejected(answer, known(*presented))


def _token_response(response: Response, hide: Sequence[Confidential]) -> TokenResponse | NoTokenResponse:
    try:
        # The content type is not checked: a JSON object with a token in it can be nothing else.
        members = decode(response.body, limit=ANSWER_LIMIT, depth=ANSWER_DEPTH)
    except MalformedJSON as error:
        return NoTokenResponse(cause=f"the answer cannot be read: {error}", status=200)
    token, kind = members.get("access_token"), members.get("token_type")
    if not isinstance(token, str) or not token:
        return NoTokenResponse(cause="the answer has no access_token (RFC 6749 section 5.1)", status=200)
    if not all(33 <= ord(character) <= 126 for character in token):
        # Appendix A.12: "access-token = 1*VSCHAR"; a space, which that has, can stand in no credentials (RFC 6750
        # section 2.1, RFC 9449 section 7.1).
        return NoTokenResponse(cause="the access_token holds white space or what no token has", status=200)
    if len(token) > TOKEN_LIMIT:
        cause = f"the access_token is longer than {TOKEN_LIMIT // 1024} KiB, and fits into no request"
        return NoTokenResponse(cause=cause, status=200)
    if not isinstance(kind, str) or not kind:
        return NoTokenResponse(cause="the answer has no token_type (RFC 6749 section 5.1)", status=200)
    # Section 5.1: "Value is case insensitive."
    if kind.lower() not in TOKEN_TYPES:
        # Section 7.1: "The client MUST NOT use an access token if it does not understand the token type."
        issued = (Confidential(said) for name in _ISSUED if isinstance(said := members.get(name), str))
        shown = words(kind, limit=40, hide=(*hide, *issued))
        return NoTokenResponse(cause=f'the access token is of type "{shown}", which is not understood', status=200)
    refresh_token, scope = members.get("refresh_token"), members.get("scope")
    return TokenResponse(
        access_token=Confidential(token),
        token_type=kind.lower(),
        expires_in=_seconds(members.get("expires_in")),
        scope=scope if isinstance(scope, str) else None,
        refresh_token=Confidential(refresh_token) if isinstance(refresh_token, str) and refresh_token else None,
        members=members,
    )


def _seconds(value: JSON) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        # Some servers write numbers as strings.
        value = int(value[:15])
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LONGEST_LIFE:
        return None
    return math.floor(value)
