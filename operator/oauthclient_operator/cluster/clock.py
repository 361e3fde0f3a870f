"""The clock of the running process, and its chance."""

import asyncio
import random
import uuid
from datetime import UTC, datetime

from ..confidential import Confidential
from ..oauth.jose import generate, private_pem
from ..oauth.signing_algorithm import SigningAlgorithm
from .elapsed import elapsed


class SystemClock:
    """Wall clock for what is written down, boot time for deadlines."""

    def now(self) -> datetime:
        """Return the time of day."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Return seconds that run also while the machine is suspended."""
        return elapsed()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class SystemChance:
    """Chance as the system has it."""

    def fraction(self) -> float:
        """Return a number in [0, 1)."""
        return random.random()  # noqa: S311 - spreads load, guards nothing

    def nonce(self) -> str:
        """Return a name that nobody has used and nobody can guess."""
        return uuid.uuid4().hex

    async def private_key(self, algorithm: SigningAlgorithm) -> Confidential:
        """Make a private key, as PEM; in a thread, for an RSA key takes up to seconds."""
        return private_pem(await asyncio.to_thread(generate, algorithm.value))
