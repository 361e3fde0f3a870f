"""A Kubernetes label selector, read strictly: what is not understood selects nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..oauth.json_object import JSON
from .kubernetes_names import is_subdomain

MOST_REQUIREMENTS: Final = 32
_NAME: Final = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_MEMBERS: Final = frozenset({"matchLabels", "matchExpressions"})
_OF_EXPRESSION: Final = frozenset({"key", "operator", "values"})


class Operator(StrEnum):
    """How a label relates to the values of a requirement."""

    IN = "In"
    NOT_IN = "NotIn"
    """Also where there is no such label, as everywhere in Kubernetes."""
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


@dataclass(frozen=True, slots=True)
class Requirement:
    """What one label has to be."""

    key: str
    operator: Operator
    values: frozenset[str] = frozenset()

    def is_met(self, labels: Mapping[str, str]) -> bool:
        """Whether labels are as required."""
        match self.operator:
            case Operator.IN:
                return self.key in labels and labels[self.key] in self.values
            case Operator.NOT_IN:
                return self.key not in labels or labels[self.key] not in self.values
            case Operator.EXISTS:
                return self.key in labels
            case Operator.DOES_NOT_EXIST:
                return self.key not in labels


@dataclass(frozen=True, slots=True)
class LabelSelector:
    """At least one requirement: a selector without any would select everything."""

    requirements: tuple[Requirement, ...]

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether all requirements are met."""
        return all(requirement.is_met(labels) for requirement in self.requirements)

    @classmethod
    def of(cls, written: JSON, place: str, problems: list[str]) -> "LabelSelector | None":
        """Read a selector; None, and a problem, where it is empty or cannot be read whole."""
        if not isinstance(written, dict) or not written.keys() <= _MEMBERS:
            problems.append(f"{place}: write matchLabels, matchExpressions or both")
            return None
        labels, expressions = written.get("matchLabels"), written.get("matchExpressions")
        if not isinstance(labels, dict | None) or not isinstance(expressions, list | None):
            problems.append(f"{place}: write matchLabels as an object and matchExpressions as a list")
            return None
        if not labels and not expressions:
            problems.append(f"{place}: it is empty, which selects nothing here; write all: true for every namespace")
            return None
        if len(labels or ()) + len(expressions or ()) > MOST_REQUIREMENTS:
            problems.append(f"{place}: it has more than {MOST_REQUIREMENTS} requirements")
            return None
        by_label = [_equals(key, value) for key, value in (labels or {}).items()]
        by_expression = [_required(expression) for expression in expressions or ()]
        if None in by_label:
            problems.append(f"{place}.matchLabels: write labels and their values, e.g. team: shop")
        if None in by_expression:
            problems.append(
                f"{place}.matchExpressions: write key, operator ({', '.join(Operator)}) and, for In and NotIn alone, "
                "values"
            )
        found = tuple(requirement for requirement in (*by_label, *by_expression) if requirement is not None)
        # Without one of its requirements it would select more.
        return cls(found) if len(found) == len(by_label) + len(by_expression) else None


def _equals(key: str, value: JSON) -> Requirement | None:
    if not _is_key(key) or not isinstance(value, str) or not _is_value(value):
        return None
    return Requirement(key, Operator.IN, frozenset({value}))


def _required(expression: JSON) -> Requirement | None:
    if not isinstance(expression, dict) or not expression.keys() <= _OF_EXPRESSION:
        return None
    key, operator, values = expression.get("key"), expression.get("operator"), expression.get("values")
    if not isinstance(key, str) or not _is_key(key) or not isinstance(operator, str) or operator not in set(Operator):
        return None
    texts = (
        [value for value in values if isinstance(value, str) and _is_value(value)] if isinstance(values, list) else []
    )
    if len(texts) != len(values if isinstance(values, list) else ()) or not isinstance(values, list | None):
        return None
    compares = operator in (Operator.IN, Operator.NOT_IN)
    return Requirement(key, Operator(operator), frozenset(texts)) if compares == bool(texts) else None


def _is_key(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    return _NAME.fullmatch(name) is not None and (not slash or is_subdomain(prefix))


def _is_value(value: str) -> bool:
    return not value or _NAME.fullmatch(value) is not None
