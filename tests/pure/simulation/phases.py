"""A rotation on request that stops in one of its phases, for the process dies there; tests say what happens then."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

from tests.pure.simulation.lives import Life
from tests.pure.simulation.operator_process import Crash

MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)


def _begun(life: Life) -> bool:
    record = life.record()
    return record.replacement is not None and record.open is not None


def _answered(life: Life) -> bool:
    replacement = life.record().replacement
    return replacement is not None and replacement.pair is not None


def _promoted(life: Life) -> bool:
    return life.record().edition > 1


def _published(life: Life) -> bool:
    client, shown = life.record().published, life.shown()
    return _promoted(life) and client is not None and shown == (client.issuer, client.information.client_id)


def _shown(life: Life) -> bool:
    return _promoted(life) and all(leaving.until is not None for leaving in life.record().leaving)


def _retired(life: Life) -> bool:
    return _promoted(life) and not life.record().leaving


PHASES: Final[dict[str, Callable[[Life], bool]]] = {
    "begun": _begun,
    "with a candidate": _answered,
    "promoted": _promoted,
    "published": _published,
    "shown": _shown,
    "retired": _retired,
}


class Interrupted:
    """Dies once, after the first call that brings a life to a phase."""

    def __init__(self, phase: str) -> None:
        self._reached = PHASES[phase]
        self.life: Life | None = None

    @property
    def is_over(self) -> bool:
        """Whether it died already."""
        return self.life is None

    async def __call__(self, label: str, call: Callable[[], Awaitable[Any]]) -> Any:
        answer = await call()
        if self.life is not None and self._reached(self.life):
            self.life = None
            raise Crash
        return answer


async def in_phase(phase: str, **options: Any) -> Life:
    """Return a life whose rotation, asked for once, is in that phase."""
    fault = Interrupted(phase)
    life = Life(fault=fault, **options)
    life.apply()
    await life.live(MINUTE)
    fault.life = life
    life.rotate("once")
    await life.live(2 * DAY, to_death=True)
    assert fault.is_over, f"no rotation comes to be {phase}"
    return life
