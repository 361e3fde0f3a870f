"""What a complete refusal is for who asked: an error, with all that the server said as data."""

from typing import TypeVar

from ..errors import OAuthError
from .outcome import Rejected

_Error = TypeVar("_Error", bound=OAuthError)


def refusal(kind: type[_Error], message: str, said: Rejected) -> _Error:
    """Return a refusal as an error of some kind."""
    return kind(
        message,
        status=said.status,
        error=said.error,
        error_description=said.description,
        challenges=said.challenges,
        retry_after=said.retry_after,
    )
