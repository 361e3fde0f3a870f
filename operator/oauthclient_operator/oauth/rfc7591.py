"""OAuth 2.0 Dynamic Client Registration (RFC 7591): the request, what came of it, and whether the answer is enough."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ..confidential import Confidential
from ..exchange import Answer, Purpose, Request, bearer
from .client_information import ClientInformation
from .client_metadata import DEFAULTS, ClientMetadata
from .comparison import Returned, differs, entries, is_default, returned
from .echoes import known, without_echoes
from .json_object import JSON
from .judgement import client_information, judged
from .metadata_rules import SOFTWARE_STATEMENT
from .outcome import Outcome
from .words import LIMIT, cleaned, words

__all__ = [
    "SECRET_METHODS",
    "SPEC_ERRORS",
    "STATEMENT_ERRORS",
    "ClientInformation",
    "deviations",
    "insufficiency",
    "is_signed_jwt",
    "judge",
    "kept_members",
    "registration_request",
    "returned_statement",
    "says_unauthorized",
    "token_endpoint_auth_method",
]

SPEC_ERRORS: Final = frozenset(
    {"invalid_redirect_uri", "invalid_client_metadata", "invalid_software_statement", "unapproved_software_statement"}
)
"""Error codes of section 3.2.2: what the client metadata say is refused."""
STATEMENT_ERRORS: Final = frozenset({"invalid_software_statement", "unapproved_software_statement"})
"""Those of them that are about the software statement."""
SECRET_METHODS: Final = frozenset({"client_secret_basic", "client_secret_post", "client_secret_jwt"})
"""Methods that need a client secret (RFC 7591 section 2, OpenID Connect Core 1.0 section 9)."""
_SHOWN: Final = 3
_SIGNED_JWT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_KEY_METHODS: Final = frozenset({"private_key_jwt", "self_signed_tls_client_auth"})
_KEY_SOURCES: Final = ("jwks", "jwks_uri", "signed_jwks_uri")


def registration_request(
    endpoint: str,
    metadata: ClientMetadata,
    initial_access_token: Confidential | None,
    software_statement: Confidential | None = None,
) -> Request:
    """Build a client registration request: the metadata as written, the software statement, and nothing else.

    RFC 7591 section 3.1: "the client or developer sends an HTTP POST to the client registration endpoint with a content
    type of "application/json"", "all requested client metadata values as top-level members". The initial access token
    is sent "as an OAuth 2.0 Bearer Token"; without one the request asks for open registration (section 3).
    """
    members = dict(metadata.members)
    if software_statement is not None:
        # Section 3.1.1: "This is a string value containing the entire signed JWT."
        members[SOFTWARE_STATEMENT] = software_statement.reveal()
    body = json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()
    return Request(
        method="POST",
        url=endpoint,
        purpose=Purpose.REGISTER,
        authorization=None if initial_access_token is None else bearer(initial_access_token),
        body=body,
    )


def judge(
    answer: Answer,
    *,
    presented: Confidential | None = None,
    asked: Mapping[str, JSON] | None = None,
    statement: Confidential | None = None,
    held: Sequence[Confidential] = (),
) -> Outcome:
    """Judge the answer to a registration; `presented` is the token that was sent, so that no echo of it is shown.

    Nor is one of the software statement `statement`, and in words none of what else is `held`. `asked` are the metadata
    that were sent, which hold no credential. A 501 is ambiguous here: registering is what the endpoint is for, and a
    gateway may have said it.
    """
    hide = (*known(presented, statement), *held)
    found = judged(answer, lambda r: client_information(r, hide), may_be_unsupported=False, hide=hide)
    return without_echoes(found, answer, presented, asked=asked or {}, statement=statement)


def returned_statement(information: ClientInformation) -> Confidential | None:
    """Return the software statement that a client was registered with, as the server returned it.

    Section 3.2.1: "If a software statement was used as part of the registration, its value MUST be returned unmodified
    in the response along with other metadata using the "software_statement" member name."
    """
    found = information.metadata.get(SOFTWARE_STATEMENT)
    return Confidential(found) if isinstance(found, str) and is_signed_jwt(found) else None


def is_signed_jwt(text: str) -> bool:
    """Whether a text has the form of a software statement.

    Section 2.3: it "MUST be digitally signed or MACed using JSON Web Signature (JWS)"; of the compact serialization
    (RFC 7515 section 7.1) no part is empty then.
    """
    return _SIGNED_JWT.fullmatch(text) is not None


def says_unauthorized(status: int | None, error: str | None) -> bool:
    """Whether a refusal is about the initial access token (RFC 6750 section 3.1), or the want of one.

    Authlib's kin answer 400 with `access_denied`.
    """
    return status in (401, 403) or error in ("access_denied", "invalid_token", "insufficient_scope")


def token_endpoint_auth_method(requested: ClientMetadata, information: ClientInformation) -> str:
    """Return the method that is registered: what the server returned, else what was asked, else the RFC's default."""
    answered = returned(information.metadata, "token_endpoint_auth_method")
    asked = requested.members.get("token_endpoint_auth_method")
    return str(answered or asked or DEFAULTS["token_endpoint_auth_method"])


