"""Mistakes to be made in the program on purpose, each by another text in one place of its source.

The function that holds the text is compiled anew and takes the place of the right one, wherever it was imported to.
"""

import ast
import importlib
import inspect
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from tests.exploration.acts import ACTS
from tests.exploration.issuer import Dialect
from tests.exploration.moves import Move
from tests.exploration.scenario import Scenario

ROTATES = Dialect()
"""The server's, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake, and the world in which it shows: what people do, and what else happens, so often at most.

    Where that would be many worlds, `way` is the one way through it on which the mistake shows.
    """

    name: str
    module: str
    right: str
    wrong: str
    acts: str
    only: str = ""
    surprises: int = 1
    dialect: Dialect = ROTATES
    calm: int = 1
    way: tuple[tuple[int, Move], ...] = ()

    def world(self) -> Scenario:
        """Return a small world in which it shows."""
        acts, only = tuple(self.acts.split(", ")), frozenset(self.only.split(", ")) - {""}
        anytime = tuple(act for act in ACTS if f"act {act}" in only)
        return Scenario(
            name=self.name,
            dialect=self.dialect,
            acts=acts,
            only=only,
            anytime=anytime,
            calm=min(self.calm, len(acts) - 1),
        )

    @contextmanager
    def made(self) -> Iterator[None]:
        """Make it for a while."""
        module = importlib.import_module(f"oauthclient_operator.{self.module}")
        source = inspect.getsource(module)
        if source.count(self.right) != 1:
            raise AssertionError(f"{self.name}: the text is not, or not once, in {self.module}")
        names = _enclosing(source, source[: source.index(self.right)].count("\n") + 1)
        function = _found(module, names)
        code = _code(compile(source.replace(self.right, self.wrong), module.__file__ or "", "exec"), names)
        right, function.__code__ = function.__code__, code
        try:
            yield
        finally:
            function.__code__ = right


def _enclosing(source: str, line: int) -> list[str]:
    """Return the names of the outermost function around a line, and of the class around that."""
    body: list[ast.stmt] = ast.parse(source).body
    names: list[str] = []
    while True:
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.lineno <= line <= (
                node.end_lineno or 0
            ):
                names.append(node.name)
                if not isinstance(node, ast.ClassDef):
                    return names
                body = node.body
                break
        else:
            raise AssertionError(f"line {line} is in no function")


def _found(module: types.ModuleType, names: list[str]) -> FunctionType:
    found: Any = module
    for name in names:
        found = inspect.getattr_static(found, name)
    while not isinstance(found, FunctionType):
        found = getattr(found, "__func__", None) or found.fget
    return found


def _code(code: CodeType, names: list[str]) -> CodeType:
    for name in names:
        code = next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)
    return code
