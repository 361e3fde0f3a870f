"""What a platform team allows, and what a tenant, a software statement and a server say: never more than is allowed.

The input is JSON: `allowed` of an issuer resource, a namespace's `labels`, `metadata`, and a `statement` or its `claims`.
"""

import base64
import json
from typing import Final
from urllib.parse import urlsplit

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import MalformedJSON
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.json_object import JSON, decode
from oauthclient_operator.oauth.plain_uri import plain_uri
from oauthclient_operator.oauth.redirect_uri_pattern import URIPattern, redirect_uri_pattern
from oauthclient_operator.oauth.rfc7519 import audiences
from oauthclient_operator.oauth.statement_claims import claimed_metadata
from oauthclient_operator.resource.allowed import Allowed
from oauthclient_operator.resource.label_selector import LabelSelector
from oauthclient_operator.resource.not_allowed import MOST, URI_MEMBERS, granted_beyond, objections
from oauthclient_operator.resource.objection import Objection
from tests.fuzz.properties import not_shown, one_line
from tests.fuzz.target import Target

NAMESPACE: Final = "shop"


def run(data: bytes) -> None:
    try:
        found = decode(data, limit=1 << 20, depth=30)
    except MalformedJSON:
        return
    problems: list[str] = []
    allowed = Allowed.of(found, problems)
    for problem in problems:
        one_line(problem)
    labels = {k: v for k, v in _object(found, "labels").items() if isinstance(v, str)}
    metadata, statement = _object(found, "metadata"), _statement(found)
    said = objections(allowed, NAMESPACE, labels, metadata, statement=statement, adds=["jwks"])
    assert said == objections(allowed, NAMESPACE, labels, metadata, statement=statement, adds=["jwks"])
    _hold(said, statement)
    _hold(granted_beyond(allowed, NAMESPACE, ClientInformation({**metadata, "client_id": "c"})), statement)
    if statement is not None:
        assert audiences(statement) != frozenset(), "a token for nobody has an audience"
    if not said:
        assert allowed.namespaces.admit(NAMESPACE, labels)
        _hold_to_patterns(allowed, metadata)


def _hold(said: tuple[Objection, ...], statement: Confidential | None) -> None:
    assert len(said) <= MOST
    for objection in said:
        one_line(str(objection))
        assert len(str(objection)) < 2048
    not_shown(statement, *said)


def _hold_to_patterns(allowed: Allowed, metadata: dict[str, JSON]) -> None:
    """Hold every URI that was let through to the place that some pattern names, by another parser."""
    for member in URI_MEMBERS:
        value = metadata.get(member)
        for uri in value if isinstance(value, list) else [value]:
            if uri is None:
                continue
            assert isinstance(uri, str)
            parts = urlsplit(uri)
            assert (parts.scheme, parts.username, parts.fragment) == (uri.partition(":")[0], None, "")
            assert any(_is_at(pattern, parts.hostname) for pattern in map(str, allowed.redirect_uris))


def _is_at(written: str, host: str | None) -> bool:
    pattern = redirect_uri_pattern(written)
    if not isinstance(pattern, URIPattern):
        return host is not None
    if not pattern.host:
        return host is None
    last = ".".join(NAMESPACE if label == "{namespace}" else label for label in pattern.host).removeprefix("*")
    return (host or "").endswith(last.strip("[]"))


def _object(found: dict[str, JSON], name: str) -> dict[str, JSON]:
    value = found.get(name)
    return value if isinstance(value, dict) else {}


def _statement(found: dict[str, JSON]) -> Confidential | None:
    claims, text = found.get("claims"), found.get("statement")
    if claims is not None:
        payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
        return Confidential(f"e30.{payload}.c2ln")
    return Confidential(text) if isinstance(text, str) else None


TARGET: Final = Target(
    name="allowed",
    run=run,
    parsers=(
        Allowed.of,
        audiences,
        LabelSelector.of,
        LabelSelector.matches,
        claimed_metadata,
        plain_uri,
        redirect_uri_pattern,
        URIPattern.matches,
    ),
    words=tuple(
        word.encode()
        for word in (
            "https://*.{namespace}.apps.example.com/*",
            "https://web.shop.apps.example.com/cb",
            "https://evil.example",
            "{namespace}",
            "com.example.app:/cb",
            "http://127.0.0.1:*/cb",
            "http://[::1]:8080/cb",
            "matchLabels",
            "matchExpressions",
            "operator",
            "NotIn",
            "DoesNotExist",
            "values",
            "Redirect_URIs",
            "scope",
            "claims",
            "statement",
            "*",
            "@",
            "\\\\",
            "%2e",
            "..",
            ":443",
            "xn--",
            "\u3002",
            "#",
            "?",
        )
    ),
    limit=8192,
)
