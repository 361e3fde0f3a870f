"""The names that are API: whoever changes one breaks users. Nothing else lives here."""

from enum import StrEnum
from typing import Final

GROUP: Final = "oauth-operator.dev"
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"
KIND: Final = "OAuthClient"
PLURAL: Final = "oauthclients"

OPERATOR: Final = "oauthclient-operator"
"""Field manager, component of Events, service account, Lease and console script."""
SYSTEM_NAMESPACE: Final = "oauth-operator-system"
RECORDS_NAMESPACE: Final = "oauth-operator-records"

FINALIZER: Final = f"{GROUP}/registration"
RESOLVE_ANNOTATION: Final = f"{GROUP}/resolve"

MANAGED_BY_LABEL: Final = "app.kubernetes.io/managed-by"
RECORD_TYPE: Final = f"{GROUP}/registration"
INITIAL_ACCESS_TOKEN_TYPE: Final = f"{GROUP}/initial-access-token"
TOKEN_KEY: Final = "token"
ISSUER_KEY: Final = "issuer"
DPOP_KEY: Final = "dpop_key"
ENDPOINT_KEY: Final = "registration_endpoint"
"""The keys of a Secret that holds an initial access token; the last is optional."""
RECORD_KEY: Final = "record"
RAW_ANSWER_KEY: Final = "raw-answer"
"""The data key of a record that every schema keeps: a raw answer may be appended to it by any version."""
STATE_LABEL: Final = f"{GROUP}/state"
CLIENT_LABEL_PREFIX: Final = f"client.{GROUP}/"
NAMESPACE_LABEL_PREFIX: Final = f"namespace.{GROUP}/"
"""And the name of the tenant's namespace: on a record, so that a namespace's records can be counted and listed."""
CONFIRMED_ANNOTATION: Final = f"{GROUP}/confirmed"
OPEN_CALL_ANNOTATION: Final = f"{GROUP}/open-call"
DUE_ANNOTATION: Final = f"{GROUP}/due"
SUSPECTS_ANNOTATION: Final = f"{GROUP}/suspects"

PUBLISHED_ENDPOINTS: Final = (
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "end_session_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
    "device_authorization_endpoint",
    "pushed_authorization_request_endpoint",
)
PUBLISHED_KEYS: Final = (
    "client_id",
    "client_secret",
    "issuer",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    *PUBLISHED_ENDPOINTS,
)
"""What the published Secret can hold, by our own key names; `spec.secret.keys` renames them."""


class Reason(StrEnum):
    """The one word for what is so: the same in condition, Event, log and metric."""

    PENDING = "Pending"
    REGISTERED = "Registered"
    PUBLISHED = "Published"
    INVALID_SPEC = "InvalidSpec"
    ISSUER_NOT_ALLOWED = "IssuerNotAllowed"
    ISSUER_UNAVAILABLE = "IssuerUnavailable"
    DISCOVERY_FAILED = "DiscoveryFailed"
    ISSUER_MISMATCH = "IssuerMismatch"
    REGISTRATION_NOT_SUPPORTED = "RegistrationNotSupported"
    INITIAL_ACCESS_TOKEN_MISSING = "InitialAccessTokenMissing"
    INITIAL_ACCESS_TOKEN_NOT_FOR_ISSUER = "InitialAccessTokenNotForIssuer"
    REGISTRATION_UNAUTHORIZED = "RegistrationUnauthorized"
    REGISTRATION_REJECTED = "RegistrationRejected"
    REGISTRATION_INSUFFICIENT = "RegistrationInsufficient"
    REGISTRATION_AMBIGUOUS = "RegistrationAmbiguous"
    SECRET_NOT_OWNED = "SecretNotOwned"
    SECRET_NOT_PUBLISHABLE = "SecretNotPublishable"
    UPDATE_REJECTED = "UpdateRejected"
    UPDATE_UNSUPPORTED = "UpdateUnsupported"
    UPDATE_AMBIGUOUS = "UpdateAmbiguous"
    MANAGEMENT_LOST = "ManagementLost"
    RECORD_MISSING = "RecordMissing"
    SECRET_EXPIRED = "SecretExpired"
    DEREGISTERING = "Deregistering"
    DELETION_UNCONFIRMED = "DeletionUnconfirmed"
    CLUSTER_UNAVAILABLE = "ClusterUnavailable"


class ConditionType(StrEnum):
    """The condition types of an OAuthClient."""

    READY = "Ready"
    REGISTERED = "Registered"
    SECRET_PUBLISHED = "SecretPublished"
    STALLED = "Stalled"


class RecordState(StrEnum):
    """The values of a record's state label."""

    OPEN = "Open"
    REGISTERED = "Registered"
    HELD = "Held"
    RELEASED = "Released"
    LEFT_BEHIND = "LeftBehind"
