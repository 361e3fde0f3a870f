"""What a person mended at the token endpoint: one word has it tried, and whoever found out, all who wait go on."""

import asyncio
from datetime import timedelta

import pytest

from oauthclient_operator.exchange import Response
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import cluster_issuer, oauth_client, record_of
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.managed import managed
from tests.pure.simulation.platform import Platform
from tests.pure.simulation.test_access_by_tokens import READY, asked_to_retry, denied, settled

CLIENTS = 5
DENIED = Response(status=401, body=b'{"error": "invalid_client"}')
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
NAMES = [f"web-{number}" for number in range(CLIENTS)]


def ready(platform: Platform) -> list[str]:
    return [name for name in NAMES if platform.said(name=name)[:2] == READY]


def after(platform: Platform, time: timedelta) -> None:
    asyncio.run(platform.after(time))


@pytest.mark.parametrize("name", ["web-2", None], ids=["a client's", "the issuer's"])
def test_by_one_word_all_who_wait_go_on_and_one_token_is_asked_for(name: str | None) -> None:
    platform = denied(CLIENTS)
    platform.clock.time += SECOND
    asked_to_retry(platform, "1", name)
    assert ready(platform) == NAMES
    assert platform.said(name=None)[:2] == ("True", "Ready")
    assert len(platform.server.forms) == 2


def test_also_where_the_next_try_of_anybody_found_out() -> None:
    platform = denied(CLIENTS)
    platform.clock.time += MINUTE
    platform.apply("web-0", secret={"name": "app"})
    settled(platform)
    assert ready(platform) == NAMES
    assert platform.said(name=None)[:2] == ("True", "Ready")


def test_who_has_gone_meanwhile_is_not_looked_at() -> None:
    platform = denied(CLIENTS)
    platform.delete("web-4")
    settled(platform)
    passes = len(platform.passes)
    platform.clock.time += MINUTE
    asked_to_retry(platform, "1", "web-0")
    assert oauth_client("shop", "web-4") not in platform.passes[passes:]


def test_who_has_gone_is_not_remembered_be_it_a_client_or_the_issuer() -> None:
    platform = denied(CLIENTS)
    assert len(platform.access_tokens._denied) == CLIENTS + 1
    for name in NAMES:
        platform.delete(name)
    settled(platform)
    platform.delete_issuer()
    settled(platform)
    platform.api.objects.pop(("clusteroauthissuers", "", "corporate"), None)
    platform.wake(cluster_issuer("corporate"))
    settled(platform)
    assert len(platform.access_tokens._denied) == 0


def test_what_is_left_of_who_has_gone_does_not_wait_for_it() -> None:
    platform = denied(1)
    address = IssuerAddress(ISSUER)
    gone = Caller(key=record_of("shop", "of-one-that-is-gone"), uid="of-one-that-is-gone")
    platform.access_tokens.denied(address, gone)
    platform.access_tokens.denied(address, Caller(key=oauth_client("shop", "web"), uid="u", queues=False))
    assert platform.access_tokens._denied.at(address) == ()


def test_also_an_edit_and_a_deletion_that_need_one() -> None:
    platform = managed(clients=0)
    platform.server.issued = {"registration_access_token": None}
    for name in ("web-0", "web-1"):
        platform.apply(name)
    platform.settled()
    platform.server.gives = DENIED
    platform.clock.time += timedelta(minutes=10)
    platform.edit("Shop", "web-0")
    platform.delete("web-1")
    platform.settled()
    assert platform.said(name="web-0")[1] == "AccessDenied"
    assert platform.api.get("oauthclients", "shop", "web-1") is not None
    platform.server.gives = None
    platform.clock.time += SECOND
    asked_to_retry(platform, "1", None)
    assert platform.is_ready("web-0")
    assert platform.api.get("oauthclients", "shop", "web-1") is None
    assert [call.split()[0] for call in platform.server.managed] == ["PUT", "DELETE"]


