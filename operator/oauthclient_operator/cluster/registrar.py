"""Tokens of the registrar: a service account without any right, which stands for the operator at authorization servers.

The TokenRequest API would as well give out one for the API server itself, for several audiences, or for a year. What is
asked for here is for one audience that is not the cluster's, and good for an hour at most; the fence holds the operator
to the same.
"""

from dataclasses import dataclass
from typing import Final

from .. import names
from ..confidential import Confidential
from ..errors import AccessTokenRefused, NotFound, RequestRefused, Unanswered
from ..oauth.json_object import JSON
from ..oauth.rfc7519 import audiences
from ..resource.access import audience_problem
from .connection import Connection
from .target import CORE, Target

SHORTEST: Final = 600
"""Seconds; the API server refuses less."""
LONGEST: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrarToken:
    """A token of the registrar's; `expires_in` is in seconds from when it was asked for."""

    token: Confidential
    expires_in: int


class Registrar:
    """The registrar's service account, in the operator's own namespace."""

    def __init__(self, connection: Connection, namespace: str, name: str = names.REGISTRAR) -> None:
        self._connection = connection
        self._account = Target(
            api=CORE, resource="serviceaccounts", namespace=namespace, name=name, subresource="token"
        )

    async def token(self, audience: str, *, lifetime: int = SHORTEST) -> RegistrarToken:
        """Ask for a token for one audience, with so many seconds to live.

        Raises:
            AccessTokenRefused: the audience may be the cluster's own, or the API server says no.
            ClusterError: no complete answer.
        """
        if (why := audience_problem(audience)) is not None:
            raise AccessTokenRefused(f"the audience of the registrar's token {why}")
        own = (await self._connection.login()).token
        if (why := same_audience(audience, own)) is not None:
            raise AccessTokenRefused(why)
        wanted: dict[str, JSON] = {"audiences": [audience], "expirationSeconds": min(lifetime, LONGEST)}
        body: dict[str, JSON] = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": wanted}
        try:
            answer = await self._connection.request("POST", self._account, body=body)
        except NotFound:
            raise AccessTokenRefused(
                f"there is no service account {self._account.name} in namespace {self._account.namespace}: apply "
                "deploy/ of this operator's release"
            ) from None
        except RequestRefused as refusal:
            raise AccessTokenRefused(
                f"the API server gives out no token of the registrar's; are deploy/'s rights and fence those of this "
                f"operator's release? {refusal}"
            ) from None
        return _issued(answer, audience, min(lifetime, LONGEST))


def same_audience(audience: str, own: Confidential | None) -> str | None:
    """Return why a token for an audience might be good at the API server, which takes our own token, or None."""
    taken = None if own is None else audiences(own)
    if taken is None:
        return (
            "the operator's own credentials at the API server do not say for which audience they are, so that the "
            "registrar's token cannot be told from one that is good there: run the operator as its service account"
        )
    if audience in taken:
        return (
            "the audience of the registrar's token is the one that the API server itself takes: whoever receives it "
            "would be let in there; let the authorization server expect another"
        )
    return None


def _issued(answer: dict[str, JSON], audience: str, lifetime: int) -> RegistrarToken:
    spec, status = answer.get("spec"), answer.get("status")
    token = status.get("token") if isinstance(status, dict) else None
    if not isinstance(token, str) or not token:
        raise Unanswered("the API server answered a TokenRequest without a token")
    issued = Confidential(token)
    if audiences(issued) != frozenset((audience,)):
        # Whatever changed it on its way: it is not sent to anybody.
        raise AccessTokenRefused("the API server gave out a token of the registrar's for another audience than asked")
    seconds = spec.get("expirationSeconds") if isinstance(spec, dict) else None
    return RegistrarToken(token=issued, expires_in=min(seconds, lifetime) if isinstance(seconds, int) else lifetime)
