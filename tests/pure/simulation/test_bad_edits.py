"""A bad edit lies around for months while the client secret is renewed: the Secret that pods hold is kept true."""

import asyncio
import base64
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.plan.observed import Limits
from tests.merge_patch import merged
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.lives import EDITED, METADATA, NOT_MANAGED, Life
from tests.pure.simulation.operator_process import NAME, NAMESPACE
from tests.pure.simulation.phases import DAY, MINUTE

MONTH = timedelta(days=30)
FOREIGN = {"apiVersion": "v1", "kind": "Secret", "metadata": {}, "type": "Opaque", "data": {"theirs": "YQ=="}}


class Kept(Life):
    """What is looked at is the Secret that was there first, whatever the spec names."""

    def secret(self) -> dict[str, str] | None:
        body = self.world.api.objects.get(("secrets", NAMESPACE, NAME))
        return None if body is None else {k: base64.b64decode(v).decode() for k, v in body["data"].items()}


def expiring(**issued: Any) -> Kept:
    server = AuthorizationServer()
    server.issued = issued
    life = Kept(server=server, limits=Limits(retry_slowly=timedelta(hours=12)))
    server.expires_at = lambda: int((life.world.clock.now() + MONTH).timestamp())
    # Somebody else's.
    life.world.api.put(("secrets", NAMESPACE, "taken"), {**FOREIGN, "metadata": {"name": "taken"}})
    return life


def assert_renewed(life: Life) -> None:
    life.check()
    shown = life.shown()
    assert shown is not None
    expires_at = life.server.clients[shown[1]]["client_secret_expires_at"]
    assert expires_at - life.world.clock.now().timestamp() > 7 * DAY.total_seconds()


EDITS: dict[str, tuple[dict[str, Any], str]] = {
    "a Secret's name that cannot be": ({"secret": {"name": "Not A Name"}}, "InvalidSpec"),
    "a key that a Secret cannot have": ({"secret": {"keys": {"client_id": ".."}}}, "InvalidSpec"),
    "two facts under one key": ({"secret": {"keys": {"client_id": "client_secret"}}}, "InvalidSpec"),
    "no member of ours": ({"secret": {"keys": {"clientid": "ID"}}}, "InvalidSpec"),
    "a Secret's name that is taken": ({"secret": {"name": "taken"}}, "SecretNotOwned"),
    "client metadata that cannot be": ({"clientMetadata": {**METADATA, "redirect_uris": ["no URI"]}}, "InvalidSpec"),
    "an interval that cannot be": ({"rotation": {"interval": "often"}}, "InvalidSpec"),
    "a policy that nobody knows": ({"policy": {"gone": "Perhaps"}}, "InvalidSpec"),
    "a key algorithm that nobody knows": ({"privateKey": {"algorithm": "none"}}, "InvalidSpec"),
    "a Secret to adopt that cannot be": ({"adopt": {"secretRef": {"name": "No Name"}}}, "InvalidSpec"),
}


@pytest.mark.parametrize("issued", [{}, NOT_MANAGED], ids=["managed", "not managed"])
@pytest.mark.parametrize("edit", EDITS)
def test_it_stops_no_renewal(edit: str, issued: dict[str, Any]) -> None:
    async def main() -> None:
        life = expiring(**issued)
        life.apply()
        await life.live(DAY)
        spec, reason = EDITS[edit]
        life.apply(**spec)
        for _ in range(10):
            await life.live(6 * DAY)
            assert_renewed(life)
            assert life.world.condition() == ("False", reason)
        assert life.record().edition >= 3
        assert life.world.api.objects["secrets", NAMESPACE, "taken"]["data"] == FOREIGN["data"]
        if not issued:
            # What left is ended meanwhile, and not kept until the edit is mended.
            assert len(life.living()) == 1 + len(life.record().leaving)
        life.apply(**{**dict.fromkeys(spec), "clientMetadata": EDITED})
        await life.live(MINUTE)
        if not issued:
            assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


