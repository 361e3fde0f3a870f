"""Every step is one of the union, some rung names it, and the executor has a place for it."""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest

from oauthclient_operator import plan as room
from oauthclient_operator.plan import action as act
from oauthclient_operator.reconcile import effects, passes

ENDS = get_args(act.End)
IN_RECORD: Any = effects.InRecord


def names(union: Any) -> set[str]:
    return {member.__name__ for member in get_args(union)}


def called(tree: ast.AST) -> Iterator[str]:
    """Yield the last name of whatever is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    yield name


def cases(module: ModuleType, function: str) -> set[str]:
    """Return the actions for which a function of a module has a case."""
    tree = ast.parse(inspect.getsource(module))
    (found,) = (
        n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.name == function
    )
    patterns = (n.cls for n in ast.walk(found) if isinstance(n, ast.MatchClass))
    return {pattern.attr for pattern in patterns if isinstance(pattern, ast.Attribute)}


def test_what_stands_in_the_module_is_in_the_union() -> None:
    defined = {
        name
        for name, value in vars(act).items()
        if is_dataclass(value) and getattr(value, "__module__", "") == act.__name__
    }
    assert names(act.Action) == defined
    parts = [names(act.Look), names(act.Effect), names(act.End)]
    assert sum(len(part) for part in parts) == len(defined), "each is a look, an effect or an end, and no two of them"
    assert names(act.Exchange) < names(act.Effect)


def test_each_step_is_named_by_some_rung() -> None:
    rungs = [p for p in Path(str(room.__file__)).parent.glob("*.py") if p.name != "action.py"]
    made = {name for rung in rungs for name in called(ast.parse(rung.read_text()))}
    assert names(act.Action) - made == set()


@pytest.mark.parametrize(
    ("module", "function", "expected"),
    [
        pytest.param(passes, "_look", names(act.Look), id="what looks"),
        pytest.param(
            passes,
            "_affect",
            names(act.Effect) - (names(IN_RECORD) - {"RemoveSecret", "Release"}),
            id="what has an effect",
        ),
        pytest.param(effects, "_transition", names(IN_RECORD), id="what is one transition of the record"),
        pytest.param(passes, "_intended", names(act.Exchange), id="what calls an authorization server"),
    ],
)
def test_the_executor_has_a_case_for_each(module: ModuleType, function: str, expected: set[str]) -> None:
    assert cases(module, function) == expected


def test_what_is_prepared_for_a_call_and_what_begins_with_an_issuer() -> None:
    prepared, beginnings = (
        {t.__name__ for t in get_args(passes.PREPARED)},
        {t.__name__ for t in get_args(passes.BEGINNINGS)},
    )
    assert prepared == names(act.Exchange) | {"ReadInitialAccessToken", "Rehearse"}
    assert beginnings == prepared | {"Discover"}
