"""An answer that an issuer holds back until a test lets it go."""

import asyncio
import threading

from tests.parts.misbehaving import Behaviour, Received, send


class Held:
    """Spoils one answer: it is the right one, and it waits."""

    def __init__(self) -> None:
        self._may_go = threading.Event()
        self.asked = threading.Event()
        """The request has come, and what it asks is done."""
        self.answered = threading.Event()
        """The answer is in the other side's hands, though perhaps unread."""

    def __call__(self, right: bytes) -> Behaviour:
        async def behave(received: Received, writer: asyncio.StreamWriter) -> None:
            self.asked.set()
            await asyncio.to_thread(self._may_go.wait, 60)
            await send(right)(received, writer)
            self.answered.set()

        return behave

    def let_go(self) -> None:
        self._may_go.set()
