"""What client metadata must be, in words that say what to write; each begins with the member's name.

A schema may have refused most of it already. All is checked again: that is no security boundary, and it does not see
members that it does not declare, such as those with a language tag.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from .json_object import JSON, objection
from .metadata_types import HUMAN_READABLE, is_declared, type_problems
from .public_keys import key_problems
from .redirection import entries, redirection_problems
from .salvage import ISSUED
from .words import cleaned

MEMBERS_LIMIT: Final = 100
SOFTWARE_STATEMENT: Final = "software_statement"
"""It lets a client in, as a credential does: it does not stand beside the others, where many can read it."""
MOST_BYTES: Final = 64 * 1024
_MOST_LEVELS: Final = 16
_NAME_LIMIT: Final = 256
_TAG: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_PAGE: Final = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)
_PAGES: Final = HUMAN_READABLE - {"client_name"} | {"jwks_uri"}
_SCOPE: Final = re.compile(r"[!#-\[\]-~]+( [!#-\[\]-~]+)*")
TLS_SUBJECTS: Final = tuple(f"tls_client_auth_{s}" for s in ("subject_dn", "san_dns", "san_uri", "san_ip", "san_email"))
_KEY_SOURCES: Final = ("jwks", "jwks_uri", "signed_jwks_uri")


def out_of_bounds(members: Mapping[str, JSON]) -> str | None:
    """Return why client metadata are too much to look at, or None if they are not."""
    if len(members) > MEMBERS_LIMIT:
        return f"there are more than {MEMBERS_LIMIT} members"
    if any(not name or len(name) > _NAME_LIMIT or not name.isprintable() for name in members):
        return f"a member has a name that is empty, longer than {_NAME_LIMIT} characters or not printable"
    if (why := objection(dict(members), _MOST_LEVELS)) is not None:
        return f"they cannot be sent: {why}"
    if len(json.dumps(members, ensure_ascii=False).encode()) > MOST_BYTES:
        return f"they are larger than {MOST_BYTES // 1024} KiB as JSON"
    return None


def problems(members: Mapping[str, JSON], *, adds_keys: bool = False) -> Iterator[str]:
    """Yield what is wrong with client metadata, to which keys are added later or not; none of their values is shown."""
    yield from _name_problems(members)
    yield from key_problems(members)
    wrong = list(type_problems(members))
    yield from wrong
    if not wrong:
        yield from redirection_problems(members)
        yield from _flow_problems(members)
        yield from _authentication_problems(members, adds_keys=adds_keys)
        yield from _text_problems(members)


def partial_problems(members: Mapping[str, JSON]) -> Iterator[str]:
    """Yield what is wrong with metadata that others are added to, as far as each member alone can tell."""
    yield from _name_problems(members)
    wrong = list(type_problems(members))
    yield from wrong
    if not wrong:
        yield from _algorithm_problems(members)
        yield from _text_problems(members)


def _name_problems(members: Mapping[str, JSON]) -> Iterator[str]:
    seen: set[str] = set()
    for name in members:
        plain, separator, tag = name.partition("#")
        shown = cleaned(name, limit=80)
        if plain in ISSUED:
            yield f"{shown}: the authorization server issues it; leave it out (RFC 7591 section 3.2.1)"
        if plain == SOFTWARE_STATEMENT:
            yield f"{shown}: it is confidential, and is not written among the client metadata; leave it out"
        if not separator:
            continue
        # RFC 7591 section 2.2: "BCP 47 [RFC5646] language tags are added to client metadata member names, delimited by
        # a "#" character", and tags "are case-insensitive".
        if is_declared(plain) and plain not in HUMAN_READABLE:
            yield f"{shown}: only text for people has a language tag; leave out # and the rest (RFC 7591 section 2.2)"
        elif not plain or not _TAG.fullmatch(tag):
            yield f"{shown}: write a language tag after #, e.g. client_name#ja (RFC 7591 section 2.2)"
        if (folded := f"{plain}#{tag.lower()}") in seen:
            yield f"{shown}: it is there twice, for a tag's case makes no difference (RFC 7591 section 2.2)"
        seen.add(folded)


def _flow_problems(members: Mapping[str, JSON]) -> Iterator[str]:
    # RFC 7591 section 2: "If omitted, the default behavior is that the client will use only the "authorization_code"
    # Grant Type."
    grants = frozenset(entries(members, "grant_types") if "grant_types" in members else ["authorization_code"])
    if grants & {"authorization_code", "implicit"} and not members.get("redirect_uris"):
        yield (
            "redirect_uris: grant type authorization_code or implicit needs it, and absent grant_types mean "
            "authorization_code; add redirect_uris, or write grant_types without them, e.g. [client_credentials] "
            "(RFC 7591 section 2)"
        )
    if "response_types" not in members:
        return
    # RFC 7591 section 2.1 has the table.
    types = {word for response_type in entries(members, "response_types") for word in response_type.split()}
    implicit = types & {"token", "id_token"}
    if "code" in types and "authorization_code" not in grants:
        yield "grant_types: a response type with code needs authorization_code (RFC 7591 section 2.1)"
    if implicit and "implicit" not in grants:
        yield "grant_types: a response type with token or id_token needs implicit (RFC 7591 section 2.1)"
    if "authorization_code" in grants and "code" not in types:
        yield (
            "response_types: grant type authorization_code needs a response type with code, and absent grant_types "
            "mean authorization_code; add code, or leave response_types out (RFC 7591 section 2.1)"
        )
    if "implicit" in grants and not implicit:
        yield "response_types: grant type implicit needs one with token or id_token (RFC 7591 section 2.1)"


def _authentication_problems(members: Mapping[str, JSON], *, adds_keys: bool) -> Iterator[str]:
    method = members.get("token_endpoint_auth_method")
    has_keys = adds_keys or any(members.get(n) for n in _KEY_SOURCES)
    if method in ("private_key_jwt", "self_signed_tls_client_auth") and not has_keys:
        yield (
            f"token_endpoint_auth_method: {method} needs the client's public keys; add jwks_uri or jwks "
            "(OpenID Connect Core 1.0 section 9, RFC 8705 section 2.2.2)"
        )
    if method == "tls_client_auth" and sum(bool(members.get(n)) for n in TLS_SUBJECTS) != 1:
        yield (
            f"token_endpoint_auth_method: tls_client_auth needs exactly one of {', '.join(TLS_SUBJECTS)} "
            "(RFC 8705 section 2.1.2)"
        )
    yield from _algorithm_problems(members)


def _algorithm_problems(members: Mapping[str, JSON]) -> Iterator[str]:
    if members.get("token_endpoint_auth_signing_alg") == "none":
        # OpenID Connect Registration 1.0 section 2: "The value none MUST NOT be used."
        yield (
            "token_endpoint_auth_signing_alg: it must not be none; name an algorithm, e.g. ES256, or leave it out "
            "(OpenID Connect Registration 1.0 section 2)"
        )


def _text_problems(members: Mapping[str, JSON]) -> Iterator[str]:
    scope = members.get("scope")
    if isinstance(scope, str) and scope and not _SCOPE.fullmatch(scope):
        # RFC 6749 section 3.3: scope = scope-token *( SP scope-token ).
        yield (
            "scope: write words with one space between, without quotation marks or a line break, e.g. openid profile "
            "(RFC 7591 section 2, RFC 6749 section 3.3)"
        )
    for name, value in members.items():
        if name.partition("#")[0] in _PAGES and isinstance(value, str) and value and not _PAGE.fullmatch(value):
            yield f"{cleaned(name, limit=80)}: write an absolute https URL (RFC 7591 section 2)"
