"""How long an issuer's metadata are waited for: many issuers that never answer are not given up in one moment."""

import asyncio
from typing import cast

import pytest

from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.errors import IssuerUnavailable
from oauthclient_operator.exchange import Answer, Incomplete, Request
from oauthclient_operator.issuer.discovery import Discovery
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc9449 import Nonces

TIMEOUT = 20.0


class SilentDoor:
    """A door to servers that never answer; it notes how long each is waited for."""

    def __init__(self) -> None:
        self.policy = EgressPolicy()
        self.waited: list[float] = []

    async def exchange(self, _request: Request, *, timeout: float, tenant: object = None) -> Answer:
        self.waited.append(timeout)
        return Incomplete(cause="no complete response")


def waited_for(issuer: str) -> list[float]:
    door = SilentDoor()
    with pytest.raises(IssuerUnavailable):
        asyncio.run(
            Discovery(lambda _issuer: cast(Door, door), Nonces(), timeout=TIMEOUT).fetch(MetadataSource(issuer=issuer))
        )
    return door.waited


def test_many_issuers_of_one_server_are_given_up_over_a_quarter_of_the_timeout() -> None:
    waited = [seconds for number in range(64) for seconds in waited_for(f"https://idp.example.com/i{number}")]
    assert 0.75 * TIMEOUT <= min(waited) < max(waited) <= TIMEOUT
    within_a_second = max(sum(abs(one - other) <= 0.5 for other in waited) for one in waited)
    assert within_a_second < 64 / 2


def test_an_issuer_is_waited_for_as_long_each_time() -> None:
    issuer = "https://idp.example.com/i7"
    assert waited_for(issuer) == waited_for(issuer)
