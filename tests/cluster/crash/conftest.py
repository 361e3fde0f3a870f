"""What these tests stand on: a cluster of their own, and lanes in it, each with an operator that may be killed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue

import pytest

from tests.cluster.crash.lane import Lane, lane
from tests.cluster.crash.runs import Lanes
from tests.parts.api_server import APIServer
from tests.parts.api_server import api_server as run_api_server
from tests.parts.certificates import CertificateAuthority
from tests.parts.programs import programs

LANES = 3


@pytest.fixture(scope="session")
def api_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIServer]:
    """Not the one of the other tests: an operator that sees all namespaces would go on where ours was killed."""
    with run_api_server(tmp_path_factory.mktemp("crash"), programs()) as server:
        yield server


@pytest.fixture(scope="session")
def lanes(
    api_server: APIServer, certificate_authority: CertificateAuthority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lanes]:
    free: SimpleQueue[Lane] = SimpleQueue()
    # A process is gone with the thread that started it: the threads are there until the lanes are ended.
    with ThreadPoolExecutor(LANES) as pool, ExitStack() as stack:
        for number in range(LANES):
            directory = tmp_path_factory.mktemp(f"lane-{number}")
            free.put(stack.enter_context(lane(api_server, certificate_authority, directory, number)))
        yield Lanes(free=free, pool=pool)
