"""What an issuer's `spec.allowed` says of a client: of what is asked before any call, and of the answer after it."""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Final

from ..confidential import Confidential
from ..oauth.client_information import ClientInformation
from ..oauth.client_metadata import DEFAULTS
from ..oauth.comparison import is_empty
from ..oauth.json_object import JSON
from ..oauth.metadata_rules import SOFTWARE_STATEMENT
from ..oauth.plain_uri import NotPlain, plain_uri
from ..oauth.rfc7591 import returned_statement
from ..oauth.statement_claims import claimed_metadata
from .allowed import Allowed, response_type
from .objection import Objection, Rule, Source, among

MOST: Final = 20
"""Objections that are made; whoever has so many has more to read than can be mended at once."""
MOST_VALUES: Final = 256
"""Of one member; a server or a statement may have said any number, and each is held to every pattern."""
URI_MEMBERS: Final = (
    "redirect_uris",
    "post_logout_redirect_uris",
    "initiate_login_uri",
    "frontchannel_logout_uri",
    "backchannel_logout_uri",
    "backchannel_client_notification_endpoint",
)
"""Where browsers are sent, and codes, tokens and words of a logout. What the server reads (`jwks_uri`, `request_uris`,
`sector_identifier_uri`) and what people read (`logo_uri`) is a matter of `members` alone."""
_RULES: Final = {
    **dict.fromkeys(URI_MEMBERS, Rule.REDIRECT_URIS),
    "grant_types": Rule.GRANT_TYPES,
    "response_types": Rule.RESPONSE_TYPES,
    "scope": Rule.SCOPES,
    "token_endpoint_auth_method": Rule.TOKEN_ENDPOINT_AUTH_METHODS,
}
_UNREADABLE: Final = "is not of the type that it has to be, so it cannot be judged"


def objections(
    allowed: Allowed,
    namespace: str,
    labels: Mapping[str, str] | None,
    metadata: Mapping[str, JSON],
    *,
    statement: Confidential | None = None,
    adds: Collection[str] = (),
    issuers_own: Collection[str] = (),
) -> tuple[Objection, ...]:
    """Return what an issuer does not allow of what is asked for a client, in the order of the rules, the first `MOST`.

    `labels` are the namespace's, None where they are not known. `metadata` are all that would be sent but for the
    software statement. `adds` are names of members that the operator adds to them, which count as well; `issuers_own`
    are those whose value is the issuer resource's own, which need not be among `allowed.members`.

    RFC 7591 section 3.1.1: "client metadata values conveyed in the software statement MUST take precedence over those
    conveyed using plain JSON elements", but a server "MAY ignore the software statement": both have to be allowed.
    """
    if not allowed.namespaces.admit(namespace, labels):
        why = "is none of those that the issuer is for"
        if labels is None and allowed.namespaces.selector is not None:
            why += ", as far as they are named: its labels are not known, so whether they are selected is not, either"
        return (Objection.to(Rule.NAMESPACES, Source.REQUEST, "namespace", namespace, why),)
    return tuple(islice(_objections(allowed, namespace, metadata, statement, adds, issuers_own), MOST))


def granted_beyond(allowed: Allowed, namespace: str, information: ClientInformation) -> tuple[Objection, ...]:
    """Return what a server registered beyond what the issuer allows, the first `MOST`; whether it was asked or not.

    What an answer does not say is not judged: many servers leave out what they registered as asked. Nor are members
    that the server filled in.
    """
    known = (information.client_secret, information.registration_access_token, returned_statement(information))
    hide = [credential for credential in known if credential is not None]
    said = {name: value for name, value in information.metadata.items() if not is_empty(value)}
    return tuple(islice(_by_value(allowed, namespace, said, Source.ANSWER, hide), MOST))


def _objections(
    allowed: Allowed,
    namespace: str,
    metadata: Mapping[str, JSON],
    statement: Confidential | None,
    adds: Collection[str],
    issuers_own: Collection[str],
) -> Iterator[Objection]:
    # null means absent, as in RFC 7592 section 2.2.
    asked = {name: value for name, value in metadata.items() if value is not None}
    yield from _look_alikes(allowed, asked, Source.REQUEST)
    yield from _by_value(allowed, namespace, asked, Source.REQUEST, ())
    names = [name for name in (*asked, *adds) if name not in issuers_own]
    yield from _by_name(allowed, [*names, *([SOFTWARE_STATEMENT] if statement is not None else [])], Source.REQUEST)
    if statement is None:
        return
    claims = claimed_metadata(statement)
    if claims is None:
        why = "cannot be read as a signed JWT whose claims are there once, so it cannot be judged"
        yield Objection.to(Rule.REDIRECT_URIS, Source.REQUEST, SOFTWARE_STATEMENT, None, why)
        return
    yield from _look_alikes(allowed, claims, Source.STATEMENT)
    yield from _by_value(allowed, namespace, claims, Source.STATEMENT, (statement,))
    yield from _by_name(allowed, claims, Source.STATEMENT)


