"""Every exception that this program defines, as one small tree of few roots.

`OperatorError` is what the reconciler treats: `reason` is the word shown to users, `retry` says what can make it
better. `OAuthError` is what a program meets that uses the library: `code` is the word to decide by, and a mistake of
its own, an `InvalidArgument`, has one, too. The other roots are between parts of this program.

    OperatorError
    + InitialAccessTokenUnusable       the initial access token cannot be used
    | + InitialAccessTokenMissing
    | + InitialAccessTokenNotForIssuer
    | + DPoPKeyNotSupported            also an OAuthError
    + SoftwareStatementUnusable        the software statement cannot be used
    | + SoftwareStatementMissing
    | + SoftwareStatementNotForIssuer
    + AccessDenied                     there is no access token to be let in with
    | + ClientCredentialsMissing
    | + ClientCredentialsNotForIssuer
    | + AccessTokenRefused             by the token endpoint, or by the API server
    + ClientInformationUnusable        the Secret that is to hand a client over does not
    + IssuerBusy                       no slot is free, or its metadata are on their way: come when woken
    + CallsSpent                       one resource has called its issuer too often lately

    ClusterError, also an OperatorError: the API server did not do what was asked
    + NotFound
    | + NamespaceMissing               for what was to be created
    + AlreadyExists
    + Conflict                         a precondition (resourceVersion, UID) does not hold
    + RequestRefused                   403, 413, 422: asking again the same will not help
    | + NamespaceTerminating
    | + QuotaUsedUp                    until something is deleted
    | + QuotaNotCounted                for a moment, mostly
    + Unanswered                       no complete answer: the write may have happened
    | + StorageNotReady                of one kind of object: others are answered
    | | + NotDecrypted                 until a person brings back the key

    OAuthError; those with a * are OperatorErrors, too
    + EgressRefused *                  our own door does not let this request out
    + IssuerUnavailable *              no complete answer, or one that says "later"
    | + IssuerNotSecured *             TLS with it does not come about, and only a person can mend that
    | + IssuerNotAsked *               our own side could not ask it
    + DiscoveryFailed *                the issuer's metadata is missing or malformed
    | + IssuerMismatch *               it is another issuer's
    | + MetadataMissing *              there is no document at all
    | + RegistrationNotSupported *     it names no registration endpoint
    + ClientAuthenticationImpossible * what the registered method needs (secret, key, certificate) is not there
    | + ClientSecretExpired *          the client secret was good until a moment that is past
    + RegistrationRejected             the server did not register the client
    | + RegistrationUnauthorized       because of the initial access token, or for want of one
    + ClientLeftBehind                 there is a client, or may be one, that nothing was returned for
    | + RegistrationAmbiguous          nobody can say whether the server registered it
    | + ExecuteFailed                  a function over its configuration failed
    | + ManagementAmbiguous            nobody can say what became of a read, an update or a deletion
    + ClientNotManageable              there is no address or no token to manage it with
    + ManagementRejected               the server did not read, update or delete the client
    | + ManagementUnauthorized         because of its token, or because it knows no such client
    + TokenRequestRejected             the token endpoint said no
    + TokenResponseUnusable            it said yes, and what it sent cannot be used

    InvalidArgument: a mistake of who calls the library; nothing was sent
    + InvalidArgumentType              also a TypeError
    + InvalidArgumentValue             also a ValueError

    ParseError, also a ValueError: what was read is not what it should be
    + MalformedJSON                    no JSON object that means one thing
    + NotClientInformation             no client identifier in it
    + InvalidClientMetadata            they cannot be honoured as written
    + MalformedObject                  no object of the API server
    + UnreadableRecord                 no registration record
    | + NewerSchema                    one of a newer operator
    + UnreadableManifest               no YAML of manifests

    ExchangeError: ends an exchange with an issuer; the door makes a value of it, none leaves it
    + Withheld                         nothing was written, nothing will be
    | + Objected                       because of our own side
    | + NotSecured                     TLS does not come about until a person does something
    + BoundExceeded                    the response is more than the door takes
    + NameNotResolved                  the host name has no address
    | + NameNotAsked                   nobody was asked, because of our own side
    + KeyEncrypted                     the client certificate's private key has a passphrase

    PassInterrupted: ends a pass over a resource or a record; who began it decides what comes next
    + Stale                            what was observed is no longer so
    + LeaseTooShort                    the lease does not cover the exchange; nothing was begun
    + OtherCallOpen                    another process writes in the same record
    + AnswerNotRecorded                the record could not take the answer

    ProcessEnded: why this process ends, or does not start
    + ToldToStop                       SIGTERM or SIGINT
    + LeaseLost                        another process acts now
    + DefinitionsOutdated              the definitions of our kinds are not there, or older
    + FenceMissing                     the admission policy that fences us in is not there, or older
    + AddressTaken                     what `--listen` says cannot be listened on
    + StorageRestored                  the API server is behind what we know
    + AuthorityChanged                 no certificate of the API server is accepted any more

A class exists only if somebody treats it differently, and its name says what is so: only a root ends in "Error". Other
mistakes of programmers are TypeErrors and ValueErrors and no part of the tree. A message never holds a token, a header
or a body, and no other exception is chained to it.
"""

