"""One pass of a process, run anew from its beginning with the answers that it got so far.

A coroutine cannot be copied. But a pass is told all that it knows through its ports, so that whoever has the list of
what the ports said can bring another coroutine to the same place: that list is the pass, as a value.
"""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from tests.exploration.loop import Loop
from tests.exploration.store import Body, Key

PACKAGE = "/oauthclient_operator/"
ADAPTERS = f"{PACKAGE}cluster/"
ADAPTED = {
    f"{adapter}.{verb}": f"{port}.{verb}"
    for adapter, port, verbs in (
        ("OAuthClients", "resources", ("read", "write_finalizers", "write_status")),
        ("RecordSecrets", "records", ("read", "create", "write", "append", "delete", "look_for")),
        ("Secrets", "secrets", ("read", "write", "delete")),
        ("Events", "events", ("announce",)),
    )
    for verb in verbs
}
"""The port's method by the adapter's."""
DIRECT = {
    "discover": "issuers.discover",
    "exchange": "issuers.exchange",
    "calibrate": "prover.calibrate",
    "check": "prover.check",
    "sleep": "clock.sleep",
}
"""Those that have no adapter in between."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a port, as a value; `check` is asked right before the first byte of a request to an issuer.

    `about` names the attempt that a registration belongs to, `since` the first resourceVersion that was not yet given
    when it was made.
    """

    verb: str
    arguments: tuple[Any, ...] = ()
    check: Callable[[], str | None] | None = field(default=None, compare=False)
    site: str = field(default="", compare=False)
    about: str = ""
    since: int = field(default=0, compare=False)

    @property
    def label(self) -> str:
        """Return what is called, for people."""
        about = self.arguments[0] if self.arguments else ""
        if isinstance(about, tuple):
            return f"{self.verb} {'/'.join(about)}"
        return f"{self.verb} {getattr(about, 'method', '')}".strip()

    def on_its_way(self) -> "Call":
        """Return the call when nobody waits for it any more."""
        return replace(self, check=None)


@dataclass(frozen=True, slots=True)
class Value:
    """What a call returns."""

    value: Any = None


@dataclass(frozen=True, slots=True)
class Failure:
    """The name of the error that a call raises."""

    kind: str


Outcome = Value | Failure


class View(Protocol):
    """What a pass sees of the world without waiting for it."""

    now: float
    lease: float
    provable: bool

    def cached(self, key: Key) -> Body | None:
        """Return what its process's watch knows."""
        ...

    def all_cached(self, kind: str) -> dict[Key, Body]:
        """Return all that its process's watch knows of a kind."""
        ...

    def offer(self, body: Body) -> None:
        """Take the answer to a write of its own."""
        ...

    def forget(self, key: Key) -> None:
        """Take a live read's word that something is gone."""
        ...


class Run:
    """A coroutine, and where it stands: it waits for `pending`, or it is `done`."""

    def __init__(self, transcript: Sequence[Any], number: int) -> None:
        self.transcript = list(transcript)
        self.number = number
        self.pending: Call | None = None
        self.view: View | None = None
        self._loop = Loop()  # type: ignore[abstract] # what nobody calls is missing
        self._cursor = 0
        self._chances = 0
        self._checks = False
        self._future: asyncio.Future[Outcome] | None = None
        self._task: asyncio.Task[Any] | None = None

    def begin(self, coroutine: Coroutine[Any, Any, Any], view: View) -> None:
        """Run to where the transcript ends, and on to the next call."""
        self.view = view
        self._task = self._loop.create_task(coroutine)
        self._loop.run_until_idle()

    def answer(self, outcome: Outcome, view: View) -> None:
        """Give the pending call its outcome, and run on to the next call."""
        if self._future is None:
            raise AssertionError("nothing is pending")
        self.view, future = view, self._future
        self.pending = self._future = None
        self.transcript.append(outcome)
        self._cursor += 1
        future.set_result(outcome)
        self._loop.run_until_idle()

    def objection(self, view: View) -> str | None:
        """Return why the first byte of the pending request must not go out; the question leaves no trace."""
        if self.pending is None or self.pending.check is None:
            return None
        self.view, self._checks = view, True
        try:
            return self.pending.check()
        finally:
            self._checks = False

    @property
    def done(self) -> bool:
        """Whether the coroutine has ended."""
        if self._task is None:
            raise AssertionError("the run was not begun")
        if not self._task.done() and self.pending is None:
            raise AssertionError("a run waits for nothing that is known")
        return self._task.done()

    def result(self) -> Any:
        """Return what the coroutine returned, or raise what it raised."""
        if self._task is None:
            raise AssertionError("the run was not begun")
        return self._task.result()

    def drop(self) -> None:
        """Go on with it no more."""
        self._loop.drop()

    def read(self, look: Callable[[View], Any]) -> Any:
        """Look at the world, or remember what was seen."""
        if self.view is None:
            raise AssertionError("the run was not begun")
        if self._checks:
            return look(self.view)
        if self._cursor < len(self.transcript):
            seen = self.transcript[self._cursor]
        else:
            seen = look(self.view)
            self.transcript.append(seen)
        self._cursor += 1
        return seen

    def tell(self, do: Callable[[View], None]) -> None:
        """Do something to the process's own memory, unless it was done before."""
        if self._cursor >= len(self.transcript) and self.view is not None:
            do(self.view)

    def chance(self) -> str:
        """Return a name that was never given before."""
        self._chances += 1
        return f"nonce{self.number}x{self._chances}"

    async def ask(self, verb: str, *arguments: Any, check: Callable[[], str | None] | None = None) -> Outcome:
        """Make a call, or remember what came of it."""
        if self._cursor < len(self.transcript):
            outcome: Outcome = self.transcript[self._cursor]
            self._cursor += 1
            return outcome
        if self.pending is not None:
            raise AssertionError("a pass makes one call at a time")
        self._future = self._loop.create_future()
        self.pending = Call(verb, arguments, check, _site())
        return await self._future


def _site() -> str:
    """Return where the program calls the port, and which functions brought it there, the innermost first."""
    port = sys._getframe(2)
    frame, found = port.f_back, list[str]()
    method = DIRECT.get(port.f_code.co_name, "")
    while frame is not None:
        code = frame.f_code
        if ADAPTERS in code.co_filename:
            method = ADAPTED.get(code.co_qualname, method)
        elif PACKAGE in code.co_filename:
            found.append(code.co_qualname.replace(".<locals>", ""))
        frame = frame.f_back
    return f"{found[0] if found else ''}: {method} < {' < '.join(found[1:])}"