def test_a_second_word_a_moment_later_is_not_lost() -> None:
    platform = denied(CLIENTS)
    platform.server.gives = DENIED
    platform.clock.time += SECOND
    asked_to_retry(platform, "not mended yet", "web-0")
    assert len(platform.server.forms) == 2
    platform.server.gives = None
    platform.clock.time += SECOND
    asked_to_retry(platform, "mended", "web-1")
    assert len(platform.server.forms) == 2, "it is too soon"
    after(platform, timedelta(seconds=30))
    assert len(platform.server.forms) == 3
    assert ready(platform) == NAMES


def test_nor_is_it_where_the_spec_is_edited_before_its_turn_comes() -> None:
    platform = denied(1)
    platform.server.gives = DENIED
    platform.clock.time += SECOND
    asked_to_retry(platform, "not mended yet", "web-0")
    platform.clock.time += SECOND
    asked_to_retry(platform, "mended", "web-0")
    platform.server.gives = None
    platform.apply("web-0", secret={"name": "app"})
    settled(platform)
    assert len(platform.server.forms) == 2
    after(platform, timedelta(seconds=30))
    assert platform.said(name="web-0")[:2] == READY


def test_two_hundred_tenants_who_ask_ten_times_a_second_have_it_asked_for_once_in_half_a_minute() -> None:
    platform = denied(1)
    platform.server.gives = DENIED
    platform.wakes_issuer = False
    for number in range(200):
        platform.namespace(f"team-{number}", {"oauth": "corporate"})
        metadata = {"redirect_uris": [f"https://web.team-{number}.example.com/callback"]}
        platform.apply("web", f"team-{number}", clientMetadata=metadata)

    async def main() -> None:
        for key in list(platform.woken):
            del platform.woken[key]
            await (platform.issuers if key == cluster_issuer("corporate") else platform.clients).reconcile(key)
        asked = len(platform.server.forms)
        for tenth in range(600):
            # Each of them, by turns: a pass at once for every word.
            name = f"team-{tenth % 200}"
            body = platform.api.get("oauthclients", name, "web")
            body["metadata"].setdefault("annotations", {})["oauth-operator.dev/retry"] = str(tenth)
            platform.api.put(("oauthclients", name, "web"), body)
            await platform.clients.reconcile(oauth_client(name, "web"))
            platform.clock.time += timedelta(seconds=0.1)
        # A minute's words, and one try in it that needs none.
        assert len(platform.server.forms) - asked <= 3

    asyncio.run(main())
    assert platform.server.calls == []


def test_a_way_in_that_is_refused_at_the_registration_costs_no_more_by_words() -> None:
    platform = denied(CLIENTS)
    platform.server.takes = lambda _token: False
    for number in range(30):
        platform.clock.time += timedelta(seconds=2)
        asked_to_retry(platform, str(number), f"web-{number % CLIENTS}")
    assert len(platform.server.forms) <= 1 + 2 + 2 * 2, (
        "the first, two after the first word, and what a minute's words bring"
    )


@pytest.mark.parametrize("name", ["web-2", None], ids=["a client's", "the issuer's"])
def test_tokens_that_are_refused_one_after_the_other_have_not_all_looked_at_and_one_that_is_taken_has(
    name: str | None,
) -> None:
    platform = denied(CLIENTS)
    platform.server.takes = lambda _token: False
    platform.clock.time += SECOND
    asked_to_retry(platform, "1", "web-0")
    for number in range(5):
        platform.clock.time += timedelta(seconds=31)
        passes = len(platform.passes)
        asked_to_retry(platform, f"not mended: {number}", "web-0")
        looked_at = {key for key in platform.passes[passes:] if key != cluster_issuer("corporate")}
        assert len(looked_at) <= 2
    platform.server.takes = lambda _token: True
    platform.clock.time += timedelta(seconds=31)
    asked_to_retry(platform, "mended", name)
    assert ready(platform) == NAMES
    assert platform.said(name=None)[:2] == ("True", "Ready")
