"""The types and sizes of known members are those of the schema: who passes one passes the other."""

from typing import Any

import pytest

from oauthclient_operator.errors import InvalidClientMetadata
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.metadata_types import is_declared
from tests.pure.test_contracts import SPEC

pytestmark = pytest.mark.contract

MEMBERS: dict[str, dict[str, Any]] = SPEC["clientMetadata"]["properties"]
SERVICE: dict[str, Any] = {"grant_types": ["client_credentials"]}
BOUNDED = {
    name: (schema["maxLength"] if schema["type"] == "string" else schema["items"]["maxLength"])
    for name, schema in MEMBERS.items()
    if "maxLength" in {**schema, **schema.get("items", {})}
}
LISTS = {name: schema["maxItems"] for name, schema in MEMBERS.items() if schema["type"] == "array"}


def refusal(name: str, value: Any) -> str:
    try:
        ClientMetadata.parse({**SERVICE, name: value})
    except InvalidClientMetadata as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", [name for name, schema in MEMBERS.items() if "x-kubernetes-validations" not in schema])
def test_what_the_schema_declares_has_a_type_here(name: str) -> None:
    assert is_declared(name)
    wrong = {"string": 7, "array": "x", "boolean": "true", "integer": "7", "object": []}[MEMBERS[name]["type"]]
    assert f"{name}: write " in refusal(name, wrong)


@pytest.mark.parametrize(("name", "longest"), BOUNDED.items())
def test_the_longest_text_is_as_long(name: str, longest: int) -> None:
    one_more = "x" * (longest + 1)
    value = one_more if MEMBERS[name]["type"] == "string" else [one_more]
    assert f"longer than {longest} characters" in refusal(name, value)
    longest_value = one_more[1:] if MEMBERS[name]["type"] == "string" else [one_more[1:]]
    assert "longer than" not in refusal(name, longest_value)


@pytest.mark.parametrize(("name", "most"), LISTS.items())
def test_the_longest_list_is_as_long(name: str, most: int) -> None:
    assert f"more than {most} entries" in refusal(name, ["https://a.example/"] * (most + 1))
    assert "entries" not in refusal(name, ["https://a.example/"] * most)
