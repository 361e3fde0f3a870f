"""Every exception that the package defines stands in one tree, and the docstring of `errors` draws that tree."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import oauthclient_operator
from oauthclient_operator import errors

pytestmark = pytest.mark.contract

BRANCH = re.compile(r"^(?P<indent>(?:[| ] )*)\+ (?P<name>\w+)(?P<said>.*)$")
ROOT = re.compile(r"^(?P<name>[A-Z]\w+)(?P<said>$|[,;:].*$)")


def defined() -> dict[str, type[BaseException]]:
    for module in pkgutil.walk_packages(oauthclient_operator.__path__, f"{oauthclient_operator.__name__}."):
        importlib.import_module(module.name)
    package = f"{oauthclient_operator.__name__}."
    return {found.__name__: found for found in _below(BaseException) if found.__module__.startswith(package)}


def _below(base: type[BaseException]) -> Iterator[type[BaseException]]:
    for found in base.__subclasses__():
        yield found
        yield from _below(found)


def drawn() -> dict[str, tuple[str | None, str]]:
    """Return of each name in the drawing what it is drawn below, and the words beside it."""
    tree: dict[str, tuple[str | None, str]] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if not line.startswith("    "):
            continue
        if root := ROOT.match(line.strip()):
            path = [root["name"]]
            tree[root["name"]] = (None, root["said"])
        elif branch := BRANCH.match(line.removeprefix("    ")):
            depth = len(branch["indent"]) // 2 + 1
            tree[branch["name"]] = (path[depth - 1], branch["said"])
            path[depth:] = [branch["name"]]
        else:
            pytest.fail(f"no line of a tree: {line}")
    return tree


DEFINED, DRAWN = defined(), drawn()
ROOTS = {name for name, (above, _) in DRAWN.items() if above is None}


def test_every_exception_of_the_package_is_drawn_and_every_drawn_one_exists() -> None:
    assert DRAWN.keys() == DEFINED.keys()


@pytest.mark.parametrize("name", DEFINED)
def test_an_exception_is_defined_in_errors_and_offered_there(name: str) -> None:
    assert DEFINED[name].__module__.startswith(f"{errors.__name__}.")
    assert getattr(errors, name) is DEFINED[name]
    assert name in errors.__all__


@pytest.mark.parametrize("name", DRAWN)
def test_an_exception_is_drawn_below_a_base_and_its_other_bases_stand_beside_it(name: str) -> None:
    above, said = DRAWN[name]
    beside = {above, *re.findall(r"also an? (\w+)", said)} - {None}
    bases = {base.__name__ for base in DEFINED[name].__bases__} - {"Exception"}
    if above is not None and _root(name) == "OAuthError":
        # The star says it of the whole branch, whichever of its classes has the base.
        assert said.startswith(" * ") == issubclass(DEFINED[name], errors.OperatorError)
        bases -= {"OperatorError"}
    assert bases == beside


def _root(name: str) -> str:
    above = DRAWN[name][0]
    return name if above is None else _root(above)


@pytest.mark.parametrize("name", sorted(DEFINED.keys() - ROOTS))
def test_no_class_but_a_root_ends_in_error(name: str) -> None:
    assert not name.endswith("Error")
