"""Keys at Canaille, which takes two of one client and then fails over assertions of either (HTTP 500)."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator.names import ROTATE_ANNOTATION
from tests.cluster.scenarios.apps import WEB_BY_KEY, is_let_in
from tests.cluster.scenarios.in_process import Account, InProcessOperator
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Room, condition
from tests.parts.canaille import Canaille, canaille
from tests.parts.certificates import CertificateAuthority


@pytest.fixture
def open_canaille(tmp_path: Path, certificate_authority: CertificateAuthority) -> Iterator[Canaille]:
    """One that lets in everybody: with a token a second client is refused while the first one lives."""
    with canaille(tmp_path, certificate_authority, initial_access_token=False) as server:
        yield server


@pytest.fixture
def operator(
    room: Room, operators: Operators, operator_kubeconfig: Path, certificate_authority: CertificateAuthority
) -> InProcessOperator:
    operators.stop()
    account = Account(kubeconfig=operator_kubeconfig, trust=certificate_authority.bundle, namespace=room.namespace)
    return InProcessOperator(account=account)


def settled(operator: InProcessOperator, *, later: timedelta = timedelta()) -> None:
    operator.clock.skipped += later
    asyncio.run(operator.settle("web"))


def calls(server: Canaille) -> list[str]:
    return [f"{r.method} {r.status}" for r in server.log.requests() if r.path.startswith("/oauth/register")]


@pytest.mark.parametrize("asked", ["by a person", "by the calendar"])
def test_the_second_key_is_taken_back_within_a_minute_and_the_first_works_again(
    room: Room, operator: InProcessOperator, open_canaille: Canaille, asked: str
) -> None:
    rotation: dict[str, Any] = {"interval": "48h"} if asked == "by the calendar" else {}
    room.apply("web", open_canaille.issuer, metadata=WEB_BY_KEY, privateKey={}, rotation=rotation)
    settled(operator)
    first = room.secret("web")
    assert asyncio.run(is_let_in(first, open_canaille.trust))
    began = operator.clock.now()
    if asked == "by a person":
        room.annotate("web", ROTATE_ANNOTATION, "now")
    settled(operator, later=timedelta(hours=48) if asked == "by the calendar" else timedelta())
    assert calls(open_canaille)[:3] == ["POST 201", "PUT 200", "PUT 200"]
    # The first works again, and whoever holds it loses nothing.
    assert asyncio.run(is_let_in(first, open_canaille.trust))
    assert condition(room.read("web"))["reason"] == "Registered"
    if asked == "by a person":
        after = room.secret("web")
        assert calls(open_canaille)[3:] == ["POST 201"]
        assert after["client_id"] != first["client_id"]
        assert asyncio.run(is_let_in(after, open_canaille.trust))
        assert operator.clock.now() - began < timedelta(minutes=5)
    else:
        assert calls(open_canaille)[3:] == []
        assert room.secret("web") == first
        settled(operator, later=timedelta(hours=2))
        assert calls(open_canaille)[3:] == []
        said = condition(room.read("web"), "Renewing")
        assert (said["status"], said["reason"]) == ("False", "RenewalFailed")
        assert "write spec.rotation.strategy: Reregister" in said["message"]
