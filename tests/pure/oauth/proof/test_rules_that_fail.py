"""Rules that look right, each with what it does wrong; ours is right there, and so a change to one of them is noticed."""

from collections.abc import Callable

import pytest

from oauthclient_operator.oauth.proof.judgement import judge
from oauthclient_operator.oauth.proof.probes import Probe, ProbeKind
from oauthclient_operator.oauth.proof.results import Answered, Calibrated, Doubt, NotKnown, ProofResult, Refused, Valid
from tests.pure.oauth.proof.fake import EVERYWHERE, FakeServer, calibrated, row, said
from tests.pure.oauth.proof.servers import KINDS, NONE

Naive = Callable[[str, str, str], bool | None]
"""Is told the endpoint, the control's answer and the client's; says whether the client is accepted, or nothing."""


def a_401_at_revocation_means_invalid(column: str, _control: str, client: str) -> bool | None:
    return None if column != "revocation" else not client.startswith("401")


def an_error_means_invalid(_column: str, _control: str, client: str) -> bool | None:
    return " " not in client or client.endswith("invalid_grant")


def invalid_grant_means_valid(_column: str, _control: str, client: str) -> bool | None:
    return client == "400 invalid_grant" or None


def unauthorized_client_means_invalid(_column: str, _control: str, client: str) -> bool | None:
    return False if client.endswith("unauthorized_client") else None


def as_for_an_unknown_client_means_invalid(_column: str, control: str, client: str) -> bool | None:
    return client != control


CONDEMNS: list[tuple[Naive, str]] = [
    (a_401_at_revocation_means_invalid, "Canaille: client_secret_post by revocation"),
    (a_401_at_revocation_means_invalid, "Canaille: private_key_jwt by revocation"),
    (a_401_at_revocation_means_invalid, "Spring Security: none by revocation"),
    (an_error_means_invalid, "Keycloak: client_secret_basic by revocation"),
    (an_error_means_invalid, "better-auth: client_secret_post by revocation"),
    (unauthorized_client_means_invalid, "Canaille: client_secret_basic, client_credentials only by token"),
    (unauthorized_client_means_invalid, "Authlib: client_secret_basic, client_credentials only by token"),
    (as_for_an_unknown_client_means_invalid, "Canaille: none by revocation"),
    (as_for_an_unknown_client_means_invalid, "better-auth: client_secret_basic by token"),
]
CELLS = {
    f"{kind} by {column}": (kind, column) for kind in KINDS for column in EVERYWHERE if column in FakeServer(kind).rows
}


@pytest.mark.parametrize(("naive", "cell"), CONDEMNS, ids=lambda v: v if isinstance(v, str) else v.__name__)
def test_a_rule_that_condemns_valid_clients(naive: Naive, cell: str) -> None:
    kind, column = CELLS[cell]
    answers = row(kind, column)
    assert naive(column, answers.unknown, answers.right) is False


@pytest.mark.parametrize("cell", sorted({cell for _, cell in CONDEMNS}))
async def test_ours_condemns_none_of_them(cell: str) -> None:
    kind, _ = CELLS[cell]
    server = FakeServer(kind)
    found = await calibrated(server)
    answers = row(kind, found.probe.kind.value)
    assert judge(said(answers.right), found) == Valid()


@pytest.mark.parametrize("unknown", [True, False], ids=["unknown", "wrong"])
def test_invalid_grant_means_valid_praises_anybody(unknown: bool) -> None:
    answers = row(*CELLS["better-auth: client_secret_basic by token"])
    assert invalid_grant_means_valid("token", answers.unknown, answers.unknown if unknown else answers.wrong)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("401 invalid_client", Refused(known=False)),
        ("400 invalid_request", NotKnown(Doubt.UNEXPECTED)),
        ("200", Valid()),
    ],
)
def test_a_key_that_hydra_does_not_know_is_not_praised(answer: str, verdict: ProofResult) -> None:
    """It says 400 `invalid_request` of an unknown `kid`: an OAuth error that is no authentication failure."""
    hydra = Calibrated(
        probe=Probe(kind=ProbeKind.REVOCATION),
        control=Answered(status=401, error="invalid_client"),
        accepted=Answered(status=200),
    )
    assert judge(said(answer), hydra) == verdict


def test_invalid_request_is_praise_where_it_was_the_word_for_a_client_that_is_let_in() -> None:
    better_auth = Calibrated(
        probe=Probe(kind=ProbeKind.REVOCATION),
        control=Answered(status=401, error="invalid_client"),
        accepted=Answered(status=400, error="invalid_request"),
    )
    assert judge(said("400 invalid_request"), better_auth) == Valid()


def test_every_kind_with_credentials_is_there_with_what_is_answered_to_wrong_ones() -> None:
    servers = {kind.server for kind in KINDS if kind.method != NONE}
    assert len(servers - {"a server of introspection alone"}) == 12
    assert len([kind for kind in KINDS if not kind.server.startswith("a server")]) >= 50
