"""Where Secrets are looked at, and not watched: whoever waits for one is woken by it, and by nothing else."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.resource.key import Key, oauth_client
from tests.pure.virtual_time import in_virtual_time
from tests.pure.watching.issuers import watches

TOKEN: dict[str, Any] = {"metadata": {"namespace": "shop", "name": "token", "uid": "t", "resourceVersion": "7"}}
SPEC: dict[str, Any] = {"registration": {"initialAccessToken": {"secretRef": {"name": "token"}}}}
READY = {"type": "Ready", "status": "True", "reason": "Registered"}
INTERVAL = timedelta(minutes=10)


class Cluster:
    """Watches that see no Secret, and the Secrets that there are."""

    def __init__(self) -> None:
        self.there: dict[str, dict[str, Any]] = {}
        self.woken: list[Key] = []
        self.watches = watches(self.woken, secret_check_interval=INTERVAL)
        checks = self.watches.secrets.checks
        assert checks is not None
        self.checks = checks
        checks._read = self._read

    async def _read(self, _namespace: str, name: str) -> dict[str, Any] | None:
        return self.there.get(name)

    def apply(self, name: str, version: int = 1, **status: Any) -> None:
        about: dict[str, Any] = {"namespace": "shop", "name": name, "uid": name, "resourceVersion": str(version)}
        self.watches.take("ADDED", {"metadata": about, "spec": SPEC, "status": status})
        self.woken.clear()

    async def looks(self, during: timedelta) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(during.total_seconds()):
                await self.checks.run()


@pytest.mark.parametrize("looked", [True, False], ids=["a look had found none", "nobody had looked"])
def test_a_secret_that_comes_wakes_all_that_wait_for_it_once(looked: bool) -> None:
    async def main() -> None:
        cluster = Cluster()
        cluster.apply("a")
        cluster.apply("b")
        if looked:
            await cluster.looks(2 * INTERVAL)
            assert cluster.watches.presented_version("shop", "token") is None
        cluster.woken.clear()
        cluster.there["token"] = TOKEN
        await cluster.looks(5 * INTERVAL)
        assert sorted(key.name for key in cluster.woken) == ["a", "b"]

    in_virtual_time(main())


def test_who_does_not_wait_for_a_secret_is_not_woken_because_another_begins_to() -> None:
    async def main() -> None:
        cluster = Cluster()
        cluster.there["token"] = TOKEN
        for number in range(20):
            cluster.apply(f"c{number}", clientID="c", conditions=[READY])
        for version in range(2, 12):
            failed = {"type": "Ready", "status": "False", "reason": "RegistrationFailed"}
            cluster.apply("c0", version, clientID="c", conditions=[failed if version % 2 else READY])
            await cluster.looks(2 * INTERVAL)
            assert {key.name for key in cluster.woken} <= {"c0"}

    in_virtual_time(main())


@pytest.mark.parametrize(
    ("conditions", "waits"),
    [
        pytest.param([READY], False, id="nothing is amiss"),
        pytest.param([READY, {"type": "Renewing", "status": "True", "reason": "Renewing"}], False, id="it is renewed"),
        pytest.param([READY, {"type": "Renewing", "status": "False", "reason": "RenewalFailed"}], True, id="renewal"),
        pytest.param([{"type": "Ready", "status": "False", "reason": "SecretExpired"}], True, id="it has expired"),
        pytest.param([{"type": "Ready", "status": "Unknown", "reason": "Pending"}], True, id="nobody knows yet"),
    ],
)
def test_a_token_that_another_client_may_wait_for_is_looked_at(conditions: list[dict[str, str]], waits: bool) -> None:
    async def main() -> None:
        cluster = Cluster()
        cluster.apply("a", clientID="c", conditions=conditions)
        cluster.there["token"] = TOKEN
        await cluster.looks(2 * INTERVAL)
        assert (oauth_client("shop", "a") in cluster.woken) is waits

    in_virtual_time(main())


def test_a_published_secret_that_another_client_takes_wakes_who_had_published_it_and_not_who_took_it() -> None:
    async def main() -> None:
        cluster = Cluster()
        shown = {"name": "shared", "uid": "s", "resourceVersion": "3"}
        cluster.apply("a", clientID="c", secret=shown, conditions=[READY])
        cluster.apply("b", clientID="d", secret={**shown, "uid": "t", "resourceVersion": "5"}, conditions=[READY])
        about = {"namespace": "shop", "name": "shared", "uid": "t", "resourceVersion": "7"}
        owner = {"apiVersion": names.API_VERSION, "kind": names.KIND, "name": "b", "uid": "b"}
        written: dict[str, Any] = {"metadata": {**about, "ownerReferences": [owner]}}
        cluster.watches.offer_secret(written)
        assert cluster.woken == [oauth_client("shop", "a")]

    in_virtual_time(main())


def test_so_does_the_word_of_its_status_where_the_answer_to_the_write_was_lost() -> None:
    async def main() -> None:
        cluster = Cluster()
        shown = {"name": "shared", "uid": "s", "resourceVersion": "3"}
        cluster.apply("a", clientID="c", secret=shown, conditions=[READY])
        about: dict[str, Any] = {"namespace": "shop", "name": "b", "uid": "b", "resourceVersion": "8"}
        status: dict[str, Any] = {
            "clientID": "d",
            "secret": {**shown, "uid": "t", "resourceVersion": "7"},
            "conditions": [READY],
        }
        cluster.watches.take("ADDED", {"metadata": about, "spec": SPEC, "status": status})
        assert oauth_client("shop", "a") in cluster.woken

    in_virtual_time(main())