def insufficiency(requested: ClientMetadata, information: ClientInformation, *, own_keys: bool = False) -> str | None:
    """Return why an app cannot use what was registered, or None if it can.

    With `own_keys` it is to use keys that were registered beside what is requested.

    RFC 7591 section 3.2.1: "The client or developer can check the values in the response to determine if the
    registration is sufficient for use". What an app can live with is a deviation.
    """
    return next(_insufficiencies(requested, information, own_keys=own_keys), None)


def deviations(requested: ClientMetadata, information: ClientInformation) -> tuple[str, ...]:
    """Return the names of members that the server changed or dropped, sorted; never values.

    RFC 7591 section 3.2.1: "The authorization server MAY reject or replace any of the client's requested metadata
    values submitted during the registration and substitute them with suitable values."
    """
    found, asked = Returned(information.metadata), requested.members.items()
    return tuple(sorted(name for name, value in asked if differs(name, value, found.get(name))))


def kept_members(
    previous: Mapping[str, JSON], requested: Mapping[str, JSON], information: ClientInformation
) -> tuple[str, ...]:
    """Return the names of members that were taken out of the request and that the server still holds, sorted."""
    answered = Returned(information.metadata)
    removed = {name: value for name, value in previous.items() if requested.get(name) is None}
    # A default looks the same whether it was kept or filled in again.
    return tuple(
        sorted(
            name
            for name, value in removed.items()
            if (found := answered.get(name)) is not None
            and not is_default(name, found)
            and not differs(name, value, found)
        )
    )


def _insufficiencies(requested: ClientMetadata, information: ClientInformation, *, own_keys: bool) -> Iterator[str]:
    yield from _method_insufficiencies(requested, information, own_keys=own_keys)
    metadata = information.metadata
    # A server that does not answer with a member at all has dropped it from its answer only, as many do.
    uris = returned(metadata, "redirect_uris")
    listed = entries(uris)
    there = set(listed)
    lacking = [uri for uri in entries(requested.members.get("redirect_uris")) if uri not in there]
    if uris is not None and lacking:
        yield f'redirect_uris lacks "{cleaned(lacking[0])}"{_has_instead(listed, information)}'
    grants = returned(metadata, "grant_types")
    asked = set(entries(requested.members.get("grant_types") or DEFAULTS["grant_types"]))
    # Without a refresh token an app still works; without the grant that it starts with it does not.
    if grants is not None and (missing := asked - {"refresh_token"} - set(entries(grants))):
        yield f'grant_types lacks "{cleaned(min(missing))}"{_has_instead(entries(grants), information)}'
    types = returned(metadata, "response_types")
    # Some servers take "code id_token" apart.
    answered = {word for entry in entries(types) for word in entry.split()}
    wanted = {word for entry in entries(requested.members.get("response_types")) for word in entry.split()}
    if types is not None and (missing := wanted - answered):
        yield f'response_types lacks "{cleaned(min(missing))}"{_has_instead(entries(types), information)}'


def _has_instead(values: tuple[str, ...], information: ClientInformation) -> str:
    """Say what the server has in the place of what was asked, in its words."""
    if not values:
        return ""
    shown = [f'"{_without_credentials(value, information)}"' for value in values[:_SHOWN]]
    more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
    return f"; the server has {', '.join(shown)}{more}"


def _without_credentials(value: str, information: ClientInformation, limit: int = LIMIT) -> str:
    known = (information.client_secret, information.registration_access_token)
    return words(value, limit=limit, hide=[credential for credential in known if credential is not None])


def _method_insufficiencies(
    requested: ClientMetadata, information: ClientInformation, *, own_keys: bool
) -> Iterator[str]:
    method = token_endpoint_auth_method(requested, information)
    if own_keys:
        if method != requested.members.get("token_endpoint_auth_method"):
            # Whatever else was issued: the app was prepared for a key.
            yield f'token_endpoint_auth_method is "{cleaned(method, limit=80)}"'
    elif method in SECRET_METHODS:
        if information.client_secret is None:
            yield f"token_endpoint_auth_method is {method}, and no client_secret was issued"
    elif method in _KEY_METHODS:
        known = {**information.metadata, **requested.members}
        if not any(known.get(source) for source in _KEY_SOURCES):
            yield f"token_endpoint_auth_method is {method}, and the client has no keys"
    elif method != requested.members.get("token_endpoint_auth_method", "none"):
        # An app that is to authenticate must not become a public one, nor get a method that nobody prepared it for.
        yield f'token_endpoint_auth_method is "{_without_credentials(method, information, limit=80)}"'
