"""A server names its own clients: what it says of somebody else's address keeps nobody's client alive."""

import asyncio
import json
from typing import Any

import pytest

from oauthclient_operator.exchange import Answer, Request, Response
from oauthclient_operator.record.summary import client_label, identifier_label, older_client_label
from tests.pure.simulation.operator_process import RECORDS
from tests.pure.simulation.test_load import HEALTHY, Door, Operator
from tests.pure.virtual_time import in_virtual_time

MALLORY = "https://mallory.example"


class TwoServers(Door):
    """A genuine server, and one that answers every registration with the address of another server's client."""

    def __init__(self) -> None:
        super().__init__(hangs_at="")
        self.victim = ""

    async def exchange(self, request: Request, **options: Any) -> Answer:
        if not request.url.startswith(MALLORY):
            return await super().exchange(request, **options)
        if request.method == "GET":
            return self._document(MALLORY)
        names = {"client_id": "m", "registration_access_token": "m", "registration_client_uri": self.victim}
        return Response(status=201, body=json.dumps({**names, "client_secret": "m"}).encode())


def record_of(operator: Operator, namespace: str) -> dict[str, Any]:
    body = operator.api.get("oauthclients", namespace, "web")
    found: dict[str, Any] = operator.api.objects["secrets", RECORDS, body["metadata"]["uid"]]
    return found


@pytest.mark.parametrize(
    ("by_an_older_operator", "goes"),
    [
        pytest.param(False, True, id="its record says whose issuer named it"),
        pytest.param(True, False, id="a record that an older operator wrote is believed until it is written anew"),
    ],
)
def test_a_client_is_deregistered_whoever_elses_server_names_its_address(
    by_an_older_operator: bool, goes: bool
) -> None:
    async def main() -> None:
        door = TwoServers()
        operator = Operator(door)
        running = asyncio.create_task(operator.work.run())
        operator.apply("good", "web", HEALTHY)
        await asyncio.sleep(5)
        ((client_id, client),) = door.server.clients.items()
        door.victim = client["registration_client_uri"]
        operator.apply("mallory", "web", MALLORY)
        await asyncio.sleep(5)
        record = record_of(operator, "mallory")
        labels = record["metadata"]["labels"]
        assert labels.pop(client_label(MALLORY, door.victim)) == "held"
        if by_an_older_operator:
            del labels[identifier_label(MALLORY, "m")]
            labels[older_client_label(door.victim)] = "held"
        operator.api.objects["secrets", RECORDS, record["metadata"]["name"]] = record
        (key,) = (key for key in operator.applied_at if key.namespace == "good")
        operator.api.delete("good", "web")
        operator.work.add(key)
        await asyncio.sleep(60)
        assert (client_id not in door.server.clients) == goes
        operator.work.stop()
        await running

    in_virtual_time(main())
