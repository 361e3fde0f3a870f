"""A client that one resource left behind, and that another one adopted without a token: it is in use, and not ended."""

import asyncio
import base64
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.commands.orphans import DONE, deregister
from oauthclient_operator.commands.remains import Kind, Remains
from oauthclient_operator.exchange import Response
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.record.envelope import read
from oauthclient_operator.record.holds import Hold, Word
from oauthclient_operator.resource.desired import DeletionPolicy
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.left_behind import LeftBehind
from tests.pure.simulation.lives import METADATA, NOT_MANAGED, Life
from tests.pure.simulation.operator_process import NAMESPACE
from tests.pure.simulation.phases import DAY, MINUTE
from tests.pure.simulation.test_left_behind_of_the_living import HOUR, Away

STRANGER = "elsewhere"
WHILE_IT_LIVES, BY_DELETION, DELETED_LATER = "while it lives", "by its deletion", "while it lives, and deleted later"


@dataclass
class Two:
    """A resource that leaves `client-1` behind, for its server ends nothing, and another one that adopts that."""

    namespace: str = NAMESPACE
    asked: list[str] = field(default_factory=list)
    adopts: bool = True

    def __post_init__(self) -> None:
        async def note(label: str, call: Any) -> Any:
            self.asked.append(label)
            return await call()

        self.server = Away()
        self.life = Life(server=self.server, limits=Limits(retry_slowly=HOUR / 4), fault=note)
        self.behind = LeftBehind(self.life.world)

    async def leave(self, how: str) -> None:
        """Let the first one leave its client behind, and the other one adopt it."""
        self.life.apply()
        await self.life.live(MINUTE)
        self.server.says = Response(status=405)
        if how == BY_DELETION:
            await self.delete()
            if self.adopts:
                await self.adopt()
            return
        self.life.rotate("1")
        await self.life.live(1.5 * DAY)
        if self.adopts:
            await self.adopt()
        if how == DELETED_LATER:
            await self.delete()

    async def delete(self) -> None:
        """Delete the first one."""
        self.life.delete()
        await self.life.live(3 * HOUR)
        assert self.life.world.resource() is None

    async def adopt(self) -> None:
        """Let the other one adopt what the first one left behind."""
        if self.namespace != NAMESPACE:
            # As an older operator wrote it, which did not say whether it goes on to end it.
            labels = self.record(adopts=False)["metadata"]["labels"]
            labels |= {key: Word.LEFT.value for key, text in labels.items() if text.startswith(f"{Word.LEFT}.")}
        await self.hand_over()
        published = self.life.world.api.get("secrets", self.namespace, "b")
        assert published is not None
        assert base64.b64decode(published["data"]["client_id"]) == b"client-1"

    async def hand_over(self, **more: str) -> None:
        """Hand to the other one what the first one left behind."""
        values = {"issuer": ISSUER, "client_id": "client-1", "client_secret": "secret-1", **more}
        data = {name: base64.b64encode(value.encode()).decode() for name, value in values.items()}
        metadata = {"namespace": self.namespace, "name": "handed", "uid": "uid-handed"}
        secret = {"type": names.CLIENT_INFORMATION_TYPE, "metadata": metadata, "data": data}
        self.life.world.api.put(("secrets", self.namespace, "handed"), secret)
        spec = {"issuer": ISSUER, "clientMetadata": METADATA, "adopt": {"secretRef": {"name": "handed"}}}
        self.life.world.api.apply(self.namespace, "b", spec)
        await self.look(6)

    async def look(self, times: int) -> None:
        """Look at the other one."""
        for _ in range(times):
            await self.life.process.reconcile(oauth_client(self.namespace, "b"))

    async def live(self, days: int = 4) -> None:
        """Let days pass in which the server would end what it is asked to."""
        self.server.says = None
        for _ in range(days):
            await self.life.live(1.2 * DAY)
            await self.behind.once()
            await self.look(1)

    def record(self, *, adopts: bool) -> dict[str, Any]:
        """Return the record of either, as its Secret."""
        (found,) = (b for b in self.life.world.records() if (read(b).record.subject.name == "b") is adopts)
        return found


