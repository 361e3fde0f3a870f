"""Specs of ClusterOAuthIssuers that the API server refuses, with what it says, and such as it admits."""

from tests.cluster.admission import cluster_issuer_access, cluster_issuer_allowed, cluster_issuer_clients
from tests.cluster.admission.cluster_issuer_manifest import CERTIFICATE, allowing
from tests.cluster.admission.manifests import ISSUER, Manifest

REFUSED: dict[str, tuple[Manifest, str]] = {
    **cluster_issuer_access.REFUSED,
    **cluster_issuer_allowed.REFUSED,
    **cluster_issuer_clients.REFUSED,
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
