"""One client given out twice: again after its deregistration, whose answer was lost, or to two resources at once."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import PassedOn
from tests.cluster.scenarios.left_behind import CONFIRMED, UNCONFIRMED, delete, release, wait_for_words
from tests.cluster.scenarios.room import Room
from tests.parts.canaille import Canaille, canaille
from tests.parts.certificates import CertificateAuthority
from tests.parts.front import Front
from tests.parts.misbehaving_issuer import MisbehavingIssuer

pytestmark = pytest.mark.usefixtures("operator")
TOKEN = "idp-token"


@pytest.fixture
def front(certificate_authority: CertificateAuthority) -> Iterator[Front]:
    front = Front(certificate_authority.certificate(), certificate_authority.bundle)
    with front.server.in_thread():
        yield front


@pytest.fixture
def behind(tmp_path: Path, certificate_authority: CertificateAuthority, front: Front) -> Iterator[Canaille]:
    with canaille(tmp_path, certificate_authority, front=front) as server:
        yield server


def deregistered_without_an_answer(room: Room, front: Front, uid: str) -> None:
    """Delete the resource, every answer lost, and wait until what was sent for it is over."""
    front.loses.add("DELETE")
    delete(room)
    front.loses.clear()
    assert release(room, uid) == UNCONFIRMED
    last = room.record(uid).last(CallKind.DEREGISTER)
    assert last is not None
    over = last.call.deadline + Limits().margin + timedelta(seconds=0.1)
    room.wait_until(lambda: datetime.now(UTC) > over, "the deregistration is over by its deadline")


def test_a_client_that_its_token_names_is_created_again_after_a_lost_deregistration_and_lives(
    room: Room, front: Front, behind: Canaille
) -> None:
    room.put_token(TOKEN, behind.issuer, behind.initial_access_token())
    before = room.apply("web", behind.issuer, token=TOKEN)
    room.wait_for("web", "Registered")
    was = room.secret("web")
    deregistered_without_an_answer(room, front, before)
    lost = len(front.calls)
    assert re.fullmatch(r"DELETE \S+ 204", front.calls[1])
    after = room.apply("web", behind.issuer, token=TOKEN)
    room.wait_for("web", "Registered")
    room.wait_until(lambda: room.has_secret("web") and room.secret("web") != was, "its credentials are published")
    now = room.secret("web")
    assert now["client_id"] == was["client_id"]
    assert now["client_secret"] != was["client_secret"]
    # It lives: its own deregistration is the first thing that ends it.
    delete(room)
    path = f"/oauth/register/{now['client_id']}"
    assert front.calls[lost:] == ["POST /oauth/register 201", f"DELETE {path} 204"]
    assert release(room, after) == CONFIRMED


def test_of_two_resources_with_one_client_the_first_to_go_ends_nothing(room: Room, issuer: MisbehavingIssuer) -> None:
    first = room.apply("first", issuer.issuer)
    room.wait_for("first", "Registered")
    ((_, client),) = issuer.clients.items()
    issuer.alter("POST", lambda _: dict(client))
    second = room.apply("second", issuer.issuer)
    room.wait_for("second", "Registered")
    assert room.secret("second")["client_id"] == room.secret("first")["client_id"] == "client-1"
    delete(room, "first")
    assert any("second" in note or "another" in note for note in wait_for_words(room, "PassedOn", "first"))
    assert release(room, first) == CONFIRMED
    assert [type(c.end) for c in room.record(first).clients] == [PassedOn]
    assert issuer.calls == ["POST", "POST"]
    delete(room, "second")
    assert (issuer.calls, "client-1" in issuer.clients) == (["POST", "POST", "DELETE"], False)
    assert release(room, second) == CONFIRMED
