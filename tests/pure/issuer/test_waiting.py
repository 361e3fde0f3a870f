"""Who waits at which issuers."""

from oauthclient_operator.issuer.waiting import WaitingKeys
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import oauth_client

HERE, THERE = IssuerAddress("https://here.example.com"), IssuerAddress("https://there.example.com")
WEB, API = oauth_client("shop", "web"), oauth_client("shop", "api")


def test_who_waits_is_told_in_the_order_of_coming_and_costs_nothing_once_it_is_gone() -> None:
    waiting = WaitingKeys()
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
