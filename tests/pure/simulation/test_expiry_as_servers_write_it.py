"""A client secret that ends at a time that is not written as RFC 7591 has it: it is renewed before that all the same."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.exchange import Answer, Request, Response
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.dialects import METADATA, READY, Particular, lived, published
from tests.pure.simulation.platform import SPEC, Platform

DAY: Final = timedelta(days=1)
MONTH: Final = 30 * DAY
FORMS: Final[dict[str, Callable[[datetime], Any]]] = {
    "seconds": lambda at: int(at.timestamp()),
    "seconds with a fraction": lambda at: at.timestamp() + 0.5,
    "seconds as a text": lambda at: str(int(at.timestamp())),
    "seconds with a fraction as a text": lambda at: f"{at.timestamp():.3f}",
    "microseconds": lambda at: int(at.timestamp()) * 10**6,
    "a date": lambda at: at.isoformat(),
}


class Hiding(Particular):
    """It says when a secret ends in a form of its own, and shows secrets to whom it registers and to nobody else."""

    def __init__(self, form: Callable[[datetime], Any]) -> None:
        super().__init__()
        self.form = form
        self.now: Callable[[], datetime]
        self.ends: dict[str, datetime] = {}
        """When the client secret of each client ends."""

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        answer = await super().exchange(request, issuer, **options)
        if not isinstance(answer, Response) or not answer.body or b"registration_client_uri" not in answer.body:
            return answer
        members = json.loads(answer.body)
        if request.method == "POST":
            self.ends[members["client_id"]] = self.now() + MONTH
            return self._answer(201, {**members, "client_secret_expires_at": self.form(self.now() + MONTH)})
        return self._answer(200, {n: v for n, v in members.items() if not n.startswith("client_secret")})


@pytest.mark.parametrize("form", FORMS)
def test_it_is_renewed_in_time_also_after_an_edit_whose_answer_tells_nothing_of_it(form: str) -> None:
    async def main() -> None:
        server = Hiding(FORMS[form])
        platform = Platform(server=server)
        server.now = platform.clock.now
        platform.apply_issuer(SPEC)
        platform.apply()
        await platform.settle()
        platform.apply(clientMetadata={**METADATA, "client_name": "edited"})
        await platform.settle()
        assert server.calls == ["POST", "PUT"]
        for _ in range(100):
            await lived(platform, DAY, step=DAY)
            assert platform.said()[:2] == READY
            assert server.ends[published(platform)["client_id"]] > platform.clock.now()
        assert ("RFC 7591 has it" in platform.said()[2]) is (form in ("microseconds", "a date"))

    asyncio.run(main())
