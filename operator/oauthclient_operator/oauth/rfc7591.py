"""OAuth 2.0 Dynamic Client Registration (RFC 7591): the request, the answer, and whether the answer is good enough."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .client_metadata import ClientMetadata, listed
from .confidential import Confidential
from .exchange import Answer, Request
from .json_object import JSON
from .judgement import client_information, judged
from .outcome import Outcome
from .salvage import ISSUED

SECRET_METHODS: Final = frozenset({"client_secret_basic", "client_secret_post", "client_secret_jwt"})
"""Methods that need a client secret (RFC 7591 section 2, OpenID Connect Core 1.0 section 9)."""
_SETS: Final = frozenset(
    {"redirect_uris", "grant_types", "response_types", "contacts", "post_logout_redirect_uris", "request_uris"}
)


class NotClientInformation(ValueError):  # noqa: N818 - it is what the members are
    """The members hold no client identifier."""


@dataclass(frozen=True, slots=True)
class ClientInformation:
    """A client information response (RFC 7591 section 3.2.1, RFC 7592 section 3): what the server says, whole."""

    members: Mapping[str, JSON] = field(repr=False)

    @classmethod
    def parse(cls, members: Mapping[str, JSON]) -> "ClientInformation":
        """Take an answer; nothing but the client identifier has to be there.

        Raises:
            NotClientInformation: it is not.
        """
        if not isinstance(members.get("client_id"), str) or not members["client_id"]:
            raise NotClientInformation("there is no client_id")
        return cls(dict(members))

    def to_members(self) -> dict[str, JSON]:
        """Return the whole answer, credentials included."""
        return dict(self.members)

    @property
    def client_id(self) -> str:
        """RFC 7591 section 3.2.1: "REQUIRED. OAuth 2.0 client identifier string."."""
        return str(self.members["client_id"])

    @property
    def client_secret(self) -> Confidential | None:
        """RFC 7591 section 3.2.1: "OPTIONAL. OAuth 2.0 client secret string."."""
        return self._confidential("client_secret")

    @property
    def client_secret_expires_at(self) -> int:
        """Seconds since the epoch, 0 for never; "REQUIRED if "client_secret" is issued", and missing means never."""
        value = self.members.get("client_secret_expires_at")
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value[:15])
        number = int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0
        return number if 0 < number < _YEAR_9999 and self.client_secret is not None else 0

    @property
    def registration_access_token(self) -> Confidential | None:
        """RFC 7592 section 3; None also where it cannot stand in a header (RFC 6750 section 2.1)."""
        token = self._confidential("registration_access_token")
        return token if token is not None and all(33 <= ord(c) <= 126 for c in token.reveal()) else None

    @property
    def registration_client_uri(self) -> str | None:
        """RFC 7592 section 3: the fully qualified URL, to be used as it is given."""
        value = self.members.get("registration_client_uri")
        return value if isinstance(value, str) and value else None

    @property
    def metadata(self) -> dict[str, JSON]:
        """The registered metadata: everything but what the server issues, nulls left out."""
        return {name: value for name, value in self.members.items() if name not in ISSUED and value is not None}

    def with_registration_access_token(self, token: Confidential) -> "ClientInformation":
        """Return the same with another registration access token."""
        return ClientInformation({**self.members, "registration_access_token": token.reveal()})

    def _confidential(self, name: str) -> Confidential | None:
        value = self.members.get(name)
        return Confidential(value) if isinstance(value, str) and value else None


_YEAR_9999: Final = 253_370_764_800


def registration_request(endpoint: str, metadata: ClientMetadata, initial_access_token: Confidential | None) -> Request:
    """Build a client registration request.

    RFC 7591 section 3.1: "the client or developer sends an HTTP POST to the client registration endpoint with a content
    type of "application/json"". The initial access token goes "as an OAuth 2.0 bearer token" (section 3).
    """
    body = json.dumps(metadata.members, ensure_ascii=False).encode()
    return Request(method="POST", url=endpoint, bearer=initial_access_token, body=body)


def judge(answer: Answer, *, presented: Confidential | None = None) -> Outcome:
    """Judge the answer to a registration; `presented` is the token that was sent, so that no echo of it is shown.

    A 501 is ambiguous here: a registration endpoint that answers it may have done the work behind a gateway.
    """

    return judged(answer, client_information, may_be_unsupported=False, hide=presented)


def token_endpoint_auth_method(requested: ClientMetadata, information: ClientInformation) -> str:
    """Return the method that is registered: what the server returned, else what was asked, else the RFC's default."""
    returned = information.members.get("token_endpoint_auth_method")
    return returned if isinstance(returned, str) and returned else requested.token_endpoint_auth_method


def insufficiency(requested: ClientMetadata, information: ClientInformation) -> str | None:
    """Return why a registration cannot be used for what was asked, or None if it can.

    RFC 7591 section 3.2.1: "The client or developer can check the values in the response to determine if the
    registration is sufficient for use". What merely differs is a deviation.
    """
    method = token_endpoint_auth_method(requested, information)
    if method in SECRET_METHODS and information.client_secret is None:
        return f"token_endpoint_auth_method is {method} and no client_secret was issued"
    if method == "none" and requested.token_endpoint_auth_method != "none":
        return "token_endpoint_auth_method is none: it was made a public client"
    returned = information.metadata
    # Without a refresh token an app still works; without the grant that it starts with it does not.
    grants = requested.grant_types - {"refresh_token"}
    if "grant_types" in returned and (missing := grants - listed(returned["grant_types"])):
        return f"grant_types lack {', '.join(sorted(missing))}"
    if "redirect_uris" in returned and requested.redirect_uris - listed(returned["redirect_uris"]):
        return "redirect_uris lack one that was asked for"
    return None


def deviations(requested: ClientMetadata, information: ClientInformation) -> tuple[str, ...]:
    """Return the names of members that the server changed or dropped, sorted; never values."""
    returned = information.metadata
    asked = requested.members.items()
    return tuple(sorted(name for name, value in asked if not _is_same(name, value, returned.get(name))))


def kept_members(
    previous: Mapping[str, JSON], requested: Mapping[str, JSON], information: ClientInformation
) -> tuple[str, ...]:
    """Return the names of members that were taken out of the request and that the server still holds."""
    removed = previous.keys() - requested.keys()
    returned = information.metadata
    return tuple(sorted(n for n in removed if n in returned and _is_same(n, previous[n], returned[n])))


def _is_same(name: str, asked: JSON, returned: JSON) -> bool:
    """Compare as far as servers agree: missing, null and empty are one, lists are sets, one element may be a string."""
    if _is_empty(asked) and _is_empty(returned):
        return True
    if name == "scope" and isinstance(asked, str) and isinstance(returned, str):
        return set(asked.split()) == set(returned.split())
    if isinstance(asked, list) and name in _SETS:
        return listed(asked) == listed(returned)
    return asked == returned


def _is_empty(value: JSON) -> bool:
    return value is None or value in ("", [], {})
