"""`spec.issuer` is changed together with the metadata, at real servers: the one before lives, or is gone for good."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.scenarios.left_behind import delete, wait_for_words
from tests.cluster.scenarios.room import WEB, Body, Room, condition
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.node_oidc_provider import NodeOIDCProvider, node_oidc_provider

pytestmark = pytest.mark.usefixtures("operator")

EDITED: Body = {**WEB, "client_name": "Web shop, moved"}
AT_ONCE: dict[str, Any] = {"rotation": {"overlap": "1s"}}


def asked(server: NodeOIDCProvider) -> list[str]:
    found = (str(r) for r in server.log.requests() if r.path.startswith("/reg"))
    return [re.sub(r"/reg/\S+", "/reg/…", request) for request in found]


def moved(room: Room, old: NodeOIDCProvider, new: MisbehavingIssuer) -> tuple[dict[str, str], dict[str, str]]:
    """Move with an edit in the same change, and return what was published before and is now."""
    before = room.secret("web")
    assert before["issuer"] == old.issuer
    room.apply("web", new.issuer, metadata=EDITED, **AT_ONCE)
    found = room.wait_for("web", "Registered")
    after = room.secret("web")
    assert (after["issuer"], after["client_id"]) == (new.issuer, found["status"]["clientID"])
    assert new.clients[after["client_id"]]["client_name"] == EDITED["client_name"]
    return before, after


def test_the_client_at_the_issuer_before_gets_no_edit_and_leaves_there(
    room: Room, issuer: MisbehavingIssuer, tmp_path: Path, certificate_authority: CertificateAuthority
) -> None:
    with node_oidc_provider(tmp_path, certificate_authority, initial_access_token=False) as old:
        room.apply("web", old.issuer, **AT_ONCE)
        room.wait_for("web", "Registered")
        moved(room, old, issuer)
        room.wait_until(lambda: old.clients() == {}, "the one before is deregistered")
        assert asked(old) == ["POST /reg 201", "DELETE /reg/… 204"]
        assert issuer.calls == ["POST"]


def test_a_client_at_an_issuer_that_is_gone_for_good_is_left_behind_and_said_and_holds_up_nothing(
    room: Room, issuer: MisbehavingIssuer, tmp_path: Path, certificate_authority: CertificateAuthority
) -> None:
    with node_oidc_provider(tmp_path, certificate_authority, initial_access_token=False) as old:
        uid = room.apply("web", old.issuer, **AT_ONCE)
        room.wait_for("web", "Registered")
    before, after = moved(room, old, issuer)
    (note,) = wait_for_words(room, "LeftBehind")
    assert f'client "{before["client_id"]}" at {old.issuer}' in note
    assert asked(old) == ["POST /reg 201"]
    room.wait_until(lambda: not condition(room.read("web"), "Renewing"), "nothing is said of a rotation")
    assert condition(room.read("web"))["reason"] == "Registered"
    assert [c.information.client_id for c in room.record(uid).clients if c.alive] == [
        before["client_id"],
        after["client_id"],
    ]
    # An edit goes to the new one, and a deletion waits for no answer of the old one.
    room.apply("web", issuer.issuer, metadata=WEB, **AT_ONCE)
    room.wait_for("web", "Registered")
    assert issuer.calls == ["POST", "PUT"]
    delete(room)
    assert (issuer.clients, issuer.calls) == ({}, ["POST", "PUT", "DELETE"])
