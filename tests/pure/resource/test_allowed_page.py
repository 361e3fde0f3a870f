"""The page on what an issuer allows says what the code does: its examples, its lists, its words."""

import re
from pathlib import Path
from typing import Final

import pytest
import yaml

from oauthclient_operator.oauth.plain_uri import NotPlain, plain_uri
from oauthclient_operator.oauth.redirect_uri_pattern import redirect_uri_pattern
from oauthclient_operator.oauth.statement_claims import claimed_metadata
from oauthclient_operator.resource.allowed import Allowed
from oauthclient_operator.resource.not_allowed import URI_MEMBERS
from oauthclient_operator.resource.objection import Rule
from tests.pure.oauth.test_redirect_uri_pattern import lets_through
from tests.pure.oauth.test_statement_claims import statement

pytestmark = pytest.mark.contract

PAGE: Final = (Path(__file__).parents[3] / "docs" / "issuers" / "allowed.md").read_text()


def table(head: str) -> list[list[str]]:
    rows = PAGE.split(f"\n| {head} |", 1)[1].split("\n\n")[0].splitlines()[2:]
    return [row.strip("| ").split(" | ") for row in rows]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("row", table("pattern | matches | does not match"), ids=lambda row: row[0].strip("`"))
def test_an_example_of_a_pattern_matches_what_it_says_and_nothing_else(row: list[str]) -> None:
    (pattern,), matching, others = map(quoted, row)
    assert matching
    assert others
    assert [uri for uri in matching if not lets_through(pattern, uri)] == []
    assert [uri for uri in others if lets_through(pattern, uri)] == []


@pytest.mark.parametrize("row", table("no pattern | why"), ids=lambda row: row[0].strip("`"))
def test_what_is_no_pattern_is_refused_in_the_words_of_the_page(row: list[str]) -> None:
    (pattern,), why = quoted(row[0]), row[1]
    assert redirect_uri_pattern(pattern) == NotPlain(why)


def test_no_example_of_what_is_refused_is_a_plain_uri() -> None:
    examples = [uri for _, cell in table("refused | e.g.") for uri in quoted(cell)]
    assert len(examples) > 10
    assert [uri for uri in examples if not isinstance(plain_uri(uri), NotPlain)] == []


def test_every_rule_and_every_member_that_goes_by_the_patterns_is_named() -> None:
    assert [quoted(rule) for rule, _ in table("rule | what it is about")] == [
        [rule.removeprefix("allowed.")] for rule in Rule
    ]
    listed = PAGE.split("## Which URIs the patterns are about")[1].split("\n\n")[1]
    assert quoted(listed) == [*URI_MEMBERS]


def test_the_manifest_can_be_read() -> None:
    manifest, problems = yaml.safe_load(PAGE.split("```yaml\n")[1].split("```")[0]), list[str]()
    allowed = Allowed.of(manifest["spec"], problems)
    assert problems == []
    assert None not in (allowed.grant_types, allowed.response_types, allowed.scopes, allowed.members)


def test_the_claims_of_every_jwt_are_those_that_are_named() -> None:
    named = quoted(PAGE.split("all its claims are members but those of every JWT")[1].split(")")[0])
    assert claimed_metadata(statement({**dict.fromkeys(named, 1), "scope": "x"})) == {"scope": "x"}
    assert len(named) == 7
