"""A life at a server whose client secrets expire, and how long the published one is still good."""

from datetime import timedelta
from typing import Any

from oauthclient_operator.plan.observed import Limits
from tests.pure.simulation.authorization_server import AuthorizationServer
from tests.pure.simulation.lives import Life

MONTH = timedelta(days=30)
SLOWLY = Limits(retry_slowly=timedelta(hours=12))
"""What is asked again slowly is not asked so often that a life of months takes long."""


def expiring(server: AuthorizationServer, lifetime: timedelta = MONTH, **options: Any) -> Life:
    """Return a life at that server; every server of it has its secrets live that long."""
    life = Life(server=server, **{"limits": SLOWLY, **options})
    for each in life.servers().values():
        each.expires_at = lambda: int((life.world.clock.now() + lifetime).timestamp())
    return life


def left(life: Life) -> timedelta:
    """Return how long the published client secret is still good."""
    shown = life.shown()
    assert shown is not None
    expires_at = life.servers()[shown[0]].clients[shown[1]]["client_secret_expires_at"]
    return timedelta(seconds=expires_at - life.world.clock.now().timestamp())
