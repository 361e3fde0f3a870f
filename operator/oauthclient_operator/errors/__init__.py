"""Everything that can go wrong outside this program, as one small tree with two roots.

`OperatorError` is what the reconciler treats: `reason` is the word shown to users, `retry` says what can make it
better. `OAuthError` is what a program meets that uses `oauthclient_operator.oauth`: `code` is the word to decide by.

    OperatorError
    + SpecError                        the resource cannot be honoured as written
    + CredentialError                  the initial access token cannot be used
    | + InitialAccessTokenMissing
    | + InitialAccessTokenNotForIssuer
    | + DPoPKeyNotSupported            also an OAuthError
    + IssuerBusy                       no place is free, or its metadata are on their way: come when called
    + CallsSpent                       one resource has called its issuer too often lately
    + ClusterError                     the API server did not do what was asked
      + NotFound
      + AlreadyExists
      + Conflict                       a precondition (resourceVersion, UID) does not hold
      + RequestRefused                 403, 413, 422: asking again the same will not help
      | + NamespaceTerminating
      + Unanswered                     no complete answer: the write may have happened

    OAuthError; those with a * are OperatorErrors, too
    + EgressRefused *                  our own door does not let this request out
    + IssuerUnavailable *              no complete answer, or one that says "later"
    + DiscoveryError *                 the issuer's metadata is missing or malformed
    | + IssuerMismatch *               it is another issuer's
    | + MetadataMissing *              there is no document at all
    | + RegistrationNotSupported *     it names no registration endpoint
    + ClientAuthenticationError *      what the registered method needs (secret, key, certificate) is not there
    | + ClientSecretExpired *          the client secret was good until a moment that is past
    + RegistrationRejected             the server did not register the client
    | + RegistrationUnauthorized       because of the initial access token, or for want of one
    + ClientLeftBehind                 there is a client, or may be one, that nothing was returned for
    | + RegistrationAmbiguous          nobody can say whether the server registered it
    | + ExecuteFailed                  a function over its configuration failed
    + TokenRequestRejected             the token endpoint said no
    + TokenResponseUnusable            it said yes, and what it sent cannot be used

A class exists only if somebody treats it differently. Programmers' mistakes are TypeErrors and ValueErrors and no part
of the tree; those of who calls the library have a `code`, too. A message never holds a token, a header or a body, and
no other exception is chained to it.
"""

from .arguments import InvalidArgumentType, InvalidArgumentValue
from .cluster import AlreadyExists, ClusterError, Conflict, NamespaceTerminating, NotFound, RequestRefused, Unanswered
from .oauth import (
    ClientAuthenticationError,
    ClientLeftBehind,
    ClientSecretExpired,
    DiscoveryError,
    DPoPKeyNotSupported,
    EgressRefused,
    ExecuteFailed,
    IssuerMismatch,
    IssuerUnavailable,
    MetadataMissing,
    RegistrationAmbiguous,
    RegistrationNotSupported,
    RegistrationRejected,
    RegistrationUnauthorized,
    TokenRequestRejected,
    TokenResponseUnusable,
)
from .resource import (
    CallsSpent,
    CredentialError,
    InitialAccessTokenMissing,
    InitialAccessTokenNotForIssuer,
    IssuerBusy,
    SpecError,
)
from .roots import OAuthError, OperatorError, Retry

__all__ = [
    "AlreadyExists",
    "CallsSpent",
    "ClientAuthenticationError",
    "ClientLeftBehind",
    "ClientSecretExpired",
    "ClusterError",
    "Conflict",
    "CredentialError",
    "DPoPKeyNotSupported",
    "DiscoveryError",
    "EgressRefused",
    "ExecuteFailed",
    "InitialAccessTokenMissing",
    "InitialAccessTokenNotForIssuer",
    "InvalidArgumentType",
    "InvalidArgumentValue",
    "IssuerBusy",
    "IssuerMismatch",
    "IssuerUnavailable",
    "MetadataMissing",
    "NamespaceTerminating",
    "NotFound",
    "OAuthError",
    "OperatorError",
    "RegistrationAmbiguous",
    "RegistrationNotSupported",
    "RegistrationRejected",
    "RegistrationUnauthorized",
    "RequestRefused",
    "Retry",
    "SpecError",
    "TokenRequestRejected",
    "TokenResponseUnusable",
    "Unanswered",
]
