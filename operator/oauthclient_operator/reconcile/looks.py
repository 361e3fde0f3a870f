"""What a pass observes: the steps that look at the cluster and the issuer, and change nothing in either."""

from dataclasses import replace
from datetime import timedelta

from ..credentials import PublishedSecret
from ..errors import InitialAccessTokenUnusable, IssuerBusy, OperatorError, Stale, UnreadableRecord
from ..issuer.places import Caller
from ..oauth.rfc8414 import ServerMetadata
from ..plan import action as act
from ..plan.observed import Missing, Observed, Problem, Unread
from ..record.envelope import Stored
from ..record.model import Record
from ..resource.desired import Desired
from ..resource.json_path import child
from ..resource.oauth_client import OAuthClient
from ..verdict import Verdict, record_unreadable
from .credential import InitialAccessToken, Recipient, initial_access_token
from .memory import Memory
from .observe import basis, secret_metadata, version_of, with_record
from .ports import JSONObject
from .problems import problem_of
from .visit import Visit
from .world import World

Look = act.ReadResource | act.ReadRecord | act.ReadSecret | act.ReadInitialAccessToken | act.Discover | act.Rehearse
"""The actions that are no more than a look."""


class Looks:
    """One pass over one resource, as far as it looks: what is observed so far."""

    def __init__(
        self, world: World, resource: OAuthClient, desired: Desired, observed: Observed, memory: Memory
    ) -> None:
        self._world = world
        self._resource = resource
        self._token: InitialAccessToken | None = None
        self._caller = Caller(namespace=resource.namespace, name=resource.name, uid=resource.uid)
        self._visit = Visit(world.issuers, world.budgets, self._caller)
        self.desired = desired
        self.observed = observed
        self.memory = memory
        self.changed: list[str] = []
        """The steps, by their names, that wrote something or called an issuer."""
        self.verdict: Verdict | None = None
        """What was said of the resource at the end."""

    @property
    def resource(self) -> OAuthClient:
        """The resource as it was read or written last."""
        return self._resource

    @property
    def record(self) -> Record | None:
        """The record as it was read or written last."""
        return self.observed.record.record if isinstance(self.observed.record, Stored) else None

    async def look(self, action: Look) -> None:
        """Take a step that changes nothing, and keep what it found.

        Raises:
            Stale: what was observed is no longer so.
            IssuerBusy: the step has to wait for the issuer.
            ClusterError: the API server did not do its part.
        """
        match action:
            case act.ReadResource():
                await self._read_resource()
            case act.ReadRecord():
                await self._read_record()
            case act.ReadSecret(name=name):
                secret = await self._world.publisher.read(self._resource.namespace, name)
                self.observed = replace(self.observed, secret=secret)
            case act.ReadInitialAccessToken():
                await self._read_initial_access_token()
            case act.Discover(fresher_than=fresher_than):
                await self._discover(None if fresher_than is None else self._world.clock.now() - fresher_than)
            case act.Rehearse():
                await self._rehearse()

    def _see(self, stored: Stored) -> None:
        self.observed = with_record(self.observed, stored, self._world.watched, self._world.issuers)

    def _offer(self, body: JSONObject) -> None:
        self._world.watched.offer_resource(body)
        self._resource = OAuthClient.parse(body)
        self.observed = replace(self.observed, resource=self._resource)

    async def _read_resource(self) -> None:
        body = await self._world.cluster.read_oauth_client(self._resource.namespace, self._resource.name)
        if body is None:
            # It went while nobody watched: kopf's next list does not say so.
            self._world.watched.forget_resource(self._resource.namespace, self._resource.name, self._resource.uid)
            raise Stale
        uid, generation = self._resource.uid, self._resource.generation
        self._offer(body)
        if (self._resource.uid, self._resource.generation) != (uid, generation):
            raise Stale
        self.observed = replace(self.observed, live=True)

    async def _read_record(self) -> None:
        try:
            stored = await self._world.records.read(self._resource.uid)
        except UnreadableRecord as error:
            until = self._world.clock.now() + self._world.settings.limits.retry_slowly
            self.observed = replace(self.observed, record=Problem(record_unreadable(str(error)), until=until))
            return
        if stored is None:
            self.observed = replace(self.observed, record=Missing())
        else:
            self._see(stored)

    async def _read_initial_access_token(self) -> None:
        name, server = self.desired.initial_access_token, self.observed.server
        if name is None:
            raise AssertionError("plan reads an initial access token only where the spec names one")
        body = await self._world.cluster.read_secret(self._resource.namespace, name)
        if isinstance(self.observed.initial_access_token_version, Unread):
            self._see_initial_access_token(body)
        if not isinstance(server, ServerMetadata) or server.registration_endpoint is None:
            # It was looked at whether it is another one; it is held for an endpoint at hand, whose server also says by
            # which algorithm a key may sign, and for no other.
            return
        to = Recipient(
            issuer=self.desired.issuer, endpoint=server.registration_endpoint, chosen=self.desired.chooses_endpoint
        )
        try:
            # The server's metadata say by which algorithm a key may sign.
            self._token = initial_access_token(body, name, to).fitted(server, name)
        except InitialAccessTokenUnusable as error:
            self.observed = replace(
                self.observed,
                initial_access_token=problem_of(error, self._world.clock.now(), self._world.settings.limits),
            )
        else:
            self.observed = replace(self.observed, initial_access_token=True)

    def _see_initial_access_token(self, body: JSONObject | None) -> None:
        """Keep which version was read, where no watch tells: a refusal is remembered with it."""
        version = None
        if body is not None:
            self._world.watched.offer_secret(body)
            version = version_of(secret_metadata(child(body, "metadata")))
        self.observed = replace(self.observed, initial_access_token_version=version)
        self.memory = replace(self.memory, basis=basis(self._resource, version))

    async def _discover(self, max_age: timedelta | None) -> None:
        now = self._world.clock.now()
        # Discovery has a place of its own; who held one meanwhile could be in its own way.
        self._visit.end()
        seconds = None if max_age is None else max(0.0, max_age.total_seconds())
        try:
            server = await self._world.issuers.discover(
                self.desired.source,
                self._caller,
                registration_endpoint=self.desired.registration_endpoint,
                max_age=seconds,
            )
        except IssuerBusy:
            raise
        except OperatorError as error:
            self.observed = replace(
                self.observed, server=problem_of(error, self._world.clock.now(), self._world.settings.limits)
            )
        else:
            # A token that was held for another endpoint is read again.
            self._token = None
            self.observed = replace(self.observed, server=server, server_read_at=now, initial_access_token=False)

    async def _rehearse(self) -> None:
        if self.desired.publication is None:
            raise AssertionError("plan rehearses only where there is a name to publish under")
        rehearsed = await self._world.publisher.rehearse(self.observed, self._resource, self.desired.publication)
        secret = self.observed.secret
        if rehearsed is True and not isinstance(secret, PublishedSecret):
            secret = Missing()  # A create would have succeeded: the name is free.
        self.observed = replace(self.observed, rehearsed=rehearsed, secret=secret)
