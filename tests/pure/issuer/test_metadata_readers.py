"""Who goes by which metadata, and is woken when there are others."""

import itertools

import pytest

from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.issuer.metadata_readers import (
    AT_ONCE,
    LONGEST,
    SECONDS_PER_CHANGE,
    SHORTEST,
    SPREAD,
    MetadataReaders,
)
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.resource.key import Key, cluster_issuer, oauth_client, record_of

HERE, THERE = (MetadataSource(issuer=f"https://{name}.example.com") for name in ("here", "there"))
WEB = Caller(key=oauth_client("shop", "web"), uid="web")
API = Caller(key=oauth_client("shop", "api"), uid="api")
ISSUER = Caller(key=cluster_issuer("corporate"), uid="corporate")


class Woken:
    """Readers on a clock that a test sets, and who was woken."""

    def __init__(self) -> None:
        self.now = 0.0
        self._at: list[tuple[Key, float]] = []
        self.readers = MetadataReaders(lambda key, delay: self._at.append((key, self.now + delay)), lambda: self.now)

    def taken(self) -> list[Key]:
        """Return who was woken since, in their order."""
        return [key for key, _ in self.times()]

    def times(self) -> list[tuple[Key, float]]:
        """Return them with the time for which each is."""
        found, self._at[:] = list(self._at), []
        return found


@pytest.fixture
def woken() -> Woken:
    return Woken()


def test_all_who_were_told_are_woken_once_and_those_of_another_issuer_are_not(woken: Woken) -> None:
    for caller, source in ((WEB, HERE), (ISSUER, HERE), (API, THERE)):
        woken.readers.told(source, caller)
    turn = woken.readers.turns(WEB.key)
    woken.readers.replaced(HERE)
    assert woken.taken() == [ISSUER.key, WEB.key]
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


def test_who_is_content_who_asks_itself_and_who_is_gone_are_not_woken(woken: Woken) -> None:
    for caller in (WEB, API, ISSUER):
        woken.readers.told(HERE, caller)
    woken.readers.content(WEB.key)
    woken.readers.asks(HERE, API)
    woken.readers.forget(ISSUER.key)
    woken.readers.replaced(HERE)
    assert woken.taken() == []


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


@pytest.mark.parametrize(
    ("clients", "apart", "in_all"),
    [(1, LONGEST, LONGEST), (20, LONGEST, 40.0), (50, SPREAD / 50, SPREAD), (2000, SHORTEST, 200.0)],
)
def test_an_issuer_is_woken_at_once_and_its_clients_one_by_one(
    woken: Woken, clients: int, apart: float, in_all: float
) -> None:
    keys = [oauth_client("shop", f"web-{number}") for number in range(clients)]
    for key in keys:
        woken.readers.told(HERE, Caller(key=key, uid=key.name))
    woken.readers.told(HERE, ISSUER)
    woken.readers.replaced(HERE)
    of_issuer, *of_clients = woken.times()
    assert of_issuer == (ISSUER.key, 0.0)
    assert [key for key, _ in of_clients] == keys
    times = [0.0, *(at for _, at in of_clients)]
    assert {round(after - before, 6) for before, after in itertools.pairwise(times)} == {round(apart, 6)}
    assert times[-1] == pytest.approx(in_all)


def test_a_server_that_tells_something_else_each_second_has_all_looked_at_twice_a_minute(woken: Woken) -> None:
    times, seconds = set[float](), 600
    for _ in range(seconds):
        woken.readers.told(HERE, ISSUER)
        woken.readers.replaced(HERE)
        times |= {at for _, at in woken.times()}
        woken.now += 1
    assert len(times) <= AT_ONCE + seconds / SECONDS_PER_CHANGE + 1


def test_after_many_changes_the_last_one_is_told_later_and_not_forgotten(woken: Woken) -> None:
    for _ in range(3 * AT_ONCE):
        woken.now += 0.1
        woken.readers.told(HERE, ISSUER)
        woken.readers.replaced(HERE)
    latest = max(at for _, at in woken.times())
    assert woken.now <= latest <= woken.now + SECONDS_PER_CHANGE


def test_nothing_is_kept_of_who_is_gone(woken: Woken) -> None:
    woken.readers.told(HERE, WEB)
    woken.readers.replaced(HERE)
    woken.readers.told(HERE, WEB)
    woken.readers.forget(WEB.key)
    assert (len(woken.readers._readers), woken.readers.turns(WEB.key)) == (0, None)
