"""The places in the program's source where a port is called: what an exploration has to come to, all of it."""

import ast
import inspect
import types
from collections.abc import Iterator, Mapping
from typing import Final

from oauthclient_operator.reconcile import answers, calls, effects, ledger, looks, passes, proofs, reconciler, reporter
from tests.exploration.run import ADAPTED, DIRECT

MODULES: Final = (answers, calls, effects, ledger, looks, passes, proofs, reconciler, reporter)
"""Where ports are called."""
WAITED_FOR: Final = frozenset((*ADAPTED.values(), *DIRECT.values()))
"""What is waited for, by the name under which the program has each port."""
OUT_OF_REACH: Final[Mapping[str, str]] = {
    "change_record: records.write": "only a record that an older operator wrote has not the labels of today",
    "obtain_access: secrets.read": "a ClusterOAuthIssuer alone says how to get a token, and each resource here has its own issuer",
}
"""Call sites that no exploration comes to, each with the reason."""


def written() -> frozenset[str]:
    """Return all call sites that stand in the source, as `function: port.method`."""
    return frozenset(site for module in MODULES for site in _sites(module))


def come_to(sites: set[str]) -> frozenset[str]:
    """Return the call sites in the source of those that a run names with who called them."""
    return frozenset(site.partition(" < ")[0] for site in sites)


def _sites(module: types.ModuleType) -> Iterator[str]:
    yield from _in(ast.parse(inspect.getsource(module)), ())


def _in(node: ast.AST, names: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        names = (*names, node.name)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        method = f"{_owner(node.func.value)}.{node.func.attr}"
        if method in WAITED_FOR:
            yield f"{'.'.join(names)}: {method}"
    for child in ast.iter_child_nodes(node):
        yield from _in(child, names)


def _owner(port: ast.expr) -> str:
    """Return the name by which a port is called: `….records`, `self._records` or `records`."""
    name = port.attr if isinstance(port, ast.Attribute) else port.id if isinstance(port, ast.Name) else ""
    return name.removeprefix("_")