def lived(two: Two, story: Callable[[Two], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(story(two))


@pytest.mark.parametrize("how", [WHILE_IT_LIVES, BY_DELETION, DELETED_LATER])
def test_it_lives_as_long_as_it_is_published(how: str) -> None:
    async def story(two: Two) -> None:
        await two.leave(how)
        await two.live()
        assert "client-1" in two.server.clients

    lived(Two(), story)


@pytest.mark.parametrize("how", [WHILE_IT_LIVES, BY_DELETION])
def test_it_is_ended_once_the_other_one_goes(how: str) -> None:
    async def story(two: Two) -> None:
        await two.leave(how)
        two.life.world.api.delete(NAMESPACE, "b")
        await two.look(4)
        assert two.life.world.api.get("oauthclients", NAMESPACE, "b") is None
        await two.live()
        assert "client-1" not in two.server.clients

    lived(Two(), story)


@pytest.mark.parametrize("how", [WHILE_IT_LIVES, BY_DELETION, DELETED_LATER])
def test_a_stranger_s_claim_keeps_nothing_alive_that_its_owner_wanted_gone(how: str) -> None:
    async def story(two: Two) -> None:
        await two.leave(how)
        await two.live()
        assert "client-1" not in two.server.clients

    lived(Two(namespace=STRANGER), story)


@pytest.mark.parametrize("how", [WHILE_IT_LIVES, BY_DELETION])
def test_what_another_namespace_left_behind_and_goes_on_to_end_is_adopted_by_its_token_alone(how: str) -> None:
    async def story(two: Two) -> None:
        two.adopts = False
        await two.leave(how)
        await two.hand_over()
        assert two.life.world.api.get("secrets", STRANGER, "b") is None
        body = two.life.world.api.get("oauthclients", STRANGER, "b")
        assert body is not None
        ready = next(c for c in body["status"]["conditions"] if c["type"] == "Ready")
        assert ready["reason"] == "AdoptionFailed"
        assert "put its registration access token with its registration_client_uri into the Secret" in ready["message"]
        client = two.server.clients["client-1"]
        named = {name: client[name] for name in ("registration_access_token", "registration_client_uri")}
        await two.hand_over(**named)
        two.life.world.api.annotate(STRANGER, "b", {names.RETRY_ANNOTATION: "now"})
        await two.look(6)
        assert two.life.world.api.get("secrets", STRANGER, "b") is not None
        await two.live()
        assert "client-1" in two.server.clients

    lived(Two(namespace=STRANGER), story)


def test_what_another_namespace_left_behind_for_want_of_a_token_is_adopted_as_it_is() -> None:
    async def story(two: Two) -> None:
        two.server.issued = dict(NOT_MANAGED)
        two.adopts = False
        await two.leave(BY_DELETION)
        await two.hand_over()
        assert two.life.world.api.get("secrets", STRANGER, "b") is not None

    lived(Two(namespace=STRANGER), story)


def test_what_an_older_operator_did_not_say_is_said_by_one_write_and_kept() -> None:
    async def story(two: Two) -> None:
        await two.leave(WHILE_IT_LIVES)
        # Such a one wrote no label for what is not proven.
        labels = two.record(adopts=True)["metadata"]["labels"]
        unsaid = {key for key, value in labels.items() if Hold.parse(value).word is Word.CLAIMED}
        assert unsaid
        for key in unsaid:
            del labels[key]
        two.asked.clear()
        await two.look(1)
        assert two.asked.count("patch_secret") == 1
        assert len(two.asked) < 6
        assert unsaid <= two.record(adopts=True)["metadata"]["labels"].keys()
        two.asked.clear()
        await two.look(3)
        assert two.asked == []
        await two.live()
        assert "client-1" in two.server.clients

    lived(Two(), story)


@pytest.mark.parametrize("retained", [False, True], ids=["left behind", "retained"])
def test_a_person_who_asks_for_its_end_is_told_who_has_it_and_what_to_do(retained: bool) -> None:
    async def story(two: Two) -> None:
        if retained:
            two.life.apply(policy={"deletion": DeletionPolicy.RETAIN.value})
        await two.leave(BY_DELETION)
        two.server.says = None
        record = read(two.record(adopts=False)).record
        remains = Remains(uid=record.subject.uid, kind=Kind.LEFT_BEHIND, record=record)
        world = two.life.world.world()
        result = await deregister(world, remains)
        other = two.record(adopts=True)["metadata"]["name"]
        assert f'client "client-1" is left to OAuthClient shop/b (record {other})' in result
        assert "delete that OAuthClient" in result
        assert "client-1" in two.server.clients
        two.life.world.api.delete(NAMESPACE, "b")
        await two.look(4)
        again = Remains(uid=record.subject.uid, kind=Kind.LEFT_BEHIND, record=read(two.record(adopts=False)).record)
        assert await deregister(world, again) == DONE
        assert "client-1" not in two.server.clients

    lived(Two(), story)
