"""The lives in which one pair takes the place of another, and the one before leaves a second later."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final

from oauthclient_operator import names
from oauthclient_operator.record.pairs import expiry
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.summary import at_rest
from tests.cluster.crash.stage import AT_ONCE, Life, Stage
from tests.cluster.scenarios.room import condition

_MONTH: Final = timedelta(days=30)
"""How long secrets live that expire."""
LASTING: Final = "1h"
"""An overlap that no life sees the end of."""


class Rotation(Life):
    """Another client takes the place of the published one, which leaves a second later and is deregistered."""

    name = "rotation"
    edition: ClassVar[int] = 2
    """Of what is published in the end."""

    def prepare(self, stage: Stage) -> None:
        stage.registered(rotation={"overlap": AT_ONCE})

    def begin(self, stage: Stage) -> None:
        stage.room.annotate(stage.name, names.ROTATE_ANNOTATION, "now")

    def over(self, stage: Stage) -> bool:
        resource = stage.room.read(stage.name)
        # Where management is lost, what should be taken from the server stays there: Renewing is False and says so.
        if resource["status"].get("edition") != self.edition or condition(resource, "Renewing").get("status") == "True":
            return False
        record = stage.record()
        return super().over(stage) and record is not None and not (record.leaving or record.surplus)


class RotationOfKeys(Rotation):
    """Another key of the operator's own takes the place of the published one, at the same client: two PUTs."""

    name = "rotation of keys"
    updates = True
    keeps = True

    def prepare(self, stage: Stage) -> None:
        more = {"token_endpoint_auth_method": "private_key_jwt"}
        stage.registered(more=more, privateKey={}, rotation={"overlap": AT_ONCE})


class Moving(Rotation):
    """`spec.issuer` is another one: a client is made there, and the one before is deregistered where it is."""

    name = "move"

    def prepare(self, stage: Stage) -> None:
        super().prepare(stage)
        stage.moves = True
        stage.let_in()

    def begin(self, stage: Stage) -> None:
        stage.apply("first", rotation={"overlap": AT_ONCE})


class TurningBack(Rotation):
    """`spec.issuer` is the one before again, whose client is leaving: it is published again, and the other one leaves."""

    name = "turning back"
    keeps = True
    edition = 3

    def prepare(self, stage: Stage) -> None:
        stage.registered(rotation={"overlap": LASTING})
        stage.moves = True
        stage.let_in()
        stage.apply("first", rotation={"overlap": LASTING})
        stage.room.wait_until(lambda: _has_moved(stage), "the move is told, and one is leaving", within=120)
        stage.moves = False

    def begin(self, stage: Stage) -> None:
        stage.apply("first", rotation={"overlap": AT_ONCE})


class Renewal(Rotation):
    """A secret that expires has lived for more than two thirds of its life, and another client takes its place."""

    name = "renewal"

    def prepare(self, stage: Stage) -> None:
        stage.registered("expiring", rotation={"overlap": AT_ONCE})

    def begin(self, stage: Stage) -> None:
        record = stage.record()
        assert record is not None
        assert record.published is not None
        expires_at = expiry(record.published)
        assert expires_at is not None
        # Another one is of use only if it expires later, and the server tells seconds.
        later = (expires_at - _MONTH).timestamp() + 1
        stage.room.wait_until(lambda: time.time() > later, "what is issued now expires later", within=5)
        stage.rewrite(_aged)

    def over(self, stage: Stage) -> bool:
        record = stage.record()
        if record is not None and record.replacement is not None and record.open is None and record.suspects:
            # What was lost is asked for again when a part of the secret's life is over, or when a person asks for it.
            stage.room.annotate(stage.name, names.RETRY_ANNOTATION, f"{time.time() // 5:.0f}")
        return super().over(stage)


class RenewalByUpdate(Renewal):
    """A secret that expires is renewed by an update of the client itself.

    At node-oidc-provider, with a policy of its own that gives another secret with an update; unlike Keycloak's, which
    `test_renewal_by_update.py` has, it refuses the one before at once. Where the answer is lost another client is
    registered.
    """

    name = "renewal by update"
    updates = True
    keeps = True

    def prepare(self, stage: Stage) -> None:
        stage.registered("renewing", rotation={"overlap": AT_ONCE, "strategy": "Server"})


def _aged(record: Record) -> Record:
    """Return a record by which the secret came long ago: a process lives by the clock of its machine."""
    client = record.published
    assert client is not None
    return record.with_client(replace(client, credential_at=datetime.now(UTC) - 3 * _MONTH))


def _has_moved(stage: Stage) -> bool:
    record = stage.record()
    if record is None or record.published is None or record.edition != 2 or not at_rest(record.published, record):
        return False
    leaving = stage.room.read(stage.name)["status"].get("rotation", {}).get("leaving", [])
    return stage.is_told() and stage.reason() == "Registered" and any("until" in one for one in leaving)
