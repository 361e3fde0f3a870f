"""The chart's values by their names, as `--set` has them: `image.tag`."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from .chart_files import CHART

WHOLE = frozenset(
    {
        "keepAnnotations", "options", "labels", "dashboardLabels", "resources", "podAnnotations", "nodeSelector",
        "affinity",
    }
)  # fmt: skip
"""Mappings that are one value each."""
HELMS_OWN = frozenset({"global", "enabled"})
"""What a chart says that has this one as a part."""


def defaults() -> dict[str, Any]:
    """Return what values.yaml says, by name."""
    return dict(named(yaml.safe_load((CHART / "values.yaml").read_text())))


def schema() -> Any:
    """Return values.schema.json."""
    return json.loads((CHART / "values.schema.json").read_text())


def schemas() -> dict[str, Any]:
    """Return the schema of each value, by name."""
    return dict(_schemas(schema()["properties"]))


def named(values: Mapping[str, Any], below: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value with its name."""
    for key, value in values.items():
        if isinstance(value, dict) and key not in WHOLE:
            yield from named(value, f"{below}{key}.")
        else:
            yield f"{below}{key}", value


def _schemas(properties: Mapping[str, Any], below: str = "") -> Iterator[tuple[str, Any]]:
    for key, schema in properties.items():
        if "properties" in schema and key not in WHOLE:
            yield from _schemas(schema["properties"], f"{below}{key}.")
        elif f"{below}{key}" not in HELMS_OWN:
            yield f"{below}{key}", schema
