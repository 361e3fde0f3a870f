"""The lives in which somebody has lost something: a server its client, a cluster its newest record."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from oauthclient_operator import names
from oauthclient_operator.record.doubts import APART, CONFIRMATIONS, OVER
from oauthclient_operator.record.record import Record
from oauthclient_operator.resource.client_information_secret import manifest
from tests.cluster.crash.replacing import Rotation, TurningBack
from tests.cluster.crash.stage import AT_ONCE, Stage
from tests.cluster.scenarios.room import condition

_BY_POLICY: Final[dict[str, Any]] = {"policy": {"gone": "Reregister"}, "rotation": {"overlap": AT_ONCE}}
_BEFORE: Final = TurningBack()
_HARMLESS: Final = ("get ", "create events", "patch oauthclients")
"""What may be asked while a record is older than what is published."""


class Gone(Rotation):
    """An administrator deleted the client at its server: an edit finds out, and another one takes its place by policy.

    Three refusals over ten minutes count. After the first one the record has it that there were two, the last one five
    minutes ago. That no process replaces any in its first ten minutes is not waited for (`program.py`).
    """

    name = "gone"

    def prepare(self, stage: Stage) -> None:
        stage.registered(**_BY_POLICY)
        # Of a client that was never accepted a refusal says nothing.
        stage.room.annotate(stage.name, names.PROVE_ANNOTATION, "now")
        stage.room.wait_until(lambda: _is_proven(stage), "it is proven, and that is told", within=120)
        stage.provider.forget(str(stage.before))

    def begin(self, stage: Stage) -> None:
        stage.apply("edited", **_BY_POLICY)

    def version(self) -> str:
        return "edited"

    def over(self, stage: Stage) -> bool:
        record = stage.record()
        if record is not None and _once_refused(record):
            stage.rewrite(_five_minutes_later)
            # It would ask by itself within a minute.
            stage.room.annotate(stage.name, names.PROVE_ANNOTATION, "again")
        elif record is not None and _nobody_said(record) and stage.reason() == "ManagementLost":
            # It would ask by itself after the next update, a quarter of an hour later; or a person asks for it.
            stage.room.annotate(stage.name, names.PROVE_ANNOTATION, f"{time.time() // 5:.0f}")
        return super().over(stage)


class OlderRecord(Rotation):
    """A record from a backup is put beside a newer Secret: nothing is done, until a person adopts what is published.

    By that record what is published was to leave long ago.
    """

    name = "older record"
    updates = True
    keeps = True
    edition = 4

    def prepare(self, stage: Stage) -> None:
        _BEFORE.prepare(stage)
        stage.kept = stage.record()
        _BEFORE.begin(stage)
        stage.room.wait_until(lambda: _BEFORE.over(stage) and stage.is_told(), "it has turned back", within=120)

    def begin(self, stage: Stage) -> None:
        assert stage.kept is not None
        older = _left_long_ago(stage.kept)
        stage.rewrite(lambda _: older)

    def over(self, stage: Stage) -> bool:
        if stage.reason() == "RecordOutdated" and not stage.room.has_secret(f"{stage.name}-client"):
            done = (point.label for point in stage.lane.watchman.seen() if not point.label.startswith(_HARMLESS))
            stage.wrong.extend(f"{label}, by a record that is older than what is published" for label in done)
            _hand_over(stage)
        return super().over(stage) and stage.is_told()


def _is_proven(stage: Stage) -> bool:
    record, said = stage.record(), condition(stage.room.read(stage.name), "CredentialsValid")
    return record is not None and record.prove is not None and said.get("status") == "True" and stage.is_told()


def _nobody_said(record: Record) -> bool:
    """Return whether the token was refused, and no answer told whether the credentials are, too."""
    client = record.published
    return record.open is None and client is not None and client.management_lost and client.doubts is None


def _once_refused(record: Record) -> bool:
    client = record.published
    return record.open is None and client is not None and client.doubts is not None and client.doubts.count == 1


def _five_minutes_later(record: Record) -> Record:
    """Return a record by which five minutes have passed since the second refusal: a process lives by its machine's clock."""
    client = record.published
    if client is None or client.doubts is None or not _once_refused(record):
        return record
    now = datetime.now(UTC)
    counted = replace(client.doubts, count=CONFIRMATIONS - 1, first_at=now - OVER, last_at=now - APART)
    return record.with_client(replace(client, doubts=counted))


def _left_long_ago(record: Record) -> Record:
    long_ago = datetime.now(UTC) - timedelta(days=1)
    leaving = tuple(replace(one, shown_at=long_ago, until=long_ago) for one in record.leaving)
    assert leaving
    return replace(record, leaving=leaving)


def _hand_over(stage: Stage) -> None:
    """Have a person adopt what is published, with what `export` prints of it."""
    assert stage.kept is not None
    client = next(c for c in stage.kept.clients if c.information.client_id == stage.before)
    name = f"{stage.name}-client"
    secret = manifest(stage.room.namespace, name, client.issuer, client.information)
    stage.room.put_secret(name, of_type=names.CLIENT_INFORMATION_TYPE, **cast("dict[str, str]", secret["stringData"]))
    stage.apply("first", adopt={"secretRef": {"name": name}}, rotation={"overlap": AT_ONCE})
