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
from oauthclient_operator.plan import adoption_steps, call_steps, pair_steps, presented_steps, release_steps
from oauthclient_operator.reconcile import effects, intended, passes

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


ROOMS = {module.__name__ for module in (act, adoption_steps, call_steps, pair_steps, presented_steps, release_steps)}


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
        name for name, value in vars(act).items() if is_dataclass(value) and getattr(value, "__module__", "") in ROOMS
    }
    assert names(act.Action) == defined - {"Renewal"}, "the one value that is a part of an end"
    parts = [names(act.Look), names(act.Effect), names(act.End)]
    assert sum(len(part) for part in parts) == len(names(act.Action)), (
        "each is a look, an effect or an end, and no two of them"
    )
    assert names(act.Exchange) < names(act.Effect)


def test_each_step_is_named_by_some_rung() -> None:
    rungs = [
        p
        for p in Path(str(room.__file__)).parent.glob("*.py")
        if p.name != "action.py" and not p.name.endswith("_steps.py")
    ]
    made = {name for rung in rungs for name in called(ast.parse(rung.read_text()))}
    assert names(act.Action) - made == set()


@pytest.mark.parametrize(
    ("module", "function", "expected"),
    [
        pytest.param(passes, "_look", names(act.Look), id="what looks"),
        pytest.param(
            passes,
            "_affect",
            names(act.Effect) - (names(IN_RECORD) - {"RemoveSecret"}),
            id="what has an effect",
        ),
        pytest.param(
            effects,
            "_transition",
            # A claim changes the labels alone.
            names(IN_RECORD) - names(act.OfReplacement) - {"Claim"},
            id="what is one transition of the record",
        ),
        pytest.param(
            effects, "_of_replacement", names(act.OfReplacement), id="what changes which pairs of a record are needed"
        ),
        pytest.param(intended, "of", names(act.Exchange), id="what calls an authorization server"),
    ],
)
def test_the_executor_has_a_case_for_each(module: ModuleType, function: str, expected: set[str]) -> None:
    assert cases(module, function) == expected


def test_what_a_process_that_is_told_to_stop_begins_no_more() -> None:
    beginnings = {t.__name__ for t in get_args(passes.BEGINNINGS)}
    looks = {"Rehearse", "Discover"}
    assert beginnings == names(act.Exchange) | names(act.Proof) | names(act.Presented) | looks