@pytest.mark.parametrize("fact", ["client_secret", "client_id", "token_endpoint_auth_method"])
def test_a_key_of_the_users_own_in_the_way_stops_no_renewal(fact: str) -> None:
    async def main() -> None:
        life = expiring()
        life.apply()
        await life.live(DAY)
        body = life.world.api.objects["secrets", NAMESPACE, NAME]
        life.world.api.put(("secrets", NAMESPACE, NAME), {**body, "data": {**body["data"], "OWN": "b3du"}})
        life.apply(secret={"keys": {fact: "OWN"}})
        for _ in range(10):
            await life.live(6 * DAY)
            assert_renewed(life)
            assert life.world.condition() == ("False", "SecretNotPublishable")
            assert (life.secret() or {})["OWN"] == "own"
        assert life.record().edition >= 3
        body = life.world.api.objects["secrets", NAMESPACE, NAME]
        data = {key: value for key, value in body["data"].items() if key != "OWN"}
        life.world.api.put(("secrets", NAMESPACE, NAME), {**body, "data": data})
        if fact == "client_id":
            return  # This world looks for it under its own name.
        await life.live(DAY)
        assert life.world.condition() == ("True", "Registered")
        assert fact not in (life.secret() or {})

    asyncio.run(main())


def test_a_name_that_becomes_free_is_taken_and_the_one_before_goes() -> None:
    async def main() -> None:
        life = expiring()
        life.apply()
        await life.live(DAY)
        life.apply(secret={"name": "taken"})
        await life.live(DAY)
        del life.world.api.objects["secrets", NAMESPACE, "taken"]
        await life.live(DAY)
        assert life.world.condition() == ("True", "Registered")
        assert life.world.secret() is None
        assert life.world.secret("taken") is not None

    asyncio.run(main())


def test_while_the_name_is_taken_an_edit_is_made_and_what_somebody_else_changed_is_put_right() -> None:
    async def main() -> None:
        life = expiring()
        life.apply()
        await life.live(DAY)
        life.apply(secret={"name": "taken"}, clientMetadata=EDITED)
        await life.live(DAY)
        life.world.api.objects["secrets", NAMESPACE, NAME]["data"]["client_secret"] = "eA=="
        await life.live(DAY)
        shown = life.shown()
        assert shown is not None
        assert life.server.clients[shown[1]]["client_name"] == "shop"
        life.check()

    asyncio.run(main())


BEYOND: dict[str, tuple[dict[str, Any], str, str]] = {
    "a token that is not there": (
        {"registration": {"initialAccessToken": {"secretRef": {"name": "gone"}}}},
        "Registered",
        "Secret gone",
    ),
    "no issuer": ({"issuer": "not a URL"}, "InvalidSpec", "see Ready"),
    "a place of metadata that cannot be": ({"discovery": {"url": "ftp://x"}}, "InvalidSpec", "see Ready"),
    "no name of a token": (
        {"registration": {"initialAccessToken": {"secretRef": {"name": "No Name"}}}},
        "InvalidSpec",
        "see Ready",
    ),
}
"""What nobody but a person can put right: where the issuer is, and how it lets a client in."""


@pytest.mark.parametrize("edit", BEYOND)
def test_what_cannot_be_helped_is_said_long_before_the_secret_expires(edit: str) -> None:
    async def main() -> None:
        life = expiring()
        life.apply()
        await life.live(DAY)
        spec, ready, why = BEYOND[edit]
        life.apply(**spec)
        await life.live(10 * DAY)
        assert life.world.condition()[1] == ready
        assert not told(life)
        await life.live(10 * DAY)
        assert life.world.condition()[1] == ready
        assert life.world.condition("Renewing") == ("False", "RenewalFailed")
        # By an Event of its own, though what keeps it was said three weeks ago.
        (note,) = told(life)
        assert note.startswith("client ")
        assert "for its client secret expires at 2026-01-31T00:00:00Z, and that cannot be done yet" in note
        assert why in note
        assert "names another issuer" not in note
        life.apply(**{**dict.fromkeys(spec), "issuer": ISSUER})
        await life.live(MINUTE)
        assert life.record().edition == 2
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


def told(life: Life) -> list[str]:
    return [event["note"] for event in life.world.api.events if event["reason"] == "RenewalFailed"]


@pytest.mark.parametrize("change", [{"immutable": True}, {"metadata": {"ownerReferences": []}}], ids=repr)
def test_where_the_one_secret_that_there_is_cannot_be_written_that_is_said_too(change: dict[str, Any]) -> None:
    async def main() -> None:
        life = expiring()
        life.apply()
        await life.live(17 * DAY)
        key = ("secrets", NAMESPACE, NAME)
        life.world.api.put(key, merged(life.world.api.objects[key], change))
        await life.live(3 * DAY)
        assert life.world.condition("Renewing") == ("False", "RenewalFailed")
        assert len(told(life)) == 1
        assert life.server.calls == ["POST"]

    asyncio.run(main())
