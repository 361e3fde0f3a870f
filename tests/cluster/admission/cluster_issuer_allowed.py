"""What the API server says of what an issuer allows: namespaces, redirect URIs, scopes."""

from typing import Any

from tests.cluster.admission.cluster_issuer_manifest import allowing
from tests.cluster.admission.manifests import Manifest


def _selecting(**selector: Any) -> Manifest:
    return allowing(namespaces={"selector": selector})


_LABEL_KEY = (
    "write a label's key: letters, digits, '-', '_' and '.', with a prefix and '/' before it where there is one, e.g. "
    "example.com/team"
)
_LABEL_VALUE = "write a label's value: letters, digits, '-', '_' and '.', beginning and ending with a letter or digit"
_VALUES = "Forbidden: write values with In and NotIn, and none with Exists and DoesNotExist"
REFUSED: dict[str, tuple[Manifest, str]] = {
    "namespaces that say nothing": (
        allowing(namespaces={}),
        "spec.allowed.namespaces: Required value: write names, selector or all: true",
    ),
    "no name": (
        allowing(namespaces={"names": []}),
        "spec.allowed.namespaces: Required value: write names, selector or all: true",
    ),
    "all: false alone": (
        allowing(namespaces={"all": False}),
        "spec.allowed.namespaces: Required value: write names, selector or all: true",
    ),
    "names beside all": (
        allowing(namespaces={"all": True, "names": ["shop"]}),
        "spec.allowed.namespaces.all: Forbidden: leave names and selector out beside all: true",
    ),
    "a namespace's name that is none": (
        allowing(namespaces={"names": ["shop.eu"]}),
        (
            "spec.allowed.namespaces.names[0]: Invalid value: write a namespace's name, lower-case letters, "
            "digits and '-', e.g. shop"
        ),
    ),
    "an empty selector": (
        _selecting(),
        (
            "spec.allowed.namespaces.selector: Required value: write matchLabels or matchExpressions; an empty selector "
            "would select every namespace, and all: true says that"
        ),
    ),
    "a selector with empty members": (
        _selecting(matchLabels={}, matchExpressions=[]),
        (
            "spec.allowed.namespaces.selector: Required value: write matchLabels or matchExpressions; an empty selector "
            "would select every namespace, and all: true says that"
        ),
    ),
    "a label's key that is none": (
        _selecting(matchLabels={"-team": "shop"}),
        f"spec.allowed.namespaces.selector.matchLabels: Invalid value: {_LABEL_KEY}",
    ),
    "a label's value that is none": (
        _selecting(matchLabels={"team": "a b"}),
        f"spec.allowed.namespaces.selector.matchLabels[team]: Invalid value: {_LABEL_VALUE}",
    ),
    "In without values": (
        _selecting(matchExpressions=[{"key": "team", "operator": "In"}]),
        f"spec.allowed.namespaces.selector.matchExpressions[0].values: {_VALUES}",
    ),
    "Exists with values": (
        _selecting(matchExpressions=[{"key": "team", "operator": "Exists", "values": ["shop"]}]),
        f"spec.allowed.namespaces.selector.matchExpressions[0].values: {_VALUES}",
    ),
    "an operator that there is not": (
        _selecting(matchExpressions=[{"key": "team", "operator": "Gt", "values": ["1"]}]),
        (
            'spec.allowed.namespaces.selector.matchExpressions[0].operator: Unsupported value: "Gt": supported values: '
            '"In", "NotIn", "Exists", "DoesNotExist"'
        ),
    ),
    "an expression's key that is none": (
        _selecting(matchExpressions=[{"key": "a b", "operator": "Exists"}]),
        f"spec.allowed.namespaces.selector.matchExpressions[0].key: Invalid value: {_LABEL_KEY}",
    ),
    "a scope of two words": (
        allowing(scopes=["openid profile"]),
        (
            "spec.allowed.scopes[0]: Invalid value: write one scope value, without a space, quotation "
            "mark or backslash, e.g. openid (RFC 6749 section 3.3)"
        ),
    ),
    "scopes are allowed, and none is sent": (
        {**allowing(scopes=["openid"]), "dialect": {"scope": "Omit"}},
        (
            "spec.allowed.scopes: Forbidden: leave scopes out beside dialect.scope: Omit, by which no scope is asked for "
            "and the authorization server chooses"
        ),
    ),
}
"""By what is wrong: a spec, and the one thing that the API server says of it."""
NO_HOST = (
    "begin a pattern with https:// and a host in lower case, whose first label may be * and others {namespace}, with a "
    "loopback address such as http://127.0.0.1 (:* behind it is any port), or with an app's own scheme such as "
    "com.example.app:/; * alone is every https URI"
)
NO_PATH = (
    "write the path of a pattern without empty segments, . and .. as segments, %, @, ; and #; * as its whole last "
    "segment is the rest of it, and {namespace} is a whole segment"
)
PATTERNS_REFUSED: dict[str, str] = {
    "http://shop.example.com/callback": NO_HOST,
    "http://localhost.example.com/": NO_HOST,
    "https://user@shop.example.com/": NO_HOST,
    "https://Shop.example.com/": NO_HOST,
    "https://shop*.example.com/": NO_HOST,
    "https://shop.*.example.com/": NO_HOST,
    "https://*/": NO_HOST,
    "https://{namespace}/": NO_HOST,
    "https://x{namespace}.example.com/": NO_HOST,
    "https://{Namespace}.example.com/": NO_HOST,
    "https://shop.example.com:0/": NO_HOST,
    "https://shop.example.com:*/": NO_HOST,
    "https://shop.example.com*": NO_HOST,
    "javascript:/alert": NO_HOST,
    "com.example.app://callback": NO_HOST,
    "https://shop.example.com/#top": NO_PATH,
    "https://shop.example.com/%2e": NO_PATH,
    "https://shop.example.com/?a=%2e": NO_PATH,
    "https://shop.example.com/?a=*": NO_PATH,
    "https://shop.example.com/../admin": NO_PATH,
    "https://shop.example.com/./admin": NO_PATH,
    "https://shop.example.com/..": NO_PATH,
    "https://shop.example.com//": NO_PATH,
    "https://shop.example.com/a//b": NO_PATH,
    "https://shop.example.com/*/callback": NO_PATH,
    "https://shop.example.com/callback*": NO_PATH,
    "https://shop.example.com/**": NO_PATH,
    "https://shop.example.com/x{namespace}/": NO_PATH,
    "https://shop.example.com/{name}": NO_PATH,
    "https://shop.example.com/{namespace}*": NO_PATH,
    "https://shop.example.com/\\a": NO_PATH,
    "https://shop.example.com/a;b": NO_PATH,
    "https://shop.example.com/@": NO_PATH,
}
PATTERNS_ADMITTED = (
    *("*", "https://shop.example.com", "https://shop.example.com/", "https://shop.example.com/callback"),
    *("https://shop.example.com:8443/callback", "https://*.example.com/*", "https://*.{namespace}.apps.example.com/*"),
    *("https://{namespace}.example.com/{namespace}/callback", "https://shop.example.com/{namespace}/*"),
    *(
        "https://shop.example.com/a/.well-known/b...c",
        "https://xn--bcher-kva.example/",
        "https://shop.example.com/?a=b",
    ),
    *(
        "https://shop.example.com?a=b",
        "http://127.0.0.1/callback",
        "http://localhost:8080/*",
        "http://[::1]:*/callback",
    ),
    *("com.example.app:/callback", "com.example.app:/*"),
)
