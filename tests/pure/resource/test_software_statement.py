"""Which Secrets hold a software statement that may be sent somewhere, and what is said of the others."""

import base64

import pytest

from oauthclient_operator import names
from oauthclient_operator.errors import SoftwareStatementMissing, SoftwareStatementNotForIssuer
from oauthclient_operator.resource.addressed_secret import Recipient
from oauthclient_operator.resource.secret import Secret
from oauthclient_operator.resource.software_statement import LONGEST, software_statement
from oauthclient_operator.resource.terms import SoftwareStatementReference
from tests.pure.values import ISSUER, desired

ENDPOINT = f"{ISSUER}/register"
STATEMENT = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL3ZvdWNoZXIuZXhhbXBsZSJ9.c2lnbmF0dXJl"
REFERENCE = SoftwareStatementReference("idp-statement")


def secret(*, of_type: str = names.SOFTWARE_STATEMENT_TYPE, **data: str) -> Secret:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    return Secret.parse({"metadata": {"name": "idp-statement", "uid": "u"}, "type": of_type, "data": dict(encoded)})


def to(*, chosen: bool = False) -> Recipient:
    return Recipient(issuer=ISSUER, endpoint=ENDPOINT, chosen=chosen)


@pytest.mark.parametrize(
    ("data", "chosen", "reference"),
    [
        pytest.param({"software_statement": STATEMENT}, False, REFERENCE, id="for the issuer"),
        pytest.param({"software_statement": f" {STATEMENT}\n", "issuer": f"{ISSUER}\n"}, False, REFERENCE, id="spaced"),
        pytest.param(
            {"ssa.jwt": STATEMENT, "software_statement": "another"},
            False,
            SoftwareStatementReference("idp-statement", "ssa.jwt"),
            id="under a key of one's own",
        ),
        pytest.param(
            {"software_statement": STATEMENT, "registration_endpoint": ENDPOINT},
            True,
            REFERENCE,
            id="for the endpoint that the spec chooses",
        ),
        pytest.param(
            {"software_statement": f"e30.{'x' * (LONGEST - 6)}.s"}, False, REFERENCE, id="as long as it may be"
        ),
    ],
)
def test_it_is_sent_as_it_stands_there(
    data: dict[str, str], chosen: bool, reference: SoftwareStatementReference
) -> None:
    found = software_statement(secret(**{"issuer": ISSUER, **data}), to(chosen=chosen), reference)
    assert found.reveal() == data[reference.key].strip()


NO_JWT = (
    "Secret idp-statement holds no software statement in its key software_statement: it must be a signed JWT of three "
    "parts with a dot between, as its issuer gave it out (RFC 7591 section 2.3)"
)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        pytest.param(
            None,
            "Secret idp-statement does not exist; create it with type oauth-operator.dev/software-statement and the "
            "keys software_statement and issuer",
            id="there is none",
        ),
        pytest.param(
            secret(of_type="Opaque", issuer=ISSUER, software_statement=STATEMENT),
            "Secret idp-statement is not a software statement: its type must be oauth-operator.dev/software-statement",
            id="another type",
        ),
        pytest.param(
            secret(of_type=names.INITIAL_ACCESS_TOKEN_TYPE, issuer=ISSUER, software_statement=STATEMENT),
            "Secret idp-statement is not a software statement: its type must be oauth-operator.dev/software-statement",
            id="an initial access token",
        ),
        pytest.param(secret(software_statement=STATEMENT), "Secret idp-statement has no key issuer", id="no issuer"),
        pytest.param(secret(issuer=ISSUER), "Secret idp-statement has no key software_statement", id="no such key"),
        pytest.param(secret(issuer=ISSUER, software_statement=""), NO_JWT, id="nothing"),
        pytest.param(secret(issuer=ISSUER, software_statement="two.parts"), NO_JWT, id="two parts"),
        pytest.param(secret(issuer=ISSUER, software_statement="e30.e30."), NO_JWT, id="no signature"),
        pytest.param(secret(issuer=ISSUER, software_statement="a.b.c.d.e"), NO_JWT, id="encrypted"),
        pytest.param(secret(issuer=ISSUER, software_statement="e30.e30.\u00e4"), NO_JWT, id="no ASCII"),
        pytest.param(secret(issuer=ISSUER, software_statement="e30.e30.a\nb"), NO_JWT, id="a line break within"),
        pytest.param(
            secret(issuer=ISSUER, software_statement=f"e30.{'x' * LONGEST}.s"),
            "Secret idp-statement: what stands in its key software_statement is longer than 16 KiB",
            id="too long",
        ),
    ],
)
def test_what_is_none_is_waited_for(found: Secret | None, said: str) -> None:
    with pytest.raises(SoftwareStatementMissing) as refusal:
        software_statement(found, to(), REFERENCE)
    assert str(refusal.value) == said


@pytest.mark.parametrize(
    ("data", "chosen", "said"),
    [
        pytest.param({"issuer": f"{ISSUER}/"}, False, "names another issuer than spec.issuer", id="another issuer"),
        pytest.param({"issuer": ISSUER}, True, "does not name the registration endpoint", id="no endpoint, chosen"),
        pytest.param(
            {"issuer": ISSUER, "registration_endpoint": f"{ENDPOINT}/v2"},
            False,
            "names another registration endpoint",
            id="another endpoint",
        ),
    ],
)
def test_it_is_not_sent_where_its_secret_does_not_say(data: dict[str, str], chosen: bool, said: str) -> None:
    with pytest.raises(SoftwareStatementNotForIssuer, match=said) as refusal:
        software_statement(secret(software_statement=STATEMENT, **data), to(chosen=chosen), REFERENCE)
    assert "so its software statement is not sent there" in str(refusal.value)
    assert STATEMENT not in str(refusal.value)


PLACE = "spec.registration.softwareStatement.secretRef"


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        pytest.param({"name": "idp-statement"}, None, id="a name is enough"),
        pytest.param({"name": "idp-statement", "key": "ssa.jwt"}, None, id="with a key"),
        pytest.param({}, f"{PLACE}.name: write the name of the Secret", id="no name"),
        pytest.param({"name": "Idp"}, f"{PLACE}.name: write the name of the Secret", id="no name of a Secret"),
        pytest.param({"name": "s", "key": "a b"}, f"{PLACE}.key: write the key of that Secret", id="no key of one"),
        pytest.param({"name": "s", "key": 7}, f"{PLACE}.key: write the key of that Secret", id="a number"),
        pytest.param({"name": "web"}, f"{PLACE}.name: it cannot be the Secret that is published", id="the published"),
    ],
)
def test_what_the_spec_says_of_it_is_read(reference: dict[str, str], problem: str | None) -> None:
    found = desired(spec={"registration": {"softwareStatement": {"secretRef": reference}}})
    if problem is None:
        assert found.problem is None
        wanted = SoftwareStatementReference(reference["name"], reference.get("key", "software_statement"))
        assert found.terms.software_statement == wanted
    else:
        assert found.problem is not None
        assert found.problem.startswith(problem)


def test_it_stands_beside_an_initial_access_token() -> None:
    both = {"initialAccessToken": {"secretRef": {"name": "t"}}, "softwareStatement": {"secretRef": {"name": "s"}}}
    found = desired(spec={"registration": both})
    assert (found.problem, found.terms.software_statement) == (None, SoftwareStatementReference("s"))
