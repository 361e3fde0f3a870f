"""Rules of a role held against what was asked for: which verbs nobody ever used."""

from collections.abc import Callable, Iterable
from typing import Any

from .audit import AuditedRequest

Rule = dict[str, Any]


def unused(rules: Iterable[Rule], requests: Iterable[AuditedRequest]) -> list[str]:
    """Return each verb of the rules that none of these requests needed, such as `patch leases`; refused ones count not."""
    asked = [request for request in requests if request.status != 403]
    return [
        f"{verb} {resource}"
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
        if not any(map(_needs(rule, group, resource, verb), asked))
    ]


def _needs(rule: Rule, group: str, resource: str, verb: str) -> Callable[[AuditedRequest], bool]:
    names = rule.get("resourceNames")
    return lambda request: (
        (request.group, request.resource, request.verb) == (group, resource, verb)
        and (names is None or request.name in names)
    )
