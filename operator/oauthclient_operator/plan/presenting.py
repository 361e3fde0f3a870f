"""What a registration presents beside its metadata: what of it has to be read, and which software statement goes."""

from datetime import datetime
from typing import assert_never

from ..confidential import Confidential
from ..record.calls import ClosedCall, RegisterCall
from ..resource.access import ClientCredentials, ServiceAccountToken
from ..resource.terms import Access, ByInitialAccessToken, IssuerTerms, Open
from . import pauses
from .action import Action, ObtainAccess, Presented, ReadInitialAccessToken, ReadSoftwareStatement
from .effort import Effort
from .observed import Observed, Problem, Unread


def plan_presented(observed: Observed, terms: IssuerTerms, effort: Effort, now: datetime) -> Action | None:
    """Return what is still to be read of what the request presents, or why that cannot be had, or None."""
    if (look := _look_at_token(terms.access)) is not None:
        if isinstance(observed.initial_access_token, Problem):
            # Missing, or another issuer's: it goes on by itself when that Secret changes. Or none is given out.
            return pauses.fresh(observed.initial_access_token, observed, now)
        if isinstance(observed.initial_access_token, Unread):
            return look
    if terms.software_statement is not None:
        if isinstance(observed.software_statement, Unread):
            return ReadSoftwareStatement(terms.software_statement.secret)
        if isinstance(observed.software_statement, Problem) and effort.statement is None:
            return pauses.fresh(observed.software_statement, observed, now)
    return None


def software_statement(observed: Observed, terms: IssuerTerms, effort: Effort) -> Confidential | None:
    """Return the software statement to send: the spec's, or the one that was accepted where that one will do."""
    found, before = observed.software_statement, effort.statement
    if terms.software_statement is None or not isinstance(found, Confidential):
        return before
    version = observed.software_statement_version
    # Where the server refuses the Secret's, they take turns: it may approve that one later, and the other no longer.
    turn = before is not None and not isinstance(version, Unread) and effort.refuses_statement(version)
    return before if turn else found


def look_at_presented(observed: Observed, terms: IssuerTerms) -> Presented | None:
    """Return the look at what a request would present and nobody knows the version of, or None."""
    look, statement = _look_at_token(terms.access), terms.software_statement
    if look is not None and isinstance(observed.initial_access_token_version, Unread):
        return look
    if statement is not None and isinstance(observed.software_statement_version, Unread):
        return ReadSoftwareStatement(statement.secret)
    return None


def presents_another(observed: Observed, terms: IssuerTerms, refused: RegisterCall) -> bool:
    """Whether there is another version of a Secret of which something is presented than when that call was refused."""
    # Where none is shown it does not matter which there is.
    token = presented_token(observed, terms)
    statement = observed.software_statement_version if terms.software_statement is not None else None
    return (refused.credential, refused.statement) != (token, statement)


def presented_token(observed: Observed, terms: IssuerTerms) -> str | Unread | None:
    """Return by what a token is had that a registration presents, and by which version of it; None: it presents none.

    Of an access token that is the way in, which an edit may correct, and the Secret that is used for it, if one is.
    """
    match terms.access:
        case Open():
            return None
        case ByInitialAccessToken():
            return observed.initial_access_token_version
        case ClientCredentials() | ServiceAccountToken() as access:
            version = observed.initial_access_token_version
            return version if isinstance(version, Unread) else f"{access.digest}/{version or ''}"
        case _:
            assert_never(terms.access)


def is_once_more(last: ClosedCall | None, terms: IssuerTerms) -> bool:
    """Whether a registration was refused for an access token that may have been withdrawn: once, another is obtained.

    RFC 6750 section 3.1: "The client MAY request a new access token and retry the protected resource request." No
    client was registered: the refusal is complete.
    """
    if last is None or not last.rejected or last.said.status != 401 or not isinstance(last.what, RegisterCall):
        return False
    by_token = isinstance(terms.access, ClientCredentials | ServiceAccountToken)
    return by_token and last.what.bearer is not None and not last.what.repeats


def _look_at_token(access: Access) -> ReadInitialAccessToken | ObtainAccess | None:
    match access:
        case Open():
            return None
        case ByInitialAccessToken(secret=name):
            return ReadInitialAccessToken(name)
        case ClientCredentials() | ServiceAccountToken():
            return ObtainAccess(access)
        case _:
            assert_never(access)
