"""Who waits at which issuers."""

from oauthclient_operator.issuer.waiting import PLACES, WaitingKeys
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import oauth_client

HERE, THERE = IssuerAddress("https://here.example.com"), IssuerAddress("https://there.example.com")
WEB, API = oauth_client("shop", "web"), oauth_client("shop", "api")


def test_who_waits_is_told_in_the_order_of_coming_and_costs_nothing_once_it_is_gone() -> None:
    waiting: WaitingKeys[IssuerAddress] = WaitingKeys()
    for key, issuer in ((WEB, HERE), (API, HERE), (WEB, THERE), (WEB, HERE)):
        waiting.add(key, issuer)
    assert (waiting.at(HERE), waiting.at(THERE), len(waiting)) == ((WEB, API), (WEB,), 3)
    waiting.let_go(WEB, HERE)
    waiting.let_go(WEB, HERE)
    assert (waiting.at(HERE), waiting.at(THERE)) == ((API,), (WEB,))
    waiting.add(WEB, HERE)
    waiting.forget(WEB)
    waiting.forget(API)
    assert (len(waiting), waiting._at, waiting._by_key) == (0, {}, {})


def test_with_one_place_more_than_it_may_have_a_key_waits_no_longer_where_it_came_first() -> None:
    waiting: WaitingKeys[int] = WaitingKeys()
    waiting.add(API, 0)
    for place in range(PLACES + 3):
        waiting.add(WEB, place)
    assert waiting.of(WEB) == tuple(range(3, PLACES + 3))
    assert (waiting.at(0), waiting.at(2), waiting.at(3)) == ((API,), (), (WEB,))
