"""A page of the documentation as what it tells people to type, and what it says that they will see."""

import re
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TYPED = re.compile(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
_CHANCE = {
    r"(?<![\w-])[\w-]{43}(?![\w-])": "IDENTIFIER",
    r"127\.0\.0\.1:\d+": "ADDRESS",
    r"\b(?:\d+m)?\d+s\b": "AGE",
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ": "TIME",
    r" +": " ",
}
"""What is another one each time, and how wide a table is for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A command, and what is printed; `…` on the page is anything."""

    command: str
    printed: str

    def is_met_by(self, printed: str) -> bool:
        """Return whether this is what the page says, but for what chance chooses."""
        pattern = ".*".join(re.escape(part) for part in _without_chance(self.printed).split("…"))
        return re.fullmatch(pattern, _without_chance(printed), re.DOTALL) is not None


def typed(page: Path) -> list[Typed]:
    """Return what is typed on a page, in its order."""
    found = (each for block in _BLOCK.findall(page.read_text()) for each in _TYPED.findall(block))
    return [Typed(command=command, printed=printed) for command, printed in found]


def _without_chance(text: str) -> str:
    for what, word in _CHANCE.items():
        text = re.sub(what, word, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
