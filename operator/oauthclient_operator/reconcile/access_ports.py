"""What is needed where the operator is let in by access tokens that it obtains, as a protocol that speaks values."""

from typing import Protocol

from ..errors import AccessTokenRefused
from ..exchange import Answer
from ..issuer.access_token_life import AccessToken, ShownFor
from ..issuer.access_token_requests import Wanted
from ..issuer.access_tokens import Denied
from ..issuer.caller import Caller
from ..oauth.access_token import ByOwnCredentials
from ..oauth.rfc8414 import ServerMetadata
from ..reach import IssuerAddress
from ..resource.key import Key


class AccessTokens(Protocol):
    """Access tokens, each obtained once for all who want it."""

    def known(self, wanted: Wanted, caller: Caller) -> AccessToken | Denied | None:
        """Return the token to be used now, or why there is none for now; None says that one is to be obtained."""
        ...

    async def obtain(
        self, wanted: Wanted, server: ServerMetadata, caller: Caller, *, credentials: ByOwnCredentials | None = None
    ) -> AccessToken:
        """Return the token that is known, or one that is obtained now; the caller holds no slot.

        Raises:
            IssuerBusy: one is on its way; the caller is woken.
            OperatorError: there is none, now or for a while.
        """
        ...

    def ask_now(self, wanted: Wanted, caller: Caller) -> None:
        """Have another token asked for where there is none for a while, if a person said so to that caller.

        Raises:
            IssuerBusy: another one is due in so many seconds.
        """
        ...

    def denied(self, issuer: IssuerAddress, caller: Caller) -> None:
        """Have a caller that queues woken as soon as anybody obtains one at that issuer, for it had none itself."""
        ...

    def turns(self, key: Key) -> object:
        """Return a value that is another one once there is a token where that key was told that there is none."""
        ...

    def forget(self, key: Key) -> None:
        """Take leave of a resource that is gone."""
        ...

    def answered(
        self,
        wanted: Wanted,
        caller: Caller,
        token: AccessToken,
        answer: Answer,
        use: ShownFor = ShownFor.REGISTRATION,
    ) -> None:
        """Take what came of a request that showed a token: what was refused is thrown away."""
        ...


class NoAccessTokens:
    """None is given out: of a process that registers nothing."""

    def known(self, wanted: Wanted, caller: Caller) -> AccessToken | Denied | None:  # noqa: ARG002 - the port's
        """Know of none."""
        return None

    async def obtain(
        self,
        wanted: Wanted,  # noqa: ARG002 - the port's
        server: ServerMetadata,  # noqa: ARG002 - the port's
        caller: Caller,  # noqa: ARG002 - the port's
        *,
        credentials: ByOwnCredentials | None = None,  # noqa: ARG002 - the port's
    ) -> AccessToken:
        """Obtain none."""
        raise AccessTokenRefused("this process obtains no access tokens")

    def ask_now(self, wanted: Wanted, caller: Caller) -> None:
        """Do nothing."""

    def denied(self, issuer: IssuerAddress, caller: Caller) -> None:
        """Wake nobody."""

    def turns(self, _key: Key) -> None:
        """Never give anybody a turn."""

    def forget(self, _key: Key) -> None:
        """Know of nobody."""

    def answered(
        self,
        wanted: Wanted,
        caller: Caller,
        token: AccessToken,
        answer: Answer,
        use: ShownFor = ShownFor.REGISTRATION,
    ) -> None:
        """Keep none."""
