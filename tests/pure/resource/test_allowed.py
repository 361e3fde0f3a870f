"""What `spec.allowed` of an issuer resource says: whom, and what; and that what cannot be read allows nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.resource.allowed import Allowed, AllowedNamespaces
from oauthclient_operator.resource.label_selector import LabelSelector, Operator, Requirement
from tests.pure.resource.test_desired import VALUES

PATTERN = "https://*.{namespace}.apps.example.com/*"
LEAST: dict[str, Any] = {"namespaces": {"names": ["shop"]}, "redirectURIs": [PATTERN]}


def read(**changes: Any) -> tuple[Allowed, list[str]]:
    problems: list[str] = []
    written = {name: value for name, value in {**LEAST, **changes}.items() if value is not ...}
    return Allowed.of({"allowed": written}, problems), problems


def test_what_has_to_be_there_is_enough_and_the_rest_allows_all() -> None:
    allowed, problems = read()
    assert problems == []
    assert allowed.namespaces == AllowedNamespaces(names=frozenset({"shop"}))
    assert [str(pattern) for pattern in allowed.redirect_uris] == [PATTERN]
    optional = (allowed.grant_types, allowed.response_types, allowed.scopes, allowed.token_endpoint_auth_methods)
    assert (*optional, allowed.members) == (None,) * 5


def test_all_that_can_be_written() -> None:
    allowed, problems = read(
        namespaces={"names": ["shop"], "selector": {"matchLabels": {"oauth": "corporate"}}},
        grantTypes=["authorization_code"],
        responseTypes=["code", "id_token code"],
        scopes=["openid"],
        tokenEndpointAuthMethods=["none"],
        members=["redirect_uris"],
    )
    assert problems == []
    assert allowed.namespaces.selector == LabelSelector((Requirement("oauth", Operator.IN, frozenset({"corporate"})),))
    assert allowed.grant_types == frozenset({"authorization_code"})
    assert allowed.response_types == frozenset({frozenset({"code"}), frozenset({"code", "id_token"})})
    assert allowed.scopes == frozenset({"openid"})
    assert allowed.token_endpoint_auth_methods == frozenset({"none"})
    assert allowed.members == frozenset({"redirect_uris"})


@pytest.mark.parametrize(
    ("namespaces", "admitted", "labels"),
    [
        pytest.param({"names": ["shop"]}, {"shop"}, None, id="those that are named"),
        pytest.param({"selector": {"matchLabels": {"a": "b"}}}, {"shop", "prod-shop"}, {"a": "b"}, id="those selected"),
        pytest.param({"selector": {"matchLabels": {"a": "b"}}}, set(), {"a": "c"}, id="another label"),
        pytest.param({"selector": {"matchLabels": {"a": "b"}}}, set(), {}, id="no label"),
        pytest.param({"selector": {"matchLabels": {"a": "b"}}}, set(), None, id="labels that are not known"),
        pytest.param(
            {"selector": {"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}},
            set(),
            None,
            id="labels that are not known, and should not be there",
        ),
        pytest.param(
            {"names": ["shop"], "selector": {"matchLabels": {"a": "b"}}},
            {"shop"},
            None,
            id="those that are named, whatever their labels",
        ),
        pytest.param(
            {"names": ["shop"], "selector": {"matchLabels": {"a": "b"}}},
            {"shop", "prod-shop"},
            {"a": "b"},
            id="both, as a union",
        ),
        pytest.param({"all": True}, {"shop", "prod-shop"}, None, id="all"),
        pytest.param({"names": ["shop"], "all": False}, {"shop"}, None, id="not all"),
    ],
)
def test_whom_an_issuer_is_for(namespaces: dict[str, Any], admitted: set[str], labels: dict[str, str] | None) -> None:
    allowed, problems = read(namespaces=namespaces)
    assert problems == []
    assert {name for name in ("shop", "prod-shop") if allowed.namespaces.admit(name, labels)} == admitted


@pytest.mark.parametrize(
    ("expression", "without", "with_it", "with_another"),
    [
        pytest.param({"operator": "In", "values": ["b"]}, False, True, False, id="In"),
        pytest.param({"operator": "NotIn", "values": ["b"]}, True, False, True, id="NotIn, also where there is none"),
        pytest.param({"operator": "Exists"}, False, True, True, id="Exists"),
        pytest.param({"operator": "DoesNotExist", "values": []}, True, False, False, id="DoesNotExist"),
    ],
)
def test_expressions_are_those_of_kubernetes(
    expression: dict[str, Any], without: bool, with_it: bool, with_another: bool
) -> None:
    problems: list[str] = []
    found = LabelSelector.of({"matchExpressions": [{"key": "x.example/a", **expression}]}, "place", problems)
    assert found is not None
    labels: tuple[dict[str, str], ...] = ({}, {"x.example/a": "b"}, {"x.example/a": "c"})
    assert [found.matches(each) for each in labels] == [without, with_it, with_another]


def test_all_requirements_have_to_be_met() -> None:
    written: Any = {"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "c", "operator": "Exists"}]}
    found = LabelSelector.of(written, "place", [])
    assert found is not None
    assert [found.matches(labels) for labels in ({"a": "b"}, {"c": ""}, {"a": "b", "c": ""})] == [False, False, True]


@pytest.mark.parametrize(
    ("selector", "says"),
    [
        pytest.param({}, "it is empty", id="empty"),
        pytest.param({"matchLabels": {}, "matchExpressions": []}, "it is empty", id="empty members"),
        pytest.param({"matchLabel": {"a": "b"}}, "write matchLabels", id="a member that is not known"),
        pytest.param("a=b", "write matchLabels", id="a string"),
        pytest.param({"matchLabels": ["a"]}, "as an object", id="a list of labels"),
        pytest.param({"matchLabels": {"a": 1}}, "matchLabels: write", id="a value that is no string"),
        pytest.param({"matchLabels": {"a b": "c"}}, "matchLabels: write", id="what is no label"),
        pytest.param({"matchLabels": {"a": "b", "A/b/c": "d"}}, "matchLabels: write", id="one of two"),
        pytest.param({"matchExpressions": [{"key": "a", "operator": "in", "values": ["b"]}]}, "write key", id="in"),
        pytest.param({"matchExpressions": [{"key": "a", "operator": "In"}]}, "write key", id="In without values"),
        pytest.param(
            {"matchExpressions": [{"key": "a", "operator": "NotIn", "values": []}]}, "write key", id="NotIn of nothing"
        ),
        pytest.param(
            {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]},
            "write key",
            id="Exists with values",
        ),
        pytest.param(
            {"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["b", 1]}]}, "write key", id="a number"
        ),
        pytest.param({"matchExpressions": [{"operator": "DoesNotExist"}]}, "write key", id="no key"),
        pytest.param(
            {"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}] * 33}, "more than 32", id="too many"
        ),
    ],
)
def test_a_selector_that_is_not_understood_selects_nothing(selector: Any, says: str) -> None:
    allowed, (problem,) = read(namespaces={"selector": selector})
    assert says in problem
    assert problem.startswith("spec.allowed.namespaces.selector")
    assert not any(allowed.namespaces.admit("shop", labels) for labels in ({}, {"a": "b"}, {"a": "c"}))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"namespaces": ...}, "namespaces: write names", id="no namespaces"),
        pytest.param({"namespaces": {}}, "namespaces: write names", id="namespaces that name none"),
        pytest.param({"namespaces": {"all": False}}, "namespaces: write names", id="not all, and no others"),
        pytest.param({"namespaces": {"names": []}}, "namespaces: write names", id="an empty list"),
        pytest.param({"namespaces": {"name": ["shop"]}}, "namespaces: write names", id="a member that is not known"),
        pytest.param({"namespaces": {"names": "shop"}}, "names: write at most", id="a name that is no list"),
        pytest.param({"namespaces": {"names": ["shop", "*"]}}, "names: write at most", id="an asterisk for a name"),
        pytest.param({"namespaces": {"names": ["shop", 1]}}, "names: write at most", id="a number for a name"),
        pytest.param({"namespaces": {"names": ["shop"] * 257}}, "names: write at most", id="too many names"),
        pytest.param({"namespaces": {"all": "true"}}, "all: write true", id="a string for true"),
        pytest.param({"grantType": ["implicit"]}, "not known here", id="a rule that is not known"),
        pytest.param({"redirectURIs": ...}, "redirectURIs: write", id="no patterns"),
    ],
)
def test_what_is_missing_or_cannot_be_read_lets_nobody_in_or_nowhere(changes: dict[str, Any], says: str) -> None:
    allowed, problems = read(**changes)
    assert says in problems[0]
    assert not allowed.namespaces.admit("shop", {}) or allowed.redirect_uris == ()


def test_without_it_nothing_is_allowed() -> None:
    specs: tuple[dict[str, Any], ...] = ({}, {"allowed": None}, {"allowed": []})
    for spec in specs:
        problems: list[str] = []
        assert Allowed.of(spec, problems) == Allowed()
        assert problems == ["spec.allowed: write namespaces and redirectURIs, for without them nothing is allowed"]


@pytest.mark.parametrize("member", ["grantTypes", "responseTypes", "scopes", "tokenEndpointAuthMethods", "members"])
@pytest.mark.parametrize("written", ["x", {"x": 1}, [1], [""], [["x"]], ["x"] * 257, ["x" * 257], 0, False])
def test_an_optional_rule_that_cannot_be_read_allows_nothing(member: str, written: Any) -> None:
    allowed, (problem,) = read(**{member: written})
    assert problem.startswith(f"spec.allowed.{member}: write at most")
    rules = (allowed.grant_types, allowed.response_types, allowed.scopes, allowed.token_endpoint_auth_methods)
    assert [rule for rule in (*rules, allowed.members) if rule is not None] == [frozenset()]


def test_an_empty_list_allows_none_and_is_no_mistake() -> None:
    allowed, problems = read(redirectURIs=[], grantTypes=[])
    assert (problems, allowed.redirect_uris, allowed.grant_types) == ([], (), frozenset())


def test_a_pattern_that_cannot_be_read_is_named_by_its_place_and_the_others_stay() -> None:
    allowed, problems = read(redirectURIs=[PATTERN, "https://*/cb", "https://a.example/cb"])
    assert problems == ["spec.allowed.redirectURIs[1]: the last label of its host is not written out"]
    assert [str(pattern) for pattern in allowed.redirect_uris] == [PATTERN, "https://a.example/cb"]


@given(st.dictionaries(st.sampled_from([*LEAST, "grantTypes", "members", "x"]), VALUES))
def test_any_spec_has_a_value_and_nothing_is_allowed_by_it_unless_it_says_so(written: dict[str, Any]) -> None:
    problems: list[str] = []
    allowed = Allowed.of({"allowed": written}, problems)
    assert problems or (written.keys() >= {"namespaces", "redirectURIs"})
    assert not allowed.namespaces.every or written["namespaces"]["all"] is True
