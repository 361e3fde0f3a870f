"""Wakes that are left out, by their names: the lives have to find each."""

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

from oauthclient_operator.issuer.access_tokens import AccessTokens
from oauthclient_operator.issuer.concurrency_limits import ConcurrencyLimits
from oauthclient_operator.issuer.discovery_cache import DiscoveryCache
from oauthclient_operator.issuer.metadata_readers import MetadataReaders
from oauthclient_operator.oauth.proof.credentials import Credentials, credentials_of
from oauthclient_operator.oauth.proof.results import NotProvable
from oauthclient_operator.plan import ladder, leaving, proving, reading, reasons
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reconcile import proofs, reconciler, saying
from oauthclient_operator.reconcile.accepted_issuers import AcceptedIssuers, Waiting
from oauthclient_operator.reconcile.fleet import Fleet
from oauthclient_operator.record.record import Record
from oauthclient_operator.resource.terms import IssuerTerms
from oauthclient_operator.watching import secrets
from oauthclient_operator.watching.issuers import Issuers
from oauthclient_operator.watching.references import References
from oauthclient_operator.watching.secrets import WatchedSecrets
from oauthclient_operator.watching.watches import Watches
from oauthclient_operator.workqueue import WorkQueue
from tests.pure.installations.clock import BEGAN
from tests.pure.installations.kinds import NEVER

LATER = BEGAN + NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """What does nothing, or answers as if there was nothing."""

    of: Any
    name: str
    answer: Any = None
    kind: str = "people"
    """Of which kind lives are that find it."""
    since: int = 0
    """The seed from which on that does not take long."""

    def made(self) -> AbstractContextManager[Any]:
        """Make it for as long as the context lasts."""
        answer: Callable[..., Any] = lambda *_, **__: self.answer  # noqa: E731 - it stands for what has a name
        if inspect.iscoroutinefunction(getattr(self.of, self.name)):
            answer = mock.AsyncMock(return_value=self.answer)
        return mock.patch.object(self.of, self.name, answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deaf:
    """Whose calls to that function, which it was given when it was made, do nothing."""

    of: Any
    name: str = "_wake"
    kind: str = "people"
    since: int = 0

    def made(self) -> AbstractContextManager[Any]:
        """Make it for as long as the context lasts."""
        deaf = property(lambda _: lambda *_, **__: None, lambda *_: None)
        return mock.patch.object(self.of, self.name, deaf, create=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """What another function does in the place of it."""

    of: Any
    name: str
    does: Callable[..., Any]
    kind: str = "people"
    since: int = 0

    def made(self) -> AbstractContextManager[Any]:
        """Make it for as long as the context lasts."""
        return mock.patch.object(self.of, self.name, self.does)


def _without_key(*known: Any, **_: Any) -> Credentials | NotProvable:
    return credentials_of(*known)


def _of_issuer(limits: Limits, terms: IssuerTerms) -> Limits:
    return replace(limits, proof_interval=terms.defaults.proof_interval)


MISTAKES: dict[str, Mistake | Deaf | Instead] = {
    "clients are not told of their issuer": Mistake(of=Issuers, name="wake_clients"),
    "an issuer is not told of its first and last client": Mistake(of=Issuers, name="_count_changed"),
    "nobody is told of a namespace's labels": Mistake(of=Issuers, name="namespace_changed", since=100),
    "an issuer that a list lacks stays": Mistake(of=Issuers, name="gone"),
    "a client that a list lacks stays": Mistake(of=Watches, name="gone", since=60),
    "nobody is told of what lets an issuer's clients in": Mistake(of=Watches, name="_source_changed"),
    "a record without its resource is not looked at": Mistake(of=Watches, name="_record_changed"),
    "who waits to adopt what another one has goes on waiting": Mistake(of=Watches, name="await_record", since=110),
    "nobody is told of a Secret": Mistake(of=References, name="to", answer=()),
    "nobody is told what a look found": Mistake(of=WatchedSecrets, name="_found_otherwise", since=44),
    "a Secret in the way is not looked at": Mistake(of=secrets, name="stray", answer={}),
    "who waits for its issuer goes on waiting": Mistake(
        of=AcceptedIssuers, name="waiting", answer=Waiting(at_once=(), in_turn=())
    ),
    "who waits for a slot at an issuer goes on waiting": Deaf(of=ConcurrencyLimits, kind="away"),
    "who waits for an access token goes on waiting": Deaf(of=AccessTokens, kind="erring", since=18),
    "who waits for an issuer's metadata goes on waiting": Deaf(
        of=MetadataReaders, name="_wake_after", kind="away", since=5
    ),
    "an issuer is not told that its metadata are there or not": Deaf(of=DiscoveryCache, name="_changed", kind="away"),
    "no issuer is told": Mistake(of=Issuers, name="availability_changed", kind="away", since=15),
    "who failed comes again a day later": Mistake(
        of=WorkQueue, name="backoff", answer=NEVER.total_seconds(), kind="unwritten"
    ),
    "nothing is proven by interval": Mistake(of=proving, name="interval_at", answer=LATER, kind="proving"),
    "nobody asks whether a client is known still": Mistake(
        of=reading, name="is_in_question", answer=False, kind="proving", since=18
    ),
    "who is gone never has its turn": Mistake(of=Fleet, name="not_before", answer=LATER, kind="proving", since=7),
    "what was done is not told where nothing else is said": Mistake(of=saying, name="tell", kind="proving", since=22),
    "a key stays whose time is over": Mistake(of=Record, name="has_keys_due", answer=False, kind="proving", since=5),
    "nothing is replaced by the calendar": Mistake(of=reasons, name="rotation_of", since=9),
    "nobody at rest knows when it is replaced by the calendar": Mistake(of=ladder, name="rotation_of", since=9),
    "what was published before leaves at once": Mistake(of=leaving, name="leaves_at", answer=BEGAN, since=9),
    "no key of the operator's own is proven": Instead(
        of=proofs, name="credentials_of", does=_without_key, kind="proving", since=3
    ),
    "the operator's own interval is not heard": Instead(
        of=reconciler, name="_limits", does=_of_issuer, kind="proving", since=1
    ),
}
