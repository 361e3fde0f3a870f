"""How an issuer resource says that its server does otherwise than the RFCs."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.oauth.client_metadata import SOFTWARE_STATEMENT, ClientMetadata
from oauthclient_operator.oauth.salvage import ISSUED
from oauthclient_operator.resource.dialect import (
    MOST_CLIENTS,
    MOST_KEYS,
    Dialect,
    Management,
    SecretExpiry,
    SecretRotation,
    Sending,
    UpdateSays,
)
from tests.pure.resource.issuers import desired_of, terms_of_issuer
from tests.pure.resource.test_desired import VALUES
from tests.pure.test_contracts import SPEC
from tests.pure.test_issuer_contracts import SPEC as ISSUER_SPEC

PAGE = (Path(__file__).parents[3] / "docs" / "issuers" / "dialect.md").read_text()

BY_TOKEN = {"serviceAccountToken": {"method": "Bearer"}}
WORDS = ("management", "secretRotation", "secretExpiry", "update", "unknownMetadata", "scope")
COUNTS = {"keysPerClient": MOST_KEYS, "clientsPerToken": MOST_CLIENTS}


def read(**dialect: Any) -> tuple[Dialect, list[str]]:
    problems: list[str] = []
    return Dialect.of({"dialect": dialect}, problems), problems


@pytest.mark.parametrize("spec", [{}, {"dialect": None}, {"dialect": {}}, {"dialect": "Keycloak"}, {"dialect": [1]}])
def test_where_nobody_says_it_nothing_is_said(spec: dict[str, Any]) -> None:
    problems: list[str] = []
    found = Dialect.of(spec, problems)
    assert (found, problems) == (Dialect(), [])
    assert {getattr(found, field.name) for field in fields(found)} == {None}


def test_each_knob_is_read() -> None:
    found, problems = read(
        management="Access",
        secretRotation="Overlap",
        secretExpiry="Client",
        update="Merge",
        sendClientSecret=True,
        keysPerClient=2,
        clientsPerToken=1,
        unknownMetadata="Omit",
        scope="Omit",
    )
    assert problems == []
    assert found == Dialect(
        management=Management.ACCESS,
        secret_rotation=SecretRotation.OVERLAP,
        secret_expiry=SecretExpiry.CLIENT,
        update=UpdateSays.MERGE,
        send_client_secret=True,
        keys_per_client=2,
        clients_per_token=1,
        unknown_metadata=Sending.OMIT,
        scope=Sending.OMIT,
    )


@pytest.mark.parametrize("member", [*WORDS, "sendClientSecret", *COUNTS])
def test_null_is_what_its_absence_is(member: str) -> None:
    assert read(**{member: None}) == (Dialect(), [])


@pytest.mark.parametrize("member", WORDS)
@pytest.mark.parametrize("written", ["", "omit", "ACCESS", 1, True, ["Access"], {"Access": True}])
def test_a_word_that_is_none_is_a_problem_and_is_as_if_nobody_said_it(member: str, written: Any) -> None:
    found, (problem,) = read(**{member: written})
    assert found == Dialect()
    assert problem.startswith(f"spec.dialect.{member}: write one of ")
    assert problem.endswith(", or leave it out")


@pytest.mark.parametrize("written", ["true", 1, 0, "", []])
def test_a_flag_is_true_or_false(written: Any) -> None:
    expected = "spec.dialect.sendClientSecret: write true or false, or leave it out"
    assert read(sendClientSecret=written) == (Dialect(), [expected])


@pytest.mark.parametrize(("member", "most"), COUNTS.items())
@pytest.mark.parametrize("written", [0, -1, True, "2", 2.0, [2]])
def test_a_count_is_a_number_within_its_bounds(member: str, most: int, written: Any) -> None:
    expected = f"spec.dialect.{member}: write a number from 1 to {most}, or leave it out"
    assert read(**{member: written}) == (Dialect(), [expected])
    assert read(**{member: most + 1}) == (Dialect(), [expected])
    assert read(**{member: most})[1] == []


@given(st.dictionaries(st.sampled_from([*WORDS, "sendClientSecret", *COUNTS]), VALUES))
def test_whatever_is_written_is_read(written: dict[str, Any]) -> None:
    found, problems = read(**written)
    assert len(problems) <= len(written)
    assert isinstance(found, Dialect)


def test_it_is_among_the_terms_and_what_is_wrong_with_it_among_their_problems() -> None:
    assert terms_of_issuer(dialect={"update": "Asked"}).dialect == Dialect(update=UpdateSays.ASKED)
    assert terms_of_issuer(dialect={"update": "Replace"}).problems == (
        "spec.dialect.update: write one of Full, Asked, Merge, or leave it out",
    )


@pytest.mark.parametrize(
    ("access", "admitted"),
    [
        (None, False),
        ({"initialAccessToken": {"secretRef": {"name": "idp-token"}}}, False),
        (BY_TOKEN, True),
        ({"clientCredentials": {"secretRef": {"name": "idp-client"}}}, True),
    ],
)
def test_only_who_is_let_in_by_access_tokens_can_manage_clients_by_them(access: Any, *, admitted: bool) -> None:
    problems = terms_of_issuer(access=access, dialect={"management": "Access"}).problems
    assert (problems == ()) is admitted
    assert all(problem.startswith("spec.dialect.management: Access needs access by ") for problem in problems)


def test_scopes_cannot_be_allowed_where_none_is_asked_for() -> None:
    allowed = {"namespaces": {"all": True}, "redirectURIs": ["*"], "scopes": ["openid"]}
    assert terms_of_issuer(allowed=allowed, dialect={"scope": "Send"}).problems == ()
    (problem,) = terms_of_issuer(allowed=allowed, dialect={"scope": "Omit"}).problems
    assert problem.startswith("spec.allowed.scopes: leave it out beside spec.dialect.scope: Omit")


@pytest.mark.parametrize(
    ("dialect", "omitted"),
    [
        ({}, ()),
        ({"scope": "Send", "unknownMetadata": "Send"}, ()),
        ({"scope": "Omit"}, ("scope",)),
        ({"unknownMetadata": "Omit"}, ("Scope", "client_name#ja", "x_shop")),
        ({"scope": "Omit", "unknownMetadata": "Omit"}, ("Scope", "client_name#ja", "scope", "x_shop")),
    ],
    ids=str,
)
def test_what_is_omitted_is_not_asked_for_and_is_named(dialect: dict[str, str], omitted: tuple[str, ...]) -> None:
    asks: dict[str, Any] = {
        "redirect_uris": ["https://shop.example.com/callback"],
        "client_name": "Web",
        "client_name#ja": "Web",
        "scope": "openid",
        "Scope": "openid",
        "dpop_bound_access_tokens": True,
        "x_shop": {"a": [1]},
    }
    desired = desired_of(terms_of_issuer(dialect=dialect), clientMetadata=asks)
    assert desired.problems == ()
    assert desired.omitted == frozenset(omitted)
    assert desired.metadata == ClientMetadata.confirmed({n: v for n, v in asks.items() if n not in omitted})


@pytest.mark.contract
def test_every_member_that_the_definition_documents_is_known() -> None:
    documented = {*SPEC["clientMetadata"]["properties"]} - {*ISSUED, SOFTWARE_STATEMENT}
    assert len(documented) > 50
    assert Dialect(unknown_metadata=Sending.OMIT).omitted(documented) == frozenset()


def test_what_is_omitted_is_judged_neither_by_its_name_nor_as_what_others_take_it_for() -> None:
    allowed = {"namespaces": {"all": True}, "redirectURIs": ["*"], "members": ["redirect_uris"]}
    asks = {"redirect_uris": ["https://shop.example.com/callback"], "Redirect_URIs": ["https://evil.example"]}
    sent = desired_of(terms_of_issuer(allowed=allowed), clientMetadata=asks)
    kept = desired_of(terms_of_issuer(allowed=allowed, dialect={"unknownMetadata": "Omit"}), clientMetadata=asks)
    assert sent.objections != ()
    assert (kept.objections, kept.honoured) == ((), True)


def test_what_the_issuer_itself_adds_is_omitted_as_well() -> None:
    terms = terms_of_issuer(dialect={"unknownMetadata": "Omit"}, clientMetadata={"fixed": {"x_shop": 1}})
    desired = desired_of(terms)
    assert (desired.omitted, desired.of_issuer) == (frozenset({"x_shop"}), frozenset())


@pytest.mark.contract
def test_the_page_says_of_each_knob_which_values_it_has() -> None:
    rows = [row.strip("| ").split(" | ") for row in re.findall(r"^\| `\w+` \|.*$", PAGE, re.MULTILINE)]
    knobs = ISSUER_SPEC["dialect"]["properties"]
    assert [row[0].strip("`") for row in rows] == [
        *("management", "update", "sendClientSecret", "secretRotation", "secretExpiry", "keysPerClient"),
        *("clientsPerToken", "unknownMetadata", "scope"),
    ]
    assert {row[0].strip("`") for row in rows} == knobs.keys()
    shown = {row[0].strip("`"): row[1] for row in rows}
    for name, knob in knobs.items():
        match knob["type"]:
            case "string":
                assert re.findall(r"`(\w+)`", shown[name]) == knob["enum"]
            case "integer":
                assert shown[name] == f"{knob['minimum']} to {knob['maximum']:,}"
            case "boolean":
                assert shown[name] == "`true`, `false`"
