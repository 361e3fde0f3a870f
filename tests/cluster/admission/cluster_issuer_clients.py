"""What the API server says of what an issuer says of its clients: their metadata, defaults and dialect."""

from tests.cluster.admission.manifests import Manifest

_DURATION = "Invalid value: write hours, minutes and seconds, e.g. {} or 1h30m"
OTHERS_FIT = (
    "Forbidden: {0} is no default, for other members of a client have to fit it; have each OAuthClient write it, or "
    "write it under fixed"
)
EACH_CLIENTS_OWN = (
    "Forbidden: {0} is each client's own; leave it out here, and write it in the clientMetadata of the OAuthClient"
)
_ISSUED = "Forbidden: the authorization server issues it (RFC 7591 section 3.2.1); leave it out"
NO_ACCESS = (
    "spec.dialect.management: Forbidden: Access needs access by clientCredentials or serviceAccountToken; write one of "
    "them under access, or leave management out"
)
REFUSED: dict[str, tuple[Manifest, str]] = {
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
        f"spec.defaults.proof.interval: {_DURATION.format('12h')}",
    ),
    "a proof all the time": (
        {"defaults": {"proof": {"interval": "0s"}}},
        "spec.defaults.proof.interval: Invalid value: write a time above zero, e.g. 12h, or leave interval out",
    ),
    "an interval in days": (
        {"defaults": {"rotation": {"interval": "30d"}}},
        f"spec.defaults.rotation.interval: {_DURATION.format('720h')}",
    ),
    "an overlap in days": (
        {"defaults": {"rotation": {"overlap": "1d"}}},
        f"spec.defaults.rotation.overlap: {_DURATION.format('24h')}",
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
            "spec.dialect.keysPerClient: Invalid value: spec.dialect.keysPerClient in body should be greater than or "
            "equal to 1"
        ),
    ),
    "more keys than any client has": (
        {"dialect": {"keysPerClient": 65}},
        (
            "spec.dialect.keysPerClient: Invalid value: spec.dialect.keysPerClient in body should be less than or "
            "equal to 64"
        ),
    ),
    "an access token for no client": (
        {"dialect": {"clientsPerToken": 0}},
        (
            "spec.dialect.clientsPerToken: Invalid value: spec.dialect.clientsPerToken in body should be greater than "
            "or equal to 1"
        ),
    ),
}
"""By what is wrong: a spec, and the one thing that the API server says of it."""
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
