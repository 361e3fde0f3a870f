"""Who goes by which metadata, and is woken when there are others."""

import pytest

from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.issuer.metadata_readers import AT_ONCE, SECONDS_PER_CHANGE, MetadataReaders
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.resource.key import Key, cluster_issuer, oauth_client, record_of

HERE, THERE = (MetadataSource(issuer=f"https://{name}.example.com") for name in ("here", "there"))
WEB = Caller(key=oauth_client("shop", "web"), uid="web")
API = Caller(key=oauth_client("shop", "api"), uid="api")
ISSUER = Caller(key=cluster_issuer("corporate"), uid="corporate")


class Woken:
    """Readers on a clock that a test sets, and who was woken."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.now = 0.0
        self.readers = MetadataReaders(self.keys.append, lambda: self.now)

    def taken(self) -> list[Key]:
        found, self.keys[:] = list(self.keys), []
        return found


@pytest.fixture
def woken() -> Woken:
    return Woken()


def test_all_who_were_told_are_woken_once_and_those_of_another_issuer_are_not(woken: Woken) -> None:
    for caller, source in ((WEB, HERE), (ISSUER, HERE), (API, THERE)):
        woken.readers.told(source, caller)
    turn = woken.readers.turns(WEB.key)
    woken.readers.replaced(HERE)
    assert woken.taken() == [WEB.key, ISSUER.key]
    assert woken.readers.turns(WEB.key) != turn
    assert woken.readers.turns(API.key) is None
    woken.readers.replaced(HERE)
    assert woken.taken() == []


def test_each_time_is_another_turn(woken: Woken) -> None:
    turns = set()
    for _ in range(3):
        woken.readers.told(HERE, WEB)
        woken.readers.replaced(HERE)
        turns.add(woken.readers.turns(WEB.key))
    assert len(turns) == 3


def test_who_has_called_since_who_asks_itself_and_who_is_gone_are_not_woken(woken: Woken) -> None:
    for caller in (WEB, API, ISSUER):
        woken.readers.told(HERE, caller)
    woken.readers.called(HERE.address, WEB)
    woken.readers.asks(HERE, API)
    woken.readers.forget(ISSUER.key)
    woken.readers.replaced(HERE)
    assert woken.taken() == []


def test_a_call_to_one_issuer_says_nothing_of_another(woken: Woken) -> None:
    woken.readers.told(HERE, WEB)
    woken.readers.called(THERE.address, WEB)
    woken.readers.replaced(HERE)
    assert woken.taken() == [WEB.key]


@pytest.mark.parametrize(
    "caller",
    [
        pytest.param(Caller(key=record_of("shop", "gone"), uid="gone"), id="what is left of a deleted resource"),
        pytest.param(Caller(key=WEB.key, uid="web", queues=False), id="who comes again by itself"),
    ],
)
def test_some_go_by_times_of_their_own(woken: Woken, caller: Caller) -> None:
    woken.readers.told(HERE, caller)
    woken.readers.replaced(HERE)
    assert woken.taken() == []


def test_a_server_that_tells_something_else_each_second_has_all_looked_at_twice_a_minute(woken: Woken) -> None:
    times, seconds = 0, 600
    for _ in range(seconds):
        woken.readers.told(HERE, WEB)
        woken.readers.replaced(HERE)
        times += len(woken.taken())
        woken.now += 1
    assert times == AT_ONCE + (seconds - 1) // SECONDS_PER_CHANGE


def test_nothing_is_kept_of_who_is_gone(woken: Woken) -> None:
    woken.readers.told(HERE, WEB)
    woken.readers.replaced(HERE)
    woken.readers.told(HERE, WEB)
    woken.readers.forget(WEB.key)
    assert (len(woken.readers._readers), woken.readers._turns) == (0, {})
