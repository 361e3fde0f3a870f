"""What is found out of an issuer itself: its metadata, and whether it lets the operator in."""

from ..errors import ClusterError, IssuerBusy, IssuerNotAsked, OperatorError, RequestRefused
from ..issuer.caller import Caller
from ..oauth.rfc8414 import ServerMetadata
from ..plan import pauses
from ..plan.issuer import ObservedIssuer
from ..plan.observed import Problem
from ..resource.access import AccessByToken
from ..resource.addressed_secret import Recipient
from ..resource.initial_access_token import initial_access_token
from ..resource.secret import Secret
from ..resource.terms import ByInitialAccessToken, IssuerTerms
from .access import obtained, secret_of
from .access_ports import AccessTokens
from .authorization_server_ports import Issuers


async def metadata(issuers: Issuers, terms: IssuerTerms, caller: Caller) -> ServerMetadata | Problem:
    """Return an issuer's metadata, or why there are none: of no issuer is what our own side did not get done.

    Raises:
        IssuerBusy: they are on their way, and the caller is called; or it is to come again in so many seconds.
    """
    try:
        return await issuers.look(terms.source, caller, registration_endpoint=terms.registration_endpoint)
    except IssuerBusy:
        raise
    except IssuerNotAsked as error:
        return pauses.of_error(error)
    except OperatorError as error:
        return pauses.of_error(error, terms.issuer)


def secret_name(access: ByInitialAccessToken | AccessByToken) -> str | None:
    """Return the name of the Secret by which the operator is let in, or None: that takes none."""
    return access.secret if isinstance(access, ByInitialAccessToken) else secret_of(access)


async def why_not_let_in(
    tokens: AccessTokens,
    seen: ObservedIssuer,
    access: ByInitialAccessToken | AccessByToken,
    secret: Secret | None,
    caller: Caller,
) -> Problem | None:
    """Return why the operator is not let in, or None: it is.

    Raises:
        IssuerBusy: an access token is on its way, and the caller is called; or it is to come again in so many seconds.
        ClusterError: the API server did not do its part.
    """
    terms, server = seen.accepted, seen.server
    if terms is None or not isinstance(server, ServerMetadata) or server.registration_endpoint is None:
        raise TypeError("plan reads how it is let in only when it knows where")
    try:
        if isinstance(access, ByInitialAccessToken):
            to = Recipient(
                issuer=terms.issuer,
                endpoint=server.registration_endpoint,
                chosen=terms.chooses_endpoint,
                place=terms.place_of_secrets,
            )
            initial_access_token(secret, access.secret, to).fitted(server, access.secret)
        else:
            await obtained(tokens, access, secret, terms, server, caller, before=lambda: None)
    except RequestRefused as error:
        return pauses.of_error(error)
    except (IssuerBusy, ClusterError):
        raise
    except OperatorError as error:
        return pauses.of_error(error, terms.issuer)
    return None
