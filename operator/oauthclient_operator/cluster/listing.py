"""What is missing in a list, and so is gone though no watch told of it; pure.

kopf lists anew where it cannot go on watching, and then tells what there is, and not what there is no more. All pages
of a list show one moment. So what was known when the list began, is in none of its pages, and is not of a later
version than theirs went while nobody watched.
"""

from collections.abc import Callable, Iterable, Iterator

from .metadata import Key


class Listing:
    """One list under way: which of the objects that were known when it began did not come yet."""

    def __init__(self, known: Iterable[Key] = ()) -> None:
        # The cache's own keys and not what comes: a list may be long, and when a process starts, nothing is known.
        self._missing = set(known)
        self._version = ""

    def came(self, key: Key | None) -> None:
        """Take note of an item; of a list with one that nobody can name, None, nothing is concluded."""
        if key is None:
            self._missing.clear()
        else:
            self._missing.discard(key)

    def shows(self, version: str) -> None:
        """Take note of a whole page and the version that it shows; of pages of several moments nothing is concluded."""
        if not version.isdecimal() or self._version not in ("", version):
            self._missing.clear()
        self._version = version

    def missing(self) -> Iterator[tuple[Key, int]]:
        """Iterate, once the list is complete, over what did not come, with the version at which it was not there."""
        return ((key, int(self._version)) for key in self._missing)


class Listings:
    """The lists that are under way, by their paths. One may outlive the session over which it was begun."""

    def __init__(self) -> None:
        self._under_way: dict[str, tuple[str, Listing]] = {}

    def page(self, path: str, token: str, known: Callable[[], Iterable[Key]]) -> Listing:
        """Return the list that a page is of, which was asked for by the token of the page before, or begins one.

        Until it goes on, it counts as given up: of a page that broke off nothing is concluded.
        """
        awaited, listing = self._under_way.pop(path, ("", Listing()))
        if not token:
            return Listing(known())
        return listing if token == awaited else Listing()

    def goes_on(self, path: str, token: str, listing: Listing) -> None:
        """Take note that a page was whole, and by which token the next one will be asked for."""
        self._under_way[path] = (token, listing)
