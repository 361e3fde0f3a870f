"""What Canaille forgets when its database is restored: it says 400 where others say 401, and keeps its tokens."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from oauthclient_operator.names import PROVE_ANNOTATION, REFRESH_ANNOTATION
from tests.cluster.scenarios.in_time import CONFIRMED, MINUTE, Begin, InTime
from tests.cluster.scenarios.room import WEB, Body, Room, conditions
from tests.parts.canaille import Canaille, canaille
from tests.parts.certificates import CertificateAuthority

GRANTS: Body = {**WEB, "grant_types": ["authorization_code"], "response_types": ["code"]}
EDITED: Body = {**GRANTS, "client_name": "Web shop, renamed"}


@pytest.fixture(scope="module")
def open_canaille(
    tmp_path_factory: pytest.TempPathFactory, certificate_authority: CertificateAuthority
) -> Iterator[Canaille]:
    """Start one that lets in everybody; what is lost there is lost for the tests of this module alone."""
    directory = tmp_path_factory.mktemp("open-canaille")
    with canaille(directory, certificate_authority, initial_access_token=False) as server:
        yield server


def calls(server: Canaille, client_id: str) -> list[str]:
    return [f"{r.method} {r.status}" for r in server.log.requests() if r.path.endswith(f"/{client_id}")]


async def registered(operator: InTime, server: Canaille, **policy: str) -> dict[str, str]:
    """Return what is published of a client that was registered and proven right after."""
    operator.room.apply("web", server.issuer, metadata=GRANTS, policy=policy)
    await operator.live()
    operator.room.annotate("web", PROVE_ANNOTATION, "now")
    await operator.live()
    found = conditions(operator.room.read("web"))
    assert (found["Ready"], found["CredentialsValid"]) == (("True", "Registered"), ("True", "Proven"))
    return operator.room.secret("web")


@pytest.mark.parametrize("policy", ["Report", "Reregister"])
async def test_restored_to_before_the_registration(
    room: Room, begin: Begin, open_canaille: Canaille, tmp_path: Path, policy: str
) -> None:
    open_canaille.save(tmp_path / "before.db")
    async with begin() as operator:
        published = await registered(operator, open_canaille, gone=policy)
        open_canaille.restore(tmp_path / "before.db")
        room.apply("web", open_canaille.issuer, metadata=EDITED, policy={"gone": policy})
        await operator.live(MINUTE)
        assert operator.ready() == ("False", "ManagementLost")
        assert "HTTP 400 access_denied" in operator.said()
        await operator.live(CONFIRMED)
        assert calls(open_canaille, published["client_id"]) == ["PUT 400"]
        if policy == "Report":
            found = conditions(room.read("web"))
            assert found["Ready"] == found["CredentialsValid"] == ("False", "ClientGone")
            assert room.secret("web") == published
        else:
            assert operator.ready() == ("True", "Registered")
            assert operator.client_id() != published["client_id"]


async def test_restored_to_before_an_update_it_takes_the_same_token_and_a_read_puts_it_right(
    room: Room, begin: Begin, open_canaille: Canaille, tmp_path: Path
) -> None:
    async with begin() as operator:
        published = await registered(operator, open_canaille)
        open_canaille.save(tmp_path / "before.db")
        room.apply("web", open_canaille.issuer, metadata=EDITED)
        await operator.live()
        open_canaille.restore(tmp_path / "before.db")
        room.annotate("web", REFRESH_ANNOTATION, "now")
        await operator.live(MINUTE)
        assert operator.ready() == ("True", "Registered")
        assert calls(open_canaille, published["client_id"]) == ["PUT 200", "GET 200", "PUT 200"]
        assert room.secret("web") == published
