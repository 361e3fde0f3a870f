"""The log of an authorization server that runs here: which requests reached it since a moment."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import NewType

from .processes import wait_for

IssuerMark = NewType("IssuerMark", int)
"""A moment: how much of the log there was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedRequest:
    """One request as the server saw it, and its answer's status."""

    method: str
    path: str
    status: int

    def __str__(self) -> str:
        """As tests write it: `POST /reg 201`."""
        return f"{self.method} {self.path} {self.status}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerLog:
    """One JSON object a line, with at least `method`, `path` and `status`."""

    file: Path

    def mark(self) -> IssuerMark:
        """Return this moment."""
        return IssuerMark(self.file.stat().st_size if self.file.exists() else 0)

    def requests(self, *, since: IssuerMark = IssuerMark(0)) -> list[ReceivedRequest]:
        """Return the requests since then, in the order of their answers."""
        if not self.file.exists():
            return []
        with self.file.open("rb") as log:
            log.seek(since)
            # Canaille's server puts words of its own before the object.
            lines = [json.loads(line[line.index(b"{") :]) for line in log if line.endswith(b"\n")]
        return [
            ReceivedRequest(method=line["method"], path=line["path"], status=int(line["status"]))
            for line in lines
            # Its server writes a line without a status, too, where the client closed before the end had been written.
            if line["status"] != "-"
        ]

    def counts(self, *, since: IssuerMark = IssuerMark(0)) -> Counter[str]:
        """Return how often each method was used: `{"GET": 1, "POST": 1}`."""
        return Counter(request.method for request in self.requests(since=since))

    def wait_for(self, number: int, *, since: IssuerMark) -> None:
        """Wait until the log has that many requests; Canaille writes a line only after it has answered."""
        wait_for(lambda: len(self.requests(since=since)) >= number, f"{number} requests in {self.file}", within=10)
