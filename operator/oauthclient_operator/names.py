"""The names that are API: whoever changes one breaks users. Nothing else lives here."""

from enum import StrEnum
from typing import Final, Literal, get_args

GROUP: Final = "oauth-operator.dev"
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"
KIND: Final = "OAuthClient"
PLURAL: Final = "oauthclients"
ISSUER_KIND: Final = "ClusterOAuthIssuer"
ISSUER_PLURAL: Final = "clusteroauthissuers"

OPERATOR: Final = "oauthclient-operator"
"""Field manager, component of Events, service account, Lease and console script."""
REGISTRAR: Final = "oauth-registrar"
"""The service account, in the operator's namespace, that no role names: its tokens are for authorization servers."""
SYSTEM_NAMESPACE: Final = "oauth-operator-system"
RECORDS_NAMESPACE: Final = "oauth-operator-records"

FINALIZER: Final = f"{GROUP}/registration"
ISSUER_FINALIZER: Final = f"{GROUP}/issuer"
"""On a ClusterOAuthIssuer for as long as it has clients."""
RESOLVE_ANNOTATION: Final = f"{GROUP}/resolve"
RETRY_ANNOTATION: Final = f"{GROUP}/retry"
"""On a resource whatever value asks once; on its record the fingerprint of the last one that was served."""
ROTATE_ANNOTATION: Final = f"{GROUP}/rotate"
"""On a resource whatever new value asks once for another pair."""
PROVE_ANNOTATION: Final = f"{GROUP}/prove"
"""On a resource whatever new value asks once whether the server accepts what is published."""
PAUSED_ANNOTATION: Final = f"{GROUP}/paused"
INSTALLATION_ANNOTATION: Final = f"{GROUP}/installation"
"""On an issuer: the namespace of the operator that writes its status, where several look after it."""
EDITION_ANNOTATION: Final = f"{GROUP}/edition"
"""On the published Secret: the number of what is published there."""
REFRESH_ANNOTATION: Final = f"{GROUP}/refresh"
"""As the one before it: that the client be read at the server (RFC 7592 section 2.1)."""

MANAGED_BY_LABEL: Final = "app.kubernetes.io/managed-by"
RECORD_TYPE: Final = f"{GROUP}/registration"
INITIAL_ACCESS_TOKEN_TYPE: Final = f"{GROUP}/initial-access-token"
CLIENT_INFORMATION_TYPE: Final = f"{GROUP}/client-information"
SOFTWARE_STATEMENT_TYPE: Final = f"{GROUP}/software-statement"
CLIENT_CREDENTIALS_TYPE: Final = f"{GROUP}/client-credentials"
TOKEN_KEY: Final = "token"
ISSUER_KEY: Final = "issuer"
DPOP_KEY: Final = "dpop_key"
ENDPOINT_KEY: Final = "registration_endpoint"
"""The keys of a Secret that holds an initial access token; the last is optional."""
TOKEN_ENDPOINT_KEY: Final = "token_endpoint"
"""Of a Secret that holds client credentials, beside `issuer`: where they are sent; optional, as the one before."""
STATEMENT_KEY: Final = "software_statement"
"""The key of a Secret under which a software statement stands, where the spec names no other."""
RECORD_KEY: Final = "record"
RAW_ANSWER_KEY: Final = "raw-answer"
"""The data key of a record that every schema keeps: a raw answer may be appended to it by any version."""
STATE_LABEL: Final = f"{GROUP}/state"
CLIENT_LABEL_PREFIX: Final = f"client.{GROUP}/"
IDENTIFIER_LABEL_PREFIX: Final = f"client-id.{GROUP}/"
"""And a digest of issuer and client identifier: on every record that holds such a client, or had it until lately."""
NAMESPACE_LABEL_PREFIX: Final = f"namespace.{GROUP}/"
"""And the name of the tenant's namespace: on a record, so that a namespace's records can be counted and listed."""
CONFIRMED_ANNOTATION: Final = f"{GROUP}/confirmed"
OPEN_CALL_ANNOTATION: Final = f"{GROUP}/open-call"
DUE_ANNOTATION: Final = f"{GROUP}/due"
SECRET_SINCE_ANNOTATION: Final = f"{GROUP}/secret-since"
EXPIRES_ANNOTATION: Final = f"{GROUP}/expires"
"""When the published client secret came, and when it expires."""
TOLD_ANNOTATION: Final = f"{GROUP}/told"
"""What of a record at rest its resource's status has to tell, as a digest."""
LEFT_ANNOTATION: Final = f"{GROUP}/left-behind"
"""How many clients of a resource that lives no call could end."""
SUSPECTS_ANNOTATION: Final = f"{GROUP}/suspects"

