"""What a call came to, as the program is told it."""

from collections.abc import Callable
from typing import Any

from oauthclient_operator import errors
from tests.exploration.run import Outcome, Value


def returned(outcome: Outcome) -> Any:
    """Return what an outcome holds, or raise the error that it names."""
    if isinstance(outcome, Value):
        return outcome.value
    error = _ERRORS[outcome.kind]()
    raise error


_ERRORS: dict[str, Callable[[], Exception]] = {
    "Unanswered": lambda: errors.Unanswered("lost"),
    "Conflict": lambda: errors.Conflict("409", status=409),
    "NotFound": lambda: errors.NotFound("404", status=404),
    "AlreadyExists": lambda: errors.AlreadyExists("409", status=409),
    "RequestRefused": lambda: errors.RequestRefused("403", status=403),
    "IssuerUnavailable": lambda: errors.IssuerUnavailable("lost"),
}
