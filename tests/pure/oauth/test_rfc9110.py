"""Challenges in a WWW-Authenticate header: vectors of oauth4webapi, RFC 9110's and RFC 9449's examples, and what a stranger may write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.oauth.rfc9110 import HEADER_LIMIT, challenges
from tests.processor_time import least


def read(header: str) -> list[tuple[str, object]] | None:
    """Return scheme, and parameters or token68, of each challenge."""
    found = challenges(header)
    if found is None:
        return None
    return [(c.scheme, c.token68 if c.token68 is not None else dict(c.parameters)) for c in found]


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("", id="empty"),
        pytest.param(" ", id="white space"),
        pytest.param(",", id="a comma"),
        pytest.param(" , ,\t,", id="commas"),
        pytest.param('Scheme, realm="foo"', id="no space after the scheme"),
        pytest.param("Scheme, realm=foo", id="no space after the scheme, a token"),
        pytest.param(r"Scheme realm=\f\o\o", id="a quoted pair outside of quotes"),
        pytest.param('Scheme realm="foo', id="a quote that does not end"),
        pytest.param('Scheme realm="', id="a quote that does not begin"),
        pytest.param(r'Scheme realm="foo\"', id="a quote whose end is escaped"),
        pytest.param(r'Scheme realm="foo"\"', id="a stray escape at the end"),
        pytest.param('error="invalid_token"', id="no scheme"),
        pytest.param('  error="invalid_token"', id="no scheme after spaces"),
        pytest.param('Bearer error"invalid_token"', id="no ="),
        pytest.param('Bearer error="invalid_token" ???', id="junk after a parameter"),
        pytest.param('Bearer error="invalid_token", ???', id="junk after a comma"),
        pytest.param("Negotiate abc== ???", id="junk after a token68"),
        pytest.param("Negotiate abc==???", id="junk on a token68"),
        pytest.param('Negotiate abc==, realm="foo"', id="a token68, and a parameter"),
        pytest.param('Negotiate abc== realm="foo"', id="a token68, and a parameter without a comma"),
        pytest.param('Bearer realm="foo" error="x"', id="parameters without a comma"),
        pytest.param('Basic Bearer realm="foo"', id="schemes without a comma"),
        pytest.param("Bearer a=b, c=", id="a parameter without a value"),
        pytest.param("Bearer a=b, c = ", id="a parameter without a value, with spaces"),
        pytest.param('Bearer realm="a\x00b"', id="a control character"),
        pytest.param("Bearer réalm=x", id="a name that is not ASCII"),
        pytest.param("=", id="an equals sign"),
        pytest.param('"Bearer"', id="a quoted scheme"),
        pytest.param("Bearer " + "a" * HEADER_LIMIT, id="too long"),
    ],
)
def test_a_header_that_is_not_readable_to_its_end_is_none(header: str) -> None:
    assert read(header) is None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("Scheme", [("scheme", {})], id="a scheme"),
        pytest.param("Scheme ", [("scheme", {})], id="a scheme and a space"),
        pytest.param("Basic, Bearer", [("basic", {}), ("bearer", {})], id="two schemes"),
        pytest.param("Basic,Bearer", [("basic", {}), ("bearer", {})], id="two schemes without a space"),
        pytest.param("Basic , Bearer", [("basic", {}), ("bearer", {})], id="two schemes and a space too many"),
        pytest.param('Basic, Bearer realm="x"', [("basic", {}), ("bearer", {"realm": "x"})], id="with parameters"),
        pytest.param('sChEmE ReAlM="FoO"', [("scheme", {"realm": "FoO"})], id="letters of any case"),
        pytest.param("Scheme realm=foo", [("scheme", {"realm": "foo"})], id="a token"),
        pytest.param("Scheme realm='foo'", [("scheme", {"realm": "'foo'"})], id="single quotes"),
        pytest.param("Scheme realm=a%20b", [("scheme", {"realm": "a%20b"})], id="a percent sign"),
        pytest.param('Scheme realm="a%20b"', [("scheme", {"realm": "a%20b"})], id="a percent sign in quotes"),
        pytest.param('Scheme , realm="foo"', [("scheme", {"realm": "foo"})], id="a space and a comma"),
        pytest.param('Scheme realm="a", realm="b"', [("scheme", {"realm": "b"})], id="the last of two"),
        pytest.param('Scheme Realm="a", rEALM=b', [("scheme", {"realm": "b"})], id="the last of two, in any case"),
        pytest.param('Scheme realm = "foo"', [("scheme", {"realm": "foo"})], id="spaces around ="),
        pytest.param("Scheme realm\t=\tfoo", [("scheme", {"realm": "foo"})], id="tabs around ="),
        pytest.param("Scheme   realm=foo", [("scheme", {"realm": "foo"})], id="many spaces"),
        pytest.param(r'Scheme realm="a\"b"', [("scheme", {"realm": 'a"b'})], id="an escaped quote"),
        pytest.param(r'Scheme realm="a\\b"', [("scheme", {"realm": r"a\b"})], id="an escaped backslash"),
        pytest.param(r'Scheme realm="\f\o\o"', [("scheme", {"realm": "foo"})], id="5.6.4: needless escapes"),
        pytest.param(r'Scheme realm="\u0041\n"', [("scheme", {"realm": "u0041n"})], id="5.6.4: not JSON's escapes"),
        pytest.param('Scheme realm=""', [("scheme", {"realm": ""})], id="an empty value"),
        pytest.param('Scheme realm="é"', [("scheme", {"realm": "é"})], id="obs-text"),
        pytest.param('Scheme realm="a",,b=c', [("scheme", {"realm": "a", "b": "c"})], id="an empty element"),
        pytest.param('Scheme realm="a", ,\t, b=c', [("scheme", {"realm": "a", "b": "c"})], id="empty elements"),
        pytest.param(', Scheme realm="a"', [("scheme", {"realm": "a"})], id="a comma before"),
        pytest.param('Scheme realm="a" , ', [("scheme", {"realm": "a"})], id="a comma after"),
        pytest.param(
            'Basic realm="a", Bearer realm="b", error="invalid_token"',
            [("basic", {"realm": "a"}), ("bearer", {"realm": "b", "error": "invalid_token"})],
            id="two challenges",
        ),
        pytest.param(
            'Basic realm="a", Basic realm="b"',
            [("basic", {"realm": "a"}), ("basic", {"realm": "b"})],
            id="two challenges of one scheme",
        ),
        pytest.param('A b="realm=c, D e=f"', [("a", {"b": "realm=c, D e=f"})], id="a value like a header"),
        pytest.param('A nottherealm="x"', [("a", {"nottherealm": "x"})], id="a name like another"),
        pytest.param("Negotiate abc", [("negotiate", "abc")], id="a token68"),
        pytest.param("Negotiate abc=", [("negotiate", "abc=")], id="a token68 with ="),
        pytest.param("Negotiate a-._~+/Z0==", [("negotiate", "a-._~+/Z0==")], id="a token68 with =="),
        pytest.param("Negotiate abc, Basic", [("negotiate", "abc"), ("basic", {})], id="a token68, and a scheme"),
        pytest.param(
            'Negotiate abc= , Basic realm="a"',
            [("negotiate", "abc="), ("basic", {"realm": "a"})],
            id="a token68 with =, and a challenge",
        ),
        pytest.param(
            "Negotiate abc==,Basic realm=a",
            [("negotiate", "abc=="), ("basic", {"realm": "a"})],
            id="a token68 with ==, and a challenge",
        ),
        pytest.param("Bearer error=", [("bearer", "error=")], id="a parameter without a value is a token68"),
        pytest.param(
            "Basic realm=a, Digest blah==, Bearer",
            [("basic", {"realm": "a"}), ("digest", "blah=="), ("bearer", {})],
            id="a token68 between others",
        ),
        pytest.param(
            r'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\""',
            [("basic", {"realm": "simple"}), ("newauth", {"realm": "apps", "type": "1", "title": 'Login to "apps"'})],
            id="RFC 9110 section 11.6.1",
        ),
        pytest.param(
            'Bearer, DPoP algs="ES256 PS256"',
            [("bearer", {}), ("dpop", {"algs": "ES256 PS256"})],
            id="RFC 9449 figure 17",
        ),
        pytest.param(
            'Bearer error="invalid_token", error_description="Invalid token", DPoP algs="ES256 PS256"',
            [
                ("bearer", {"error": "invalid_token", "error_description": "Invalid token"}),
                ("dpop", {"algs": "ES256 PS256"}),
            ],
            id="RFC 9449 figure 18",
        ),
    ],
)
def test_challenges_are_read_as_RFC_9110_has_them(header: str, expected: object) -> None:
    assert read(header) == expected


TEXT = st.text(alphabet='aB=", \t\\/.-é\x00\n', max_size=60) | st.text(max_size=60)


@given(TEXT)
def test_whatever_stands_there_is_read_or_none(header: str) -> None:
    found = challenges(header)
    assert found is None or (found and all(c.scheme == c.scheme.lower() for c in found))


NAME = st.text(alphabet="abcXYZ019-_.!", min_size=1, max_size=6)
VALUE = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=255).filter(lambda c: c != "\x7f"), max_size=12)


@given(st.lists(st.tuples(NAME, st.dictionaries(NAME.map(str.lower), VALUE, min_size=1, max_size=3)), min_size=1))
def test_what_is_written_by_the_rules_is_read_back(written: list[tuple[str, dict[str, str]]]) -> None:
    def quoted(value: str) -> str:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    header = ", ".join(f"{s} " + ", ".join(f"{n}={quoted(v)}" for n, v in p.items()) for s, p in written)
    if len(header) <= HEADER_LIMIT:
        assert read(header) == [(s.lower(), p) for s, p in written]


@pytest.mark.parametrize(
    "part", ['"', "\\", ",", "=", "a", "a ", "a=", 'a="', "a=b,", "a, ", " ", '\\"', 'A b="c",', "A b==,", "\t,"]
)
def test_a_hostile_header_costs_no_more_than_its_length(part: str) -> None:
    def read_all() -> None:
        for prefix in ("", "A ", 'A b="', "A b=", "A b"):
            challenges((prefix + part * HEADER_LIMIT)[:HEADER_LIMIT])

    # Five headers in milliseconds each; what looks back takes seconds for one.
    assert least(read_all, below=0.5) < 0.5


@pytest.mark.parametrize("header", ["s3cr3t", "Bearer s3cr3t", 'Bearer s3cr3t="s3cr3t"'])
def test_what_a_server_echoes_is_not_shown_wherever_it_stands(header: str) -> None:
    assert repr(challenges(header)) == "(Challenge(),)"
