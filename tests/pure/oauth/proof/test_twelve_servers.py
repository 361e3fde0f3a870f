"""The procedure at every kind of client of twelve servers, by each of their endpoints: as it was measured there."""

import pytest

from oauthclient_operator.oauth.proof.results import Calibrated, NotProvable, Obstacle, Refused, Valid
from tests.pure.oauth.proof.fake import CLIENT, EVERYWHERE, FakeServer, calibrate, calibrated, check, row
from tests.pure.oauth.proof.servers import KEY, KINDS, MAC, NONE, Kind

CELLS = [(kind, column) for kind in KINDS for column in EVERYWHERE if column in FakeServer(kind).rows]
TELLING = [
    (kind, column)
    for kind, column in CELLS
    # Hydra takes no assertion at all for its revocation endpoint.
    if row(kind, column).tells and (str(kind), column) != ("Hydra: private_key_jwt", "revocation")
]
MOST = 12
"""Exchanges of a calibration."""


def named(cell: tuple[Kind, str]) -> str:
    return f"{cell[0]} by {cell[1]}"


def written(found: Calibrated) -> str:
    probe = found.probe
    form = probe.form.value if probe.form.value != "plain" else None
    return " ".join(filter(None, (probe.kind.value, probe.audience, form)))


@pytest.mark.parametrize("kind", KINDS, ids=str)
async def test_the_probe_that_is_found(kind: Kind) -> None:
    server = FakeServer(kind)
    found = await calibrate(server)
    assert isinstance(found, Calibrated)
    assert written(found) == kind.proof
    assert len(server.asked) <= MOST


@pytest.mark.parametrize("cell", TELLING, ids=named)
async def test_right_credentials_are_valid(cell: tuple[Kind, str]) -> None:
    server = FakeServer(cell[0], (cell[1],))
    found = await calibrated(server)
    assert await check(server, found) == Valid()
    # The control first, and each once.
    assert [client == CLIENT for _, client in server.asked] == [False, True]


@pytest.mark.parametrize("cell", [c for c in TELLING if c[0].method != NONE], ids=named)
async def test_a_wrong_secret_or_key_is_refused_and_the_client_known_where_the_server_says_so(
    cell: tuple[Kind, str],
) -> None:
    kind, column = cell
    server = FakeServer(kind, (column,))
    found = await calibrated(server)
    answers = row(kind, column)
    alone = kind.dated or kind.method not in (KEY, MAC)
    assert await check(server, found, right=False) == Refused(known=answers.wrong != answers.unknown, alone=alone)


@pytest.mark.parametrize("cell", TELLING, ids=named)
async def test_a_client_that_is_gone_is_refused_and_not_known(cell: tuple[Kind, str]) -> None:
    kind, column = cell
    server = FakeServer(kind, (column,))
    found = await calibrated(server)
    server.clients.clear()
    tells_untimely = row(kind, column).wrong != row(kind, column).unknown
    alone = kind.dated or kind.method not in (KEY, MAC) or tells_untimely
    assert await check(server, found) == Refused(known=False, alone=alone)


@pytest.mark.parametrize("cell", [c for c in CELLS if c not in TELLING], ids=named)
async def test_an_endpoint_that_cannot_tell_proves_nothing(cell: tuple[Kind, str]) -> None:
    server = FakeServer(cell[0], (cell[1],))
    found = await calibrate(server)
    assert found == NotProvable(Obstacle.NO_PROBE)


@pytest.mark.parametrize("cell", CELLS, ids=named)
async def test_what_is_refused_is_never_found_to_be_provable(cell: tuple[Kind, str]) -> None:
    """So that a calibration is safe at any time: of a client that is gone, or has another secret by now."""
    kind, column = cell
    server = FakeServer(kind, (column,))
    if kind.method != NONE:
        assert not isinstance(await calibrate(server, right=False), Calibrated)
    server.clients.clear()
    assert not isinstance(await calibrate(server), Calibrated)