from .arguments import InvalidArgument, InvalidArgumentType, InvalidArgumentValue
from .cluster import (
    AlreadyExists,
    ClusterError,
    Conflict,
    NamespaceMissing,
    NamespaceTerminating,
    NotDecrypted,
    NotFound,
    QuotaNotCounted,
    QuotaUsedUp,
    RequestRefused,
    StorageNotReady,
    Unanswered,
)
from .egress import (
    BoundExceeded,
    ExchangeError,
    KeyEncrypted,
    NameNotAsked,
    NameNotResolved,
    NotSecured,
    Objected,
    Withheld,
)
from .oauth import (
    ClientAuthenticationImpossible,
    ClientLeftBehind,
    ClientNotManageable,
    ClientSecretExpired,
    DiscoveryFailed,
    DPoPKeyNotSupported,
    EgressRefused,
    ExecuteFailed,
    IssuerMismatch,
    IssuerNotAsked,
    IssuerNotSecured,
    IssuerUnavailable,
    ManagementAmbiguous,
    ManagementRejected,
    ManagementUnauthorized,
    MetadataMissing,
    RegistrationAmbiguous,
    RegistrationNotSupported,
    RegistrationRejected,
    RegistrationUnauthorized,
    TokenRequestRejected,
    TokenResponseUnusable,
)
from .parsing import (
    InvalidClientMetadata,
    MalformedJSON,
    MalformedObject,
    NewerSchema,
    NotClientInformation,
    ParseError,
    UnreadableManifest,
    UnreadableRecord,
)
from .process import (
    AddressTaken,
    AuthorityChanged,
    DefinitionsOutdated,
    FenceMissing,
    LeaseLost,
    ProcessEnded,
    StorageRestored,
    ToldToStop,
)
from .reconcile import AnswerNotRecorded, LeaseTooShort, OtherCallOpen, PassInterrupted, Stale
from .resource import (
    AccessDenied,
    AccessTokenRefused,
    CallsSpent,
    ClientCredentialsMissing,
    ClientCredentialsNotForIssuer,
    ClientInformationUnusable,
    InitialAccessTokenMissing,
    InitialAccessTokenNotForIssuer,
    InitialAccessTokenUnusable,
    IssuerBusy,
    SoftwareStatementMissing,
    SoftwareStatementNotForIssuer,
    SoftwareStatementUnusable,
)
from .roots import OAuthError, OperatorError, Retry

__all__ = [
    "AccessDenied",
    "AccessTokenRefused",
    "AddressTaken",
    "AlreadyExists",
    "AnswerNotRecorded",
    "AuthorityChanged",
    "BoundExceeded",
    "CallsSpent",
    "ClientAuthenticationImpossible",
    "ClientCredentialsMissing",
    "ClientCredentialsNotForIssuer",
    "ClientInformationUnusable",
    "ClientLeftBehind",
    "ClientNotManageable",
    "ClientSecretExpired",
    "ClusterError",
    "Conflict",
    "DPoPKeyNotSupported",
    "DefinitionsOutdated",
    "DiscoveryFailed",
    "EgressRefused",
    "ExchangeError",
    "ExecuteFailed",
    "FenceMissing",
    "InitialAccessTokenMissing",
    "InitialAccessTokenNotForIssuer",
    "InitialAccessTokenUnusable",
    "InvalidArgument",
    "InvalidArgumentType",
    "InvalidArgumentValue",
    "InvalidClientMetadata",
    "IssuerBusy",
    "IssuerMismatch",
    "IssuerNotAsked",
    "IssuerNotSecured",
    "IssuerUnavailable",
    "KeyEncrypted",
    "LeaseLost",
    "LeaseTooShort",
    "MalformedJSON",
    "MalformedObject",
    "ManagementAmbiguous",
    "ManagementRejected",
    "ManagementUnauthorized",
    "MetadataMissing",
    "NameNotAsked",
    "NameNotResolved",
    "NamespaceMissing",
    "NamespaceTerminating",
    "NewerSchema",
    "NotClientInformation",
    "NotDecrypted",
    "NotFound",
    "NotSecured",
    "OAuthError",
    "Objected",
    "OperatorError",
    "OtherCallOpen",
    "ParseError",
    "PassInterrupted",
    "ProcessEnded",
    "QuotaNotCounted",
    "QuotaUsedUp",
    "RegistrationAmbiguous",
    "RegistrationNotSupported",
    "RegistrationRejected",
    "RegistrationUnauthorized",
    "RequestRefused",
    "Retry",
    "SoftwareStatementMissing",
    "SoftwareStatementNotForIssuer",
    "SoftwareStatementUnusable",
    "Stale",
    "StorageNotReady",
    "StorageRestored",
    "TokenRequestRejected",
    "TokenResponseUnusable",
    "ToldToStop",
    "Unanswered",
    "UnreadableManifest",
    "UnreadableRecord",
    "Withheld",
]