def _by_value(
    allowed: Allowed, namespace: str, members: Mapping[str, JSON], source: Source, hide: Collection[Confidential]
) -> Iterator[Objection]:
    for member in URI_MEMBERS:
        if member in members:
            yield from _uri_objections(allowed, namespace, member, members[member], source, hide)
    for member, choices in _choices(allowed).items():
        if member not in members and source is not Source.REQUEST:
            continue
        value = members.get(member)
        if member == "scope" and (is_empty(value) or _scopes(value) == ()):
            # RFC 7591 section 2: "If omitted, an authorization server MAY register a client with a default set of
            # scopes", whichever those are; there are servers where it is any scope at all.
            why = among(choices, "is not written, so that the server would choose: write some of")
            yield Objection.to(_RULES[member], source, member, None, why)
        elif _means_default(member, value):
            why = "is what its absence means, and"
            yield from _choice_objections(member, DEFAULTS[member], choices, f"{why} ", source, hide)
        else:
            yield from _choice_objections(member, value, choices, "", source, hide)


def _choices(allowed: Allowed) -> dict[str, Collection[str]]:
    """Return which values there are of each member of which not all are allowed; response types as they are written."""
    types = allowed.response_types
    found: dict[str, Collection[str] | None] = {
        "grant_types": allowed.grant_types,
        "response_types": None if types is None else [" ".join(sorted(words)) for words in types],
        "scope": allowed.scopes,
        "token_endpoint_auth_method": allowed.token_endpoint_auth_methods,
    }
    return {member: choices for member, choices in found.items() if choices is not None}


def _means_default(member: str, value: JSON) -> bool:
    # `response_types: []` is how a client without redirection says that it has none.
    return is_empty(value) and not (member == "response_types" and value == [])


def _choice_objections(
    member: str, value: JSON, choices: Collection[str], absent: str, source: Source, hide: Collection[Confidential]
) -> Iterator[Objection]:
    rule, texts = _RULES[member], _scopes(value) if member == "scope" else _texts(value)
    if texts is None:
        yield Objection.to(rule, source, member, None, _UNREADABLE)
    elif len(texts) > MOST_VALUES:
        yield Objection.to(rule, source, member, None, _too_many())
    else:
        known = {response_type(choice) for choice in choices} if member == "response_types" else frozenset(choices)
        for text in dict.fromkeys(texts):
            if (response_type(text) if member == "response_types" else text) not in known:
                yield Objection.to(rule, source, member, text, f"{absent}{among(choices)}", hide)


def _uri_objections(
    allowed: Allowed, namespace: str, member: str, value: JSON, source: Source, hide: Collection[Confidential]
) -> Iterator[Objection]:
    texts = _texts(value)
    if texts is None:
        yield Objection.to(Rule.REDIRECT_URIS, source, member, None, _UNREADABLE)
        return
    if len(texts) > MOST_VALUES:
        yield Objection.to(Rule.REDIRECT_URIS, source, member, None, _too_many())
        return
    patterns = [own for pattern in allowed.redirect_uris if (own := pattern.of(namespace)) is not None]
    for text in dict.fromkeys(texts):
        uri = plain_uri(text)
        if isinstance(uri, NotPlain):
            why = f"could be read in more than one way: {uri.why}"
            yield Objection.to(Rule.REDIRECT_URIS, source, member, text, why, hide)
        elif not any(pattern.matches(uri) for pattern in patterns):
            why = among(map(str, allowed.redirect_uris), "matches none of")
            yield Objection.to(Rule.REDIRECT_URIS, source, member, text, why, hide)


def _by_name(allowed: Allowed, names: Collection[str], source: Source) -> Iterator[Objection]:
    if allowed.members is None:
        return
    for name in dict.fromkeys(names):
        # RFC 7591 section 2.2: a member with a language tag is that member in another language.
        if allowed.members.isdisjoint({name, name.partition("#")[0]}):
            yield Objection.to(Rule.MEMBERS, source, name, None, among(allowed.members))


def _look_alikes(allowed: Allowed, members: Mapping[str, JSON], source: Source) -> Iterator[Objection]:
    """Yield members that are not those which are judged, but which a server may take for them.

    Go's and .NET's JSON readers, for two, find members whatever the case of their names: of `redirect_uris` and
    `Redirect_URIs` in one request the last one holds.
    """
    judged = {_folded(member): member for member in (*URI_MEMBERS, *_choices(allowed))}
    judged[_folded(SOFTWARE_STATEMENT)] = SOFTWARE_STATEMENT
    for name in members:
        meant = judged.get(_folded(name.partition("#")[0]))
        if meant is not None and (name != meant or meant == SOFTWARE_STATEMENT):
            rule = _RULES.get(meant, Rule.REDIRECT_URIS)
            yield Objection.to(
                rule, source, name, None, f"is what some servers take for {meant}: write that, or leave it out"
            )


def _folded(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _scopes(value: JSON) -> tuple[str, ...] | None:
    texts = _texts(value)
    return None if texts is None else tuple(token for text in texts for token in text.split(" ") if token)


def _texts(value: JSON) -> tuple[str, ...] | None:
    """Return the strings of a list, or a string as the only one, or None where there is anything else."""
    if isinstance(value, str):
        return (value,)
    texts = tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()
    return texts if isinstance(value, list) and len(texts) == len(value) else None


def _too_many() -> str:
    return f"has more than {MOST_VALUES} values"
