"""That a restart says nothing new is a law that can be broken: each wake that is left out is found by some life."""

from collections.abc import Callable
from typing import Any

import pytest

from oauthclient_operator.reconcile.accepted_issuers import AcceptedIssuers, Waiting
from oauthclient_operator.watching.issuers import Issuers
from oauthclient_operator.watching.references import References
from oauthclient_operator.watching.watches import Watches
from tests.pure.installations.lives import LOOKED_AT, WATCHED, says_otherwise

SEEDS = range(60)
Original = Callable[..., Any]


def nothing(_: Original) -> Original:
    return lambda *_arguments, **_named: None


def no_one(_: Original) -> Original:
    return lambda *_arguments: ()


def not_new(original: Original) -> Original:
    return lambda self, namespace, *, is_new=False: None if not is_new else original(self, namespace, is_new=is_new)


def nobody_waits(_: Original) -> Original:
    return lambda *_arguments: Waiting(at_once=(), in_turn=())


@pytest.mark.parametrize(
    ("of", "name", "mistake"),
    [
        pytest.param(Issuers, "wake_clients", nothing, id="clients are not told of their issuer"),
        pytest.param(Issuers, "_count_changed", nothing, id="an issuer is not told of its first and last client"),
        pytest.param(Issuers, "namespace_changed", not_new, id="nobody is told of a namespace's labels"),
        pytest.param(Issuers, "gone", nothing, id="an issuer that a list lacks stays"),
        pytest.param(Watches, "gone", nothing, id="a client that a list lacks stays"),
        pytest.param(Watches, "_source_changed", nothing, id="nobody is told of what lets an issuer's clients in"),
        pytest.param(Watches, "_record_changed", nothing, id="a record without its resource is not looked at"),
        pytest.param(References, "to", no_one, id="nobody is told of a Secret"),
        pytest.param(AcceptedIssuers, "waiting", nobody_waits, id="who waits for its issuer goes on waiting"),
    ],
)
def test_a_wake_that_is_left_out_is_found(
    of: type, name: str, mistake: Callable[[Original], Original], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of, name, mistake(getattr(of, name)))
    assert any(says_otherwise(seed, looks) for seed in SEEDS for looks in (WATCHED, LOOKED_AT))
