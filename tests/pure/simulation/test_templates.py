"""Keys by templates: they follow what is published, take nobody's key, and nothing about them stops anything else."""

import asyncio
import base64
import copy
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.published_secret import KEYS_ANNOTATION
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.lives import METADATA, Life, said_of
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE
from tests.pure.simulation.phases import DAY, MINUTE

ENV: Final = "ID={{ .client_id }}\nSECRET={{ .client_secret | toJson }}\n"
TEMPLATE: Final = {"template": {".env": ENV}}
MONTH: Final = timedelta(days=30)


def env(client: int) -> str:
    return f'ID=client-{client}\nSECRET="secret-{client}"\n'


def told(life: Life) -> str:
    return said_of(life, "Ready")


def stored(life: Life, name: str = NAME) -> dict[str, Any]:
    return copy.deepcopy(life.world.api.objects["secrets", NAMESPACE, name])


def put(life: Life, key: str, value: str) -> None:
    """Write a key of one's own into the Secret."""
    body = stored(life)
    body["data"][key] = base64.b64encode(value.encode()).decode()
    life.world.api.put(("secrets", NAMESPACE, NAME), body)


def test_a_new_client_costs_no_more_with_templates() -> None:
    async def asked(spec: dict[str, Any]) -> Counter[str]:
        calls: Counter[str] = Counter()

        async def count(label: str, call: Callable[[], Awaitable[Any]]) -> Any:
            calls[label] += 1
            return await call()

        life = Life(fault=count, spec=spec)
        life.apply()
        await life.live(DAY)
        assert life.world.condition() == ("True", "Registered")
        return calls

    async def main() -> None:
        assert await asked({"secret": TEMPLATE}) == await asked({})

    asyncio.run(main())


def test_an_edit_of_a_template_is_written_without_a_call_to_the_server() -> None:
    async def main() -> None:
        life = Life(spec={"secret": TEMPLATE})
        life.apply()
        await life.live(MINUTE)
        assert (life.secret() or {})[".env"] == env(1)
        edited = {"template": {".env": ENV, "url": "{{ .discovery_url }}?id={{ .client_id | urlquery }}"}}
        life.apply(secret=edited)
        await life.live(MINUTE)
        data = life.secret() or {}
        assert (data[".env"], data["url"]) == (
            env(1),
            f"{ISSUER}/.well-known/openid-configuration?id=client-1",
        )
        life.apply(secret={"template": {"url": "{{ .redirect_uri }}"}}, discovery={"form": "OAuth"})
        await life.live(MINUTE)
        data = life.secret() or {}
        assert (".env" in data, data["url"]) == (False, METADATA["redirect_uris"][0])
        life.apply(secret=None)
        await life.live(MINUTE)
        assert "url" not in (life.secret() or {})
        assert stored(life)["metadata"]["annotations"][KEYS_ANNOTATION].split(",") == sorted(life.secret() or {})
        assert life.server.calls == ["POST"]
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


def test_a_template_follows_the_pair_that_is_published() -> None:
    async def main() -> None:
        life = Life(spec={"secret": TEMPLATE})
        life.apply()
        await life.live(MINUTE)
        life.rotate("now")
        await life.live(MINUTE)
        assert ((life.secret() or {})[".env"], life.status()["edition"]) == (env(2), 2)
        await life.live(2 * DAY)
        assert (sorted(life.server.clients), life.world.condition()) == (["client-2"], ("True", "Registered"))

    asyncio.run(main())


def test_what_changes_a_key_of_a_template_is_put_right() -> None:
    async def main() -> None:
        life = Life(spec={"secret": TEMPLATE})
        life.apply()
        await life.live(MINUTE)
        put(life, ".env", "x")
        await life.live(DAY)
        assert (life.secret() or {})[".env"] == env(1)

    asyncio.run(main())


@pytest.mark.parametrize("rotated", [False, True], ids=["at rest", "and another pair comes"])
def test_a_users_own_key_of_that_name_stays_and_is_said(*, rotated: bool) -> None:
    async def main() -> None:
        life = Life()
        life.apply()
        await life.live(MINUTE)
        put(life, ".env", "mine")
        life.apply(secret={"template": {".env": ENV, "id": "{{ .client_id }}"}})
        if rotated:
            life.rotate("now")
        await life.live(3 * DAY)
        # All else goes on.
        client = 2 if rotated else 1
        assert (life.secret() or {})[".env"] == "mine"
        assert (life.secret() or {})["id"] == f"client-{client}"
        assert ".env" not in stored(life)["metadata"]["annotations"][KEYS_ANNOTATION].split(",")
        assert sorted(life.server.clients) == [f"client-{client}"]
        assert life.world.condition() == ("False", "SecretNotPublishable")
        assert ".env: the Secret holds such a key that the operator did not write" in told(life)
        body = stored(life)
        del body["data"][".env"]
        life.world.api.put(("secrets", NAMESPACE, NAME), body)
        await life.live(MINUTE)
        assert ((life.secret() or {})[".env"], life.world.condition()) == (env(client), ("True", "Registered"))

    asyncio.run(main())


