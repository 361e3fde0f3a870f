"""The pages of one list: how many items to ask for, by how large the last page was; pure."""

from collections.abc import Mapping
from typing import Final

from ..errors import MalformedObject
from ..oauth.json_object import JSON
from .metadata import metadata_of

FIRST: Final = 100
_MOST: Final = 500
_LARGE: Final = 4 << 20
"""Bytes of a page above which the next one is smaller: the API server builds it whole, and sends it within seconds."""


class Pages:
    """What to ask for next; `version` is the resourceVersion that all pages show, once one has come."""

    def __init__(self, selectors: Mapping[str, str] | None = None) -> None:
        self.version = 0
        self._query = {**(selectors or {})}
        self._limit = FIRST

    def query(self) -> dict[str, str]:
        """Return the query of the next page."""
        return {**self._query, "limit": str(self._limit)}

    def follows(self, body: Mapping[str, JSON], size: int) -> bool:
        """Take a page without its items, and its bytes; return whether another one follows.

        Raises:
            MalformedObject: it is no list. What is not in a list is taken to be gone, so nothing here is guessed.
        """
        about = metadata_of(body)
        shown, onward = about.get("resourceVersion"), about.get("continue") or ""
        # The API server writes an empty list of partial metadata as null; of one with items they are not here.
        is_list = "items" in body and body["items"] is None
        if not (is_list and isinstance(shown, str) and shown.isdecimal() and isinstance(onward, str)):
            raise MalformedObject("a list without items or resourceVersion")
        self.version = int(shown)
        self._query["continue"] = onward
        self._limit = max(1, self._limit // 4) if size > _LARGE else min(_MOST, 2 * self._limit)
        return bool(onward)
