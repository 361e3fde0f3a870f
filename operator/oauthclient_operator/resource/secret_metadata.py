"""Labels and annotations that a tenant asks for on the published Secret, held to the prefixes that are admitted.

A prefix is what Kubernetes calls so: the part of a key before the slash; a key may have none. What other controllers
act on is written in labels and annotations, so which ones a tenant may choose is the operator's owner's to say.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ..names import MANAGED_BY_LABEL
from ..oauth.json_object import JSON
from .kubernetes_names import is_subdomain

OPTION: Final = "--secret-metadata-prefix"
NO_PREFIX: Final = ""
"""Among the prefixes it admits the keys that have none."""
ENTRIES: Final = 16
"""So many labels, and so many annotations; the schema's bounds."""
ANNOTATION_LENGTH: Final = 4096
_NAME: Final = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_LABEL_VALUE: Final = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedMetadata:
    """The labels and annotations to copy to the Secret."""

    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    annotations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def secret_metadata(
    labels: Mapping[str, JSON], annotations: Mapping[str, JSON], admitted: Collection[str], problems: list[str]
) -> CopiedMetadata | None:
    """Return what is asked for, or None where some of it cannot be; `problems` then says what, and what to write."""
    found = [*_problems("labels", labels, admitted), *_problems("annotations", annotations, admitted)]
    problems += found
    if found:
        return None
    return CopiedMetadata(
        labels={key: str(value) for key, value in labels.items()},
        annotations={key: str(value) for key, value in annotations.items()},
    )


def _problems(member: str, written: Mapping[str, JSON], admitted: Collection[str]) -> list[str]:
    place = f"spec.secret.{member}"
    if len(written) > ENTRIES:
        return [f"{place}: write {ENTRIES} at most"]
    return [f"{place}: {why}" for key, value in written.items() if (why := _problem(member, key, value, admitted))]


def _problem(member: str, key: str, value: JSON, admitted: Collection[str]) -> str | None:
    prefix, slash, name = key.rpartition("/")
    if not _NAME.fullmatch(name) or "/" in prefix or (slash and not prefix):
        return f"{key!a:.80} is no key; write one such as example.com/team"
    if not slash and NO_PREFIX not in admitted:
        return f"{key} has no prefix; write one such as example.com/team, or ask for {OPTION}=/, which admits such keys"
    if prefix not in admitted:
        # What is said here is read by whoever may read the resource, so the admitted ones are not listed.
        ask = f"{OPTION}={prefix}" if is_subdomain(prefix) else OPTION
        return f"the operator's configuration does not admit {prefix!a:.80}; leave {key!a:.80} out, or ask for {ask}"
    if key == MANAGED_BY_LABEL:
        return f"{key} is the operator's own; leave it out"
    if not isinstance(value, str):
        return f"the value of {key:.80} is text"
    if member == "labels" and not _LABEL_VALUE.fullmatch(value):
        return (
            f"the value of {key:.80} is no label's: at most 63 letters, digits, '-', '_' and '.', beginning and ending "
            "with a letter or digit"
        )
    return f"the value of {key:.80} is longer than {ANNOTATION_LENGTH}" if len(value) > ANNOTATION_LENGTH else None
