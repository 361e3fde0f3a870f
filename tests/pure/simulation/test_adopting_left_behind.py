"""A client that was left behind and is handed over again, without a token: it is in use, and kept whole."""

import asyncio
import base64
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.exchange import Response
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.record.clients import Alive
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.lives import NOT_MANAGED, Life
from tests.pure.simulation.operator_process import NAMESPACE
from tests.pure.simulation.phases import DAY, MINUTE
from tests.pure.simulation.refusing import UNWANTED, Refusing


@pytest.mark.parametrize("edited", [True, False], ids=["an edit is refused", "a rotation follows"])
def test_its_secret_stays_published_whatever_is_tried_next(edited: bool) -> None:
    async def main() -> None:
        server = Refusing(Response(status=400, body=b'{"error": "invalid_client_metadata"}'))
        server.issued = dict(NOT_MANAGED)
        shown: list[dict[str, str]] = []

        async def look(_label: str, call: Any) -> Any:
            result = await call()
            found = life.secret()
            if found and (not shown or shown[-1] != found):
                shown.append(found)
            return result

        life = Life(server=server, limits=Limits(retry_slowly=timedelta(hours=1)), fault=look)
        life.apply()
        await life.live(MINUTE)
        life.rotate("1")
        await life.live(3 * DAY)
        values = {"issuer": ISSUER, "client_id": "client-1", "client_secret": "secret-1"}
        handed = {name: base64.b64encode(value.encode()).decode() for name, value in values.items()}
        metadata = {"namespace": NAMESPACE, "name": "web-client", "uid": "uid-web-client"}
        life.world.api.put(
            ("secrets", NAMESPACE, "web-client"),
            {"type": names.CLIENT_INFORMATION_TYPE, "metadata": metadata, "data": handed},
        )
        life.apply(adopt={"secretRef": {"name": "web-client"}})
        await life.live(3 * DAY)
        adopted = next(c for c in life.record().clients if c.information.client_id == "client-1")
        assert isinstance(adopted.end, Alive)
        if edited:
            life.apply(clientMetadata=UNWANTED, policy={"unmanageable": "Reregister"})
        else:
            life.rotate("2")
        await life.live(MINUTE)
        assert all(found.get("client_secret") for found in shown)

    asyncio.run(main())
