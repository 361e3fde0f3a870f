"""The API server's audit log, read as: who asked for what since a moment."""

import json
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NewType

Mark = NewType("Mark", int)
"""A moment: how much of the log there was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedRequest:
    """One request and its answer's status."""

    user: str
    agent: str
    """The program that asked, as it calls itself."""
    verb: str
    group: str
    resource: str
    """With the subresource: `oauthclients/status`."""
    namespace: str
    name: str
    dry_run: bool
    status: int

    def __str__(self) -> str:
        """The way tests count: `patch oauthclients/status`, `create secrets (dry run)`."""
        return f"{self.verb} {self.resource}{' (dry run)' if self.dry_run else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLog:
    """The log of one API server: each request when it is answered, each watch when it begins."""

    file: Path

    def mark(self) -> Mark:
        """Return this moment."""
        return Mark(self.file.stat().st_size)

    def requests(self, user: str, *, since: Mark) -> list[AuditedRequest]:
        """Return that user's requests since then, in the order of their answers."""
        return [request for request in self._read(since, user) if request.user == user]

    def secret_patches(self, user: str, *, since: Mark, about: Container[str]) -> list[tuple[str, str, bool]]:
        """Return namespace, name and whether it was a dry run of each PATCH of a Secret.

        Only in namespaces, and of names, that are `about`: an operator goes on with resources of earlier tests.
        """
        patches = [r for r in self.requests(user, since=since) if (r.verb, r.resource) == ("patch", "secrets")]
        return [(r.namespace, r.name, r.dry_run) for r in patches if r.namespace in about or r.name in about]

    def counts(self, user: str, *, since: Mark) -> Counter[str]:
        """Return how often that user asked for each thing, such as `create secrets (dry run)`."""
        return Counter(map(str, self.requests(user, since=since)))

    def _read(self, since: Mark, user: str) -> Iterator[AuditedRequest]:
        mentioned = user.encode()
        with self.file.open("rb") as log:
            log.seek(since)
            for line in log:
                # The last line may still be written.
                if line.endswith(b"\n") and mentioned in line:
                    yield _request(json.loads(line))


def _request(event: dict[str, Any]) -> AuditedRequest:
    ref = event.get("objectRef", {})
    resource = ref.get("resource") or event["requestURI"].partition("?")[0]
    subresource = ref.get("subresource")
    return AuditedRequest(
        user=event["user"]["username"],
        agent=event.get("userAgent", ""),
        verb=event["verb"],
        group=ref.get("apiGroup", ""),
        resource=f"{resource}/{subresource}" if subresource else resource,
        namespace=ref.get("namespace", ""),
        name=ref.get("name", ""),
        dry_run="dryRun=All" in event["requestURI"],
        status=event.get("responseStatus", {}).get("code", 0),
    )