def test_what_the_server_has_not_is_said_and_the_rest_is_published() -> None:
    async def main() -> None:
        life = Life(spec={"secret": {"template": {".env": ENV, "out": "{{ .end_session_endpoint }}"}}})
        life.apply()
        await life.live(MINUTE)
        assert ((life.secret() or {})[".env"], "out" in (life.secret() or {})) == (env(1), False)
        assert life.world.condition() == ("False", "SecretNotPublishable")
        assert told(life).startswith("Secret web is published, but not what is to be in out: ")
        assert "out: this client has no end_session_endpoint; take it out" in told(life)
        assert life.world.condition("Stalled") == ("True", "SecretNotPublishable")
        life.apply(secret=TEMPLATE)
        await life.live(MINUTE)
        assert (life.world.condition(), life.server.calls) == (("True", "Registered"), ["POST"])

    asyncio.run(main())


def test_a_key_that_cannot_be_filled_in_any_more_stays_while_all_else_is_renewed() -> None:
    async def main() -> None:
        life = Life(spec={"secret": {"template": {".env": "SECRET={{ .client_secret }}"}}})
        life.apply()
        await life.live(MINUTE)
        life.server.issued = {"client_secret": "two 'words'"}
        life.rotate("now")
        await life.live(MINUTE)
        data = life.secret() or {}
        assert (data["client_secret"], data[".env"]) == ("two 'words'", "SECRET=secret-1")
        assert life.world.condition() == ("False", "SecretNotPublishable")
        assert ".env: the server's client_secret holds quotes, spaces" in told(life)
        assert "two" not in told(life)
        life.apply(secret=TEMPLATE)
        await life.live(MINUTE)
        assert (life.secret() or {})[".env"] == "ID=client-2\nSECRET=\"two 'words'\"\n"
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


@pytest.mark.parametrize("client_id", ["{{.client_secret}}", "$secret:key", "env.X"])
def test_no_client_id_is_read_as_anything(client_id: str) -> None:
    async def main() -> None:
        life = Life(spec={"secret": TEMPLATE})
        life.server.issued = {"client_id": client_id}
        life.apply()
        await life.live(MINUTE)
        assert (life.secret() or {})[".env"] == f'ID={client_id}\nSECRET="secret-1"\n'

    asyncio.run(main())


EDITS: Final[dict[str, dict[str, Any]]] = {
    "a Secret's name that cannot be": {"name": "Not A Name", **TEMPLATE},
    "a key that a Secret cannot have": {"keys": {"client_id": ".."}, **TEMPLATE},
    "a further template that is none": {"template": {".env": ENV, "a": "{{ . }}"}},
    "the name of a key of ours": {"template": {".env": ENV, "client_secret": "{{ .client_id }}"}},
}


class Kept(Life):
    """What is looked at is the Secret that was there first, whatever the spec names."""

    def secret(self) -> dict[str, str] | None:
        body = self.world.api.objects.get(("secrets", NAMESPACE, NAME))
        return None if body is None else {k: base64.b64decode(v).decode() for k, v in body["data"].items()}


@pytest.mark.parametrize("secret", EDITS.values(), ids=[*EDITS])
def test_a_bad_edit_stops_no_renewal_and_what_is_right_of_the_templates_follows(secret: dict[str, Any]) -> None:
    async def main() -> None:
        server = AuthorizationServer()
        life = Kept(server=server, limits=Limits(retry_slowly=timedelta(hours=12)), spec={"secret": TEMPLATE})
        server.expires_at = lambda: int((life.world.clock.now() + MONTH).timestamp())
        life.apply()
        await life.live(DAY)
        life.apply(secret=secret)
        await life.live(40 * DAY)
        data = life.secret() or {}
        assert life.record().edition >= 2
        assert data[".env"] == f'ID={data["client_id"]}\nSECRET="{data["client_secret"]}"\n'
        assert (life.world.condition(), "a" in data) == (("False", "InvalidSpec"), False)
        life.check()

    asyncio.run(main())


def test_a_template_that_is_none_any_more_leaves_what_it_wrote() -> None:
    async def main() -> None:
        life = Life(spec={"secret": TEMPLATE})
        life.apply()
        await life.live(MINUTE)
        life.apply(secret={"template": {".env": "{{ . }}"}})
        await life.live(DAY)
        assert ((life.secret() or {})[".env"], life.world.condition()) == (env(1), ("False", "InvalidSpec"))

    asyncio.run(main())


def test_a_secret_with_templates_is_at_rest_and_costs_nothing() -> None:
    async def main() -> None:
        life = Life(spec={"secret": TEMPLATE})
        life.apply()
        await life.live(DAY)
        version = stored(life)["metadata"]["resourceVersion"]
        life.process = life.world.start()
        for _ in range(3):
            await life.process.reconcile(KEY)
        assert (stored(life)["metadata"]["resourceVersion"], life.server.calls) == (version, ["POST"])

    asyncio.run(main())
