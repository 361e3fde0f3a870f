"""What is fuzzed: a function that takes any bytes, and raises only where something that must hold does not."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

CORPUS: Final = Path(__file__).parent / "corpus"


@dataclass(frozen=True, kw_only=True)
class Target:
    """One or more parsers behind one function of bytes.

    `run` raises nothing for any bytes, or a property is broken. `parsers` are the functions that its corpus reaches.
    `words` are pieces of what is parsed, which chance would not find. `limit` is in bytes.
    """

    name: str
    run: Callable[[bytes], None]
    parsers: tuple[Callable[..., Any], ...]
    words: tuple[bytes, ...] = ()
    limit: int = 4096

    def kept(self) -> dict[str, bytes]:
        """Return the inputs that are kept, by the names of their files."""
        return {path.name: path.read_bytes() for path in sorted((CORPUS / self.name).glob("*"))}
