"""docs/issuers/keycloak.md as what it tells people to do: files with names, and commands in their order."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.parts.installation import ROOT

PAGE = Path(ROOT, "docs", "issuers", "keycloak.md")
_BLOCK = re.compile(r"^```(yaml|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"# (\S+\.yaml)\n")
_COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is written there, with the hosts and names of a test in place of its own."""

    text: str

    @classmethod
    def read(cls, *, server: str, namespace: str) -> "Page":
        """Read it for a server's origin, and a team's namespace."""
        text = PAGE.read_text().replace("https://keycloak.example.com", server)
        return cls(text=re.sub(r"\bshop\b", namespace, text))

    def file(self, name: str) -> dict[str, Any]:
        """Return the one document of a file."""
        document: dict[str, Any] = yaml.safe_load(self._files()[name])
        return document

    def write_files(self, directory: Path) -> None:
        """Put its files there."""
        for name, text in self._files().items():
            (directory / name).write_text(text)

    def commands(self) -> list[str]:
        """Return what is typed, each command with its lines."""
        return [
            command
            for kind, text in _BLOCK.findall(self.text)
            if kind == "console"
            for command in _COMMAND.findall(text)
        ]

    def _files(self) -> dict[str, str]:
        blocks = [text for kind, text in _BLOCK.findall(self.text) if kind == "yaml"]
        return {name[1]: text for text in blocks if (name := _NAME.match(text))}
