"""How the operator is let in by an access token: for which endpoint credentials are used, and which token it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from ..errors import DiscoveryFailed, IssuerBusy, OperatorError
from ..issuer.access_token_life import AccessToken, ShownFor
from ..issuer.access_token_requests import Wanted
from ..issuer.caller import Caller
from ..oauth.access_token import ByOwnCredentials
from ..oauth.rfc8414 import ServerMetadata
from ..plan.action import Exchange, Register
from ..resource.access import AccessByToken, ClientCredentials, ServiceAccountToken
from ..resource.addressed_secret import Recipient
from ..resource.client_credentials_secret import client_credentials
from ..resource.secret import Secret
from ..resource.terms import IssuerTerms
from .access_ports import AccessTokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Obtained:
    """An access token, and as which it was asked for."""

    wanted: Wanted
    token: AccessToken


def use_of(action: Exchange) -> ShownFor | None:
    """Return for what a call shows an access token of the operator's, or None: it shows none."""
    if isinstance(action, Register):
        return ShownFor.REGISTRATION if action.statement is None else ShownFor.STATED_REGISTRATION
    return ShownFor.CLIENT if action.by_access else None


def secret_of(access: AccessByToken) -> str | None:
    """Return the name of the Secret that is used to obtain a token, or None: that takes none."""
    return access.secret if isinstance(access, ClientCredentials) else None


async def obtained(
    tokens: AccessTokens,
    access: AccessByToken,
    secret: Secret | None,
    terms: IssuerTerms,
    server: ServerMetadata,
    caller: Caller,
    *,
    before: Callable[[], None],
) -> Obtained:
    """Return the token that is at hand, or one that is obtained now; `before` is called before it is asked for.

    Raises:
        IssuerBusy: one is on its way, and the caller is woken; or it is to come again in so many seconds.
        OperatorError: there is none, now or for a while.
    """
    try:
        credentials = _credentials(access, secret, terms, server)
        version = secret.version if secret is not None and credentials is not None else ""
        wanted = Wanted(
            address=terms.address,
            access=access,
            version=version,
            endpoint=server.endpoints.get("token_endpoint"),
            uses=terms.dialect.clients_per_token,
        )
        tokens.ask_now(wanted, caller)
        if tokens.known(wanted, caller) is None:
            before()
        token = await tokens.obtain(wanted, server, caller, credentials=credentials)
        return Obtained(wanted=wanted, token=token)
    except IssuerBusy:
        raise
    except OperatorError:
        # Whatever is in the way, in the Secret or at the server: who finds out that it is mended tells all.
        tokens.denied(terms.address, caller)
        raise


def _credentials(
    access: AccessByToken, secret: Secret | None, terms: IssuerTerms, server: ServerMetadata
) -> ByOwnCredentials | None:
    match access:
        case ServiceAccountToken():
            return None
        case ClientCredentials(secret=name, method=method):
            endpoint = server.endpoints.get("token_endpoint")
            if endpoint is None:
                raise DiscoveryFailed(
                    "the issuer's metadata name no token_endpoint, so there is no access token to be had"
                )
            # Who chooses the document chooses the token endpoint, too.
            to = Recipient(
                issuer=terms.issuer,
                endpoint=endpoint,
                chosen=terms.metadata_url is not None,
                place=terms.place_of_secrets,
            )
            return client_credentials(secret, name, to, method)
        case _:
            assert_never(access)
