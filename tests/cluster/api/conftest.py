"""Our own edge against a real API server: as its administrator, or as the operator with exactly its rights."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from oauthclient_operator.cluster.api import Cluster
from oauthclient_operator.cluster.connection import Connection
from tests.parts.api_server import APIServer


@pytest.fixture
async def connection(api_server: APIServer) -> AsyncIterator[Connection]:
    """The administrator's."""
    connection = await Connection.open(api_server.kubeconfig, {})
    yield connection
    await connection.close()


@pytest.fixture
def cluster(connection: Connection) -> Cluster:
    return Cluster(connection)


@pytest.fixture
async def operator(operator_kubeconfig: Path) -> AsyncIterator[Connection]:
    """The operator's own service account's."""
    connection = await Connection.open(operator_kubeconfig, {})
    # In the audit log it is not an operator at work.
    connection._client.user_agent = "a test"
    yield connection
    await connection.close()
