"""Specs of ClusterOAuthIssuers that the API server refuses, with what it says, and such as it admits."""

from typing import Any

from tests.cluster.admission.manifests import API_VERSION, ISSUER, Manifest

ALLOWED: Manifest = {"namespaces": {"names": ["shop"]}, "redirectURIs": ["https://shop.example.com/callback"]}
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"


def cluster_issuer(name: str = "corporate", **spec: Any) -> Manifest:
    """Return a ClusterOAuthIssuer; a member of its spec that is None is left out."""
    written = {"issuer": ISSUER, "allowed": ALLOWED, **spec}
    written = {member: value for member, value in written.items() if value is not None}
    return {"apiVersion": API_VERSION, "kind": "ClusterOAuthIssuer", "metadata": {"name": name}, "spec": written}


def allowing(**members: Any) -> Manifest:
    """Return members of a spec that allow this and that, and by default little."""
    return {"allowed": {**ALLOWED, **members}}


def _selecting(**selector: Any) -> Manifest:
    return allowing(namespaces={"selector": selector})


_DURATION = 'Invalid value: "{}": write hours, minutes and seconds, e.g. {} or 1h30m'
OTHERS_FIT = (
    "Forbidden: {0} is no default, for other members of a client have to fit it; have each OAuthClient write it, or "
    "write it under fixed"
)
EACH_CLIENTS_OWN = (
    "Forbidden: {0} is each client's own; leave it out here, and write it in the clientMetadata of the OAuthClient"
)
_ISSUED = "Forbidden: the authorization server issues it (RFC 7591 section 3.2.1); leave it out"
_LABEL_KEY = (
    "write a label's key: letters, digits, '-', '_' and '.', with a prefix and '/' before it where there is one, e.g. "
    "example.com/team"
)
_LABEL_VALUE = "write a label's value: letters, digits, '-', '_' and '.', beginning and ending with a letter or digit"
_VALUES = "Forbidden: write values with In and NotIn, and none with Exists and DoesNotExist"
NO_NETWORK = "write a network as a CIDR, e.g. 10.20.0.0/16, or 10.20.1.5/32 for one address"
NO_ORIGIN = (
    "Forbidden: write an origin, https:// and a host, with a port where it is another than 443, without user "
    "information, path, query or fragment, e.g. https://api.idp.example.com"
)