PublishedEndpoint = Literal[
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "end_session_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
    "device_authorization_endpoint",
    "pushed_authorization_request_endpoint",
]
PublishedSigningKey = Literal["private_key", "private_key_jwk", "key_id"]
PublishedKey = Literal[
    "client_id",
    "client_secret",
    "issuer",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    PublishedEndpoint,
    PublishedSigningKey,
]
"""What the published Secret can hold, by our own key names; `spec.secret.keys` renames them."""
TemplateName = Literal[PublishedKey, "scope", "redirect_uri", "discovery_url"]
"""What `spec.secret.template` can name: what is published, and the last three, which no key of ours holds."""
PUBLISHED_KEYS: Final[tuple[PublishedKey, ...]] = get_args(PublishedKey)
TEMPLATE_NAMES: Final[tuple[TemplateName, ...]] = get_args(TemplateName)
PUBLISHED_ENDPOINTS: Final[tuple[PublishedKey, ...]] = get_args(PublishedEndpoint)
PUBLISHED_CLIENT_SECRET: Final[tuple[PublishedKey, ...]] = ("client_id", "client_secret")
"""What is of use only together."""
PUBLISHED_SIGNING_KEY: Final[tuple[PublishedKey, ...]] = get_args(PublishedSigningKey)
"""Published only where the client has keys of the operator's own: elsewhere such a key of a Secret is its user's."""


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
    ACCESS_DENIED = "AccessDenied"
    SOFTWARE_STATEMENT_MISSING = "SoftwareStatementMissing"
    SOFTWARE_STATEMENT_NOT_FOR_ISSUER = "SoftwareStatementNotForIssuer"
    REGISTRATION_UNAUTHORIZED = "RegistrationUnauthorized"
    REGISTRATION_REJECTED = "RegistrationRejected"
    REGISTRATION_INSUFFICIENT = "RegistrationInsufficient"
    REGISTRATION_AMBIGUOUS = "RegistrationAmbiguous"
    NOT_UNDERSTOOD = "NotUnderstood"
    SECRET_NOT_OWNED = "SecretNotOwned"
    SECRET_NOT_PUBLISHABLE = "SecretNotPublishable"
    UPDATE_REJECTED = "UpdateRejected"
    UPDATE_UNSUPPORTED = "UpdateUnsupported"
    UPDATE_AMBIGUOUS = "UpdateAmbiguous"
    MANAGEMENT_LOST = "ManagementLost"
    RECORD_MISSING = "RecordMissing"
    RECORD_OUTDATED = "RecordOutdated"
    CREDENTIALS_REFUSED = "CredentialsRefused"
    CLIENT_GONE = "ClientGone"
    PROVEN = "Proven"
    NOT_PROVABLE = "NotProvable"
    PAUSED = "Paused"
    RENEWING = "Renewing"
    ADOPTION_FAILED = "AdoptionFailed"
    RENEWAL_FAILED = "RenewalFailed"
    LEAVING = "Leaving"
    SECRET_EXPIRED = "SecretExpired"
    DEREGISTERING = "Deregistering"
    DELETION_UNCONFIRMED = "DeletionUnconfirmed"
    CLUSTER_UNAVAILABLE = "ClusterUnavailable"
    ISSUER_NOT_READY = "IssuerNotReady"
    NOT_ALLOWED_BY_ISSUER = "NotAllowedByIssuer"
    READY = "Ready"
    """Of an issuer: clients can be registered there."""
    DISCOVERED = "Discovered"
    IN_USE = "InUse"
    ONE_FIRST = "OneFirst"
    CLIENT_NOT_READY = "ClientNotReady"
    APPLIED = "Applied"


class Done(StrEnum):
    """The one word for what was done, as the reason of an Event; what failed has its `Reason`."""

    REGISTERED = "Registered"
    ADOPTED = "Adopted"
    UPDATED = "Updated"
    READ = "Read"
    READ_FAILED = "ReadFailed"
    PROOF_FAILED = "ProofFailed"
    PUBLISHED = "Published"
    SECRET_RESTORED = "SecretRestored"
    PROMOTED = "Promoted"
    LEFT = "Left"
    DEREGISTERED = "Deregistered"
    PASSED_ON = "PassedOn"
    LEFT_BEHIND = "LeftBehind"


class ConditionType(StrEnum):
    """The condition types of our resources."""

    READY = "Ready"
    REGISTERED = "Registered"
    SECRET_PUBLISHED = "SecretPublished"
    RENEWING = "Renewing"
    CREDENTIALS_VALID = "CredentialsValid"
    PAUSED = "Paused"
    STALLED = "Stalled"
    DISCOVERED = "Discovered"
    """Of an issuer alone, as the next one."""
    APPLIED = "Applied"


class RecordState(StrEnum):
    """The values of a record's state label."""

    OPEN = "Open"
    REGISTERED = "Registered"
    HELD = "Held"
    RELEASED = "Released"
    LEFT_BEHIND = "LeftBehind"
