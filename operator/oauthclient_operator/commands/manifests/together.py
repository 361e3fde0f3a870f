"""What several OAuthClients say of each other; only noted, for files of several clusters may be checked together."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ...names import Reason
from .judged import Judged
from .problems import Problem


def noted(found: Iterable[tuple[str, Judged]]) -> Iterator[Judged]:
    """Yield what was judged, each with its file, and with a note where another one publishes the same Secret."""
    first: dict[tuple[str | None, str], tuple[str, Judged]] = {}
    for file, judged in found:
        publication = judged.desired.publication
        if publication is None:
            yield judged
            continue
        where, other = first.setdefault((judged.namespace, publication.secret_name), (file, judged))
        if other.name == judged.name:
            yield judged
            continue
        note = Problem(
            place="spec.secret.name",
            line=judged.line,
            message=(
                f"{other.name} ({where}:{other.line}) publishes Secret {publication.secret_name}, too; in one cluster "
                f"the second says {Reason.SECRET_NOT_OWNED}: give each its own"
            ),
        )
        yield replace(judged, notes=(*judged.notes, note))