NO_ONE_WAY_IN = (
    "spec.access: Required value: write one of initialAccessToken, clientCredentials and serviceAccountToken, or leave "
    "access out where registration is open"
)
NO_ACCESS = (
    "spec.dialect.management: Forbidden: Access needs access by clientCredentials or serviceAccountToken; write one of "
    "them under access, or leave management out"
)
REFUSED: dict[str, tuple[Manifest, str]] = {
    "plain http without reach.http": (
        {"issuer": "http://idp.example.com"},
        (
            "spec.issuer: Forbidden: write an https URL, or reach.http: true, and everything that is sent to this issuer, "
            "credentials too, can be read on the way"
        ),
    ),
    "plain http with reach.http: false": (
        {"issuer": "http://idp.example.com", "reach": {"http": False}},
        (
            "spec.issuer: Forbidden: write an https URL, or reach.http: true, and everything that is sent to this issuer, "
            "credentials too, can be read on the way"
        ),
    ),
    "a form beside the address of the metadata": (
        {"discovery": {"url": f"{ISSUER}/metadata", "form": "OAuth"}},
        "spec.discovery.form: Forbidden: leave form out beside url, for the metadata are read there and nowhere else",
    ),
    "two sources of authorities": (
        {"trust": {"caBundle": CERTIFICATE, "caBundleRef": {"name": "ca"}}},
        "spec.trust.caBundleRef: Forbidden: write caBundle or caBundleRef, not both",
    ),
    "trust that says nothing": (
        {"trust": {}},
        (
            "spec.trust: Required value: write caBundle, caBundleRef or systemAuthorities, or leave trust out for the "
            "authorities of the operator's configuration"
        ),
    ),
    "authorities that are no certificates": (
        {"trust": {"caBundle": "AQ=="}},
        (
            "spec.trust.caBundle: Forbidden: write certificates in PEM, each between -----BEGIN CERTIFICATE----- and "
            "-----END CERTIFICATE-----, and nothing else; a private key that was written here is disclosed"
        ),
    ),
    "a private key beside the certificates": (
        {"trust": {"caBundle": f"{CERTIFICATE}-----BEGIN PRIVATE KEY-----\nAQ==\n-----END PRIVATE KEY-----\n"}},
        (
            "spec.trust.caBundle: Forbidden: write certificates in PEM, each between -----BEGIN CERTIFICATE----- and "
            "-----END CERTIFICATE-----, and nothing else; a private key that was written here is disclosed"
        ),
    ),
    "a ConfigMap that has no such name": (
        {"trust": {"caBundleRef": {"name": "CA"}}},
        (
            'spec.trust.caBundleRef.name: Invalid value: "CA": write the name of the ConfigMap that holds the '
            "certificates, lower-case letters, digits, '-' and '.', e.g. corporate-ca"
        ),
    ),
    "a ConfigMap's key that is none": (
        {"trust": {"caBundleRef": {"name": "ca", "key": "a/b"}}},
        (
            "spec.trust.caBundleRef.key: Invalid value: \"a/b\": write a key of that ConfigMap: letters, digits, '-', '_' "
            "and '.', not '.' and not beginning with '..', or leave it out for ca.crt"
        ),
    ),
    "an origin of plain http": (
        {"reach": {"endpointOrigins": ["http://api.example.com"]}},
        "spec.reach.endpointOrigins: Forbidden: write https origins, or http: true beside them",
    ),
    "access that says nothing": (
        {"access": {}},
        NO_ONE_WAY_IN,
    ),
    "access that says two ways": (
        {"access": {"initialAccessToken": {"secretRef": {"name": "a"}}, "serviceAccountToken": {"method": "Bearer"}}},
        NO_ONE_WAY_IN,
    ),
    "client credentials of no method": (
        {"access": {"clientCredentials": {"secretRef": {"name": "idp-client"}, "tokenEndpointAuthMethod": "none"}}},
        (
            'spec.access.clientCredentials.tokenEndpointAuthMethod: Unsupported value: "none": supported values: '
            '"client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"'
        ),
    ),
    "a Secret of client credentials that has no name": (
        {"access": {"clientCredentials": {"secretRef": {"name": "Client"}}}},
        (
            'spec.access.clientCredentials.secretRef.name: Invalid value: "Client": write the name of the Secret that '
            "holds the client credentials, lower-case letters, digits, '-' and '.', e.g. idp-client"
        ),
    ),
    "a scope of words that are not one space apart": (
        {"access": {"clientCredentials": {"secretRef": {"name": "idp-client"}, "scope": "a  b"}}},
        (
            'spec.access.clientCredentials.scope: Invalid value: "a  b": write words of visible ASCII without " and \\, '
            "with one space between two of them"
        ),
    ),
    "a resource with a fragment": (
        {"access": {"clientCredentials": {"secretRef": {"name": "c"}, "resource": ["https://a.example/#b"]}}},
        (
            'spec.access.clientCredentials.resource[0]: Invalid value: "https://a.example/#b": write an absolute URI '
            "without fragment, e.g. https://idp.example.com/register (RFC 8707 section 2)"
        ),
    ),
    "the cluster's own audience": (
        {"access": {"serviceAccountToken": {"method": "Bearer", "audience": "https://kubernetes.default.svc"}}},
        (
            "spec.access.serviceAccountToken.audience: Forbidden: write the URL that the authorization server expects, "
            "and never the cluster's own: a token for that would be good at the API server"
        ),
    ),
    "a scope of a token that is not asked for": (
        {"access": {"serviceAccountToken": {"method": "Bearer", "scope": "dcr"}}},
        (
            "spec.access.serviceAccountToken.method: Forbidden: leave clientID and scope out, for with method Bearer no "
            "other token is asked for"
        ),
    ),
    "a Secret that has no such name": (
        {"access": {"initialAccessToken": {"secretRef": {"name": "Token"}}}},
        (
            'spec.access.initialAccessToken.secretRef.name: Invalid value: "Token": write the name of the Secret that '
            "holds the initial access token, lower-case letters, digits, '-' and '.', e.g. idp-token"
        ),
    ),
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
            'spec.allowed.namespaces.names[0]: Invalid value: "shop.eu": write a namespace\'s name, lower-case letters, '
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
        f'spec.allowed.namespaces.selector.matchLabels[team]: Invalid value: "a b": {_LABEL_VALUE}',
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
        f'spec.allowed.namespaces.selector.matchExpressions[0].key: Invalid value: "a b": {_LABEL_KEY}',
    ),
    "a scope of two words": (
        allowing(scopes=["openid profile"]),
        (
            'spec.allowed.scopes[0]: Invalid value: "openid profile": write one scope value, without a space, quotation '
            "mark or backslash, e.g. openid (RFC 6749 section 3.3)"
        ),
    ),
    "metadata that say nothing": (
        {"clientMetadata": {}},
        "spec.clientMetadata: Required value: write defaults or fixed, or leave clientMetadata out",
    ),
    "a software statement in plain sight": (
        {"clientMetadata": {"fixed": {"software_statement": "a.b.c"}}},
        (
            "spec.clientMetadata.fixed.software_statement: Forbidden: software_statement is confidential: leave it out "
            "here; an OAuthClient names the Secret that holds its own"
        ),
    ),
    "a member that the server issues": (
        {"clientMetadata": {"defaults": {"client_id": "s6BhdRkqt3"}}},
        f"spec.clientMetadata.defaults.client_id: {_ISSUED}",
    ),
    "a proof in days": (
        {"defaults": {"proof": {"interval": "1d"}}},
        f"spec.defaults.proof.interval: {_DURATION.format('1d', '12h')}",
    ),
    "a proof all the time": (
        {"defaults": {"proof": {"interval": "0s"}}},
        'spec.defaults.proof.interval: Invalid value: "0s": write a time above zero, e.g. 12h, or leave interval out',
    ),
    "an interval in days": (
        {"defaults": {"rotation": {"interval": "30d"}}},
        f"spec.defaults.rotation.interval: {_DURATION.format('30d', '720h')}",
    ),
    "an overlap in days": (
        {"defaults": {"rotation": {"overlap": "1d"}}},
        f"spec.defaults.rotation.overlap: {_DURATION.format('1d', '24h')}",
    ),
    "an interval of less than an hour": (
        {"defaults": {"rotation": {"interval": "59m59s"}}},
        "spec.defaults.rotation.interval: Forbidden: write an interval of at least 1h, e.g. 720h",
    ),
    "an interval of less than twice the overlap": (
        {"defaults": {"rotation": {"interval": "24h", "overlap": "13h"}}},
        (
            "spec.defaults.rotation.interval: Forbidden: write an interval of at least twice the overlap, or leave overlap "
            "out: what was published before has to be gone before the next one comes"
        ),
    ),
    "a strategy that there is not": (
        {"defaults": {"rotation": {"strategy": "Never"}}},
        (
            'spec.defaults.rotation.strategy: Unsupported value: "Never": supported values: "Auto", "Keys", '
            '"Server", "Reregister"'
        ),
    ),
    "management by a word that there is not": (
        {"dialect": {"management": "Rat"}},
        (
            'spec.dialect.management: Unsupported value: "Rat": supported values: "RegistrationAccessToken", "Access", '
            '"None"'
        ),
    ),
    "management by access that is open": (
        {"dialect": {"management": "Access"}},
        NO_ACCESS,
    ),
    "management by an initial access token": (
        {
            "access": {"initialAccessToken": {"secretRef": {"name": "idp-token"}}},
            "dialect": {"management": "Access"},
        },
        NO_ACCESS,
    ),
    "an update of a form that there is not": (
        {"dialect": {"update": "Replace"}},
        'spec.dialect.update: Unsupported value: "Replace": supported values: "Full", "Asked", "Merge"',
    ),
    "no key for a client": (
        {"dialect": {"keysPerClient": 0}},
        (
            "spec.dialect.keysPerClient: Invalid value: 0: spec.dialect.keysPerClient in body should be greater than or "
            "equal to 1"
        ),
    ),
    "more keys than any client has": (
        {"dialect": {"keysPerClient": 65}},
        (
            "spec.dialect.keysPerClient: Invalid value: 65: spec.dialect.keysPerClient in body should be less than or "
            "equal to 64"
        ),
    ),
    "an access token for no client": (
        {"dialect": {"clientsPerToken": 0}},
        (
            "spec.dialect.clientsPerToken: Invalid value: 0: spec.dialect.clientsPerToken in body should be greater than "
            "or equal to 1"
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

REQUIRED: dict[str, tuple[Manifest, str]] = {
    "nothing is allowed": ({"allowed": None}, "allowed"),
    "no namespaces are": ({"allowed": {"redirectURIs": []}}, "namespaces"),
    "a mistyped member names them": ({"allowed": {"namespace": ["shop"], "redirectURIs": []}}, "namespaces"),
    "no redirect URIs are": ({"allowed": {"namespaces": {"all": True}}}, "redirectURIs"),
    "a ConfigMap has no name": ({"trust": {"caBundleRef": {"key": "ca.crt"}}}, "name"),
    "no Secret is named": ({"access": {"initialAccessToken": {}}}, "secretRef"),
    "no Secret of client credentials is named": ({"access": {"clientCredentials": {}}}, "secretRef"),
    "no use of a service account's token is": ({"access": {"serviceAccountToken": {}}}, "method"),
}
"""Specs, and the member that each lacks."""

NETWORKS_REFUSED = (
    *("", "10.0.0.1", "10.0.0.0/33", "10.0.0/8", "10.0.0.256/32", "10.0.0.0/08", "10.0.0.0.0/8", "10/0.0.0.0/8"),
    *("010.0.0.0/8", "fd00::", "fd00::/129", "fd00:/8", ":fd00::/8", "fd00:::/8", "fd00::1::/8", "fd00::/1a"),
    *("1:2:3:4:5:6:7:8:9/64", "1:2:3:4:5:6:7/64", "1:2:3:4:5:6:7:8::/64", "12345::/16", "idp.example.com/32"),
    *("::ffff:10.0.0.0/104", "10.0.0.0/8\n", "/8", "fe80::%eth0/64"),
)
NETWORKS_ADMITTED = (
    *("10.0.0.0/8", "10.20.1.5/32", "192.168.7.0/24", "0.0.0.0/0", "10.20.1.5/16", "fd00::/8", "::1/128", "::/0"),
    *("FD00:20::1/128", "1:2:3:4:5:6:7:8/128", "1:2:3:4:5:6:7::/112", "::2:3:4:5:6:7:8/128", "1::8/128"),
)
ORIGINS_REFUSED = (
    *("https://api.example.com/", "https://api.example.com/v1", "https://user@api.example.com"),
    *("https://api.example.com?a", "https://api.example.com#a", "api.example.com", "ftp://api.example.com"),
)
OWN_MEMBERS: Manifest = {
    "redirect_uris": ["https://shop.example.com/callback"],
    "jwks": {"keys": []},
    "jwks_uri": "https://shop.example.com/jwks",
    "signed_jwks_uri": "https://shop.example.com/jwks",
    "tls_client_auth_subject_dn": "CN=shop",
    "tls_client_auth_san_dns": "shop.example.com",
    "tls_client_auth_san_uri": "https://shop.example.com",
    "tls_client_auth_san_ip": "192.0.2.1",
    "tls_client_auth_san_email": "shop@example.com",
}
"""Those that no two clients share."""
JOINED_MEMBERS: Manifest = {
    "grant_types": ["authorization_code"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none",
}
"""Those that others of a client have to fit."""

ADMITTED: dict[str, Manifest] = {
    "the least": {},
    "client credentials": {
        "access": {
            "clientCredentials": {
                "secretRef": {"name": "idp-client"},
                "tokenEndpointAuthMethod": "private_key_jwt",
                "scope": "openid client.create",
                "audience": "https://idp.example.com",
                "resource": ["https://idp.example.com/register?a=b", "urn:example:clients"],
            }
        }
    },
    "a service account's token": {
        "access": {
            "serviceAccountToken": {
                "method": "JWTBearer",
                "audience": "https://idp.example.com/realms/shop",
                "clientID": "registrar",
                "scope": "dcr",
            }
        }
    },
    "nothing but clients without redirection": allowing(redirectURIs=[], responseTypes=[], scopes=[]),
    "everything": {
        "discovery": {"form": "OAuth", "registrationEndpoint": f"{ISSUER}/register"},
        "trust": {"caBundle": CERTIFICATE, "systemAuthorities": True},
        "reach": {
            "privateAddresses": ["10.20.0.0/16", "fd00:20::/32"],
            "http": False,
            "endpointOrigins": ["https://api.example.com", "https://api.example.com:8443"],
        },
        "access": {"initialAccessToken": {"secretRef": {"name": "idp-token"}}},
        "allowed": {
            "namespaces": {
                "names": ["shop", "billing"],
                "selector": {
                    "matchLabels": {"oauth": "corporate", "example.com/team": ""},
                    "matchExpressions": [
                        {"key": "stage", "operator": "In", "values": ["production", "test"]},
                        {"key": "example.com/closed", "operator": "DoesNotExist"},
                    ],
                },
            },
            "redirectURIs": ["https://*.{namespace}.apps.example.com/*"],
            "grantTypes": ["authorization_code", "refresh_token"],
            "responseTypes": ["code", "code id_token"],
            "scopes": ["openid", "profile", "https://api.example.com/read", "a[]!"],
            "tokenEndpointAuthMethods": ["private_key_jwt"],
            "members": ["client_name", "redirect_uris", "grant_types", "scope"],
        },
        "clientMetadata": {
            "defaults": {"contacts": ["identity@example.com"], "client_name#ja": "\u5e97", "x_example": {"a": [1]}},
            "fixed": {"require_pushed_authorization_requests": True, "token_endpoint_auth_method": "private_key_jwt"},
        },
        "defaults": {
            "proof": {"interval": "12h"},
            "rotation": {"overlap": "48h", "interval": "720h", "strategy": "Reregister"},
        },
    },
    "every knob of the dialect": {
        "access": {"serviceAccountToken": {"method": "Bearer"}},
        "dialect": {
            "management": "Access",
            "secretRotation": "Overlap",
            "secretExpiry": "Client",
            "update": "Merge",
            "sendClientSecret": True,
            "keysPerClient": 64,
            "clientsPerToken": 1,
            "unknownMetadata": "Omit",
            "scope": "Omit",
        },
    },
    "a dialect that says the RFCs' way": {
        "dialect": {
            "management": "RegistrationAccessToken",
            "secretRotation": "None",
            "secretExpiry": "Secret",
            "update": "Full",
            "sendClientSecret": False,
            "keysPerClient": 1,
            "clientsPerToken": 1000000,
            "unknownMetadata": "Send",
            "scope": "Send",
        },
    },
    "a dialect that says nothing": {"dialect": {}},
    "the address of the metadata": {"discovery": {"url": f"{ISSUER}/metadata"}},
    "the stored default of form beside it": {"discovery": {"form": "Auto", "url": f"{ISSUER}/metadata"}},
    "authorities of a ConfigMap": {"trust": {"caBundleRef": {"name": "corporate-ca", "key": "bundle.pem"}}},
    "authorities of a ConfigMap under its usual key": {"trust": {"caBundleRef": {"name": "corporate-ca"}}},
    "the system's authorities": {"trust": {"systemAuthorities": True}},
    "plain http by its word": {
        "issuer": "http://idp.example.com",
        "reach": {"http": True, "endpointOrigins": ["http://api.example.com"]},
    },
    "every namespace": allowing(namespaces={"all": True}),
    "names and no selector": allowing(namespaces={"all": False, "names": ["shop"]}),
    "a default and a fixed value of one member": {
        "clientMetadata": {"defaults": {"scope": "openid"}, "fixed": {"scope": "openid profile"}}
    },
    "an empty list of defaults": {"clientMetadata": {"defaults": {}}, "defaults": {}},
    "the shortest interval": {"defaults": {"rotation": {"interval": "1h", "overlap": "30m"}}},
    "the longest times": {
        "defaults": {
            "proof": {"interval": "99999h99999m99999s"},
            "rotation": {"interval": "99999h99999m99999s", "overlap": "48000h"},
        }
    },
}

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
