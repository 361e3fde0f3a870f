"""What `kubectl apply` says of an issuer; RFC 8414 section 2: a URL that uses https and has no query or fragment."""

import pytest

from tests.cluster.admission.issuers import ADMITTED, REFUSED, UNREACHABLE
from tests.cluster.admission.manifests import ISSUER, complaints, oauth_client
from tests.parts.kubectl import Kubectl, KubectlError

MALFORMED = (
    "spec.issuer: Forbidden: write the issuer identifier as an absolute https URL, https:// in lower case, without user "
    "information, query, fragment or line break, e.g. https://idp.example.com/realms/shop (RFC 8414 section 2)"
)
PASSWORD = "correct-horse"


@pytest.mark.parametrize("issuer", REFUSED.values(), ids=REFUSED)
def test_an_issuer_is_refused_because(admin: Kubectl, room: str, issuer: str) -> None:
    assert complaints(admin, oauth_client(room, issuer=issuer)) == [MALFORMED]


@pytest.mark.parametrize("issuer", ["HTTPS://idp.example.com", "https://idp.example.com/%zz"])
def test_an_issuer_that_no_servers_metadata_spell_so_is_refused(admin: Kubectl, room: str, issuer: str) -> None:
    assert complaints(admin, oauth_client(room, issuer=issuer)) == [MALFORMED]


@pytest.mark.parametrize("issuer", [*ADMITTED, *(issuer for issuer, _ in UNREACHABLE.values())])
def test_an_issuer_is_admitted(admin: Kubectl, room: str, issuer: str) -> None:
    admin.apply(oauth_client(room, issuer=issuer), "--dry-run=server")


@pytest.mark.parametrize(
    "issuer",
    [
        f"https://user:{PASSWORD}@idp.example.com",
        f"https://{PASSWORD}@idp.example.com",
        f"https://user:{PASSWORD}@idp.example.com/{'a' * 2048}",
        f"https://idp.example.com/?password={PASSWORD}",
        f"https://idp.example.com/#{PASSWORD}",
    ],
    ids=["password", "user", "too long", "query", "fragment"],
)
def test_no_message_echoes_a_password_in_the_issuer(admin: Kubectl, room: str, issuer: str) -> None:
    said = complaints(admin, oauth_client(room, issuer=issuer))
    assert said[0].startswith("spec.issuer: ")
    assert PASSWORD not in "\n".join(said)


def test_no_message_about_another_field_echoes_it_either(admin: Kubectl, room: str) -> None:
    issuer = f"https://user:{PASSWORD}@idp.example.com"
    said = complaints(admin, oauth_client(room, issuer=issuer, policy={"deletion": "Maybe"}))
    assert said[0].startswith('spec.policy.deletion: Unsupported value: "Maybe"')
    assert PASSWORD not in "\n".join(said)


def test_an_issuer_is_changed_to_one_that_is_well_formed_and_no_message_echoes_another(
    admin: Kubectl, room: str
) -> None:
    admin.apply(oauth_client(room, "moving"))
    patch = f'{{"spec": {{"issuer": "https://user:{PASSWORD}@other.example.com"}}}}'
    with pytest.raises(KubectlError) as refused:
        admin("patch", "oauthclient", "moving", "-n", room, "--type=merge", "-p", patch)
    said = str(refused.value)
    assert MALFORMED in said
    assert PASSWORD not in said
    assert admin.json("get", "oauthclient", "moving", "-n", room)["spec"]["issuer"] == ISSUER
    admin.apply(oauth_client(room, "moving", issuer="https://other.example.com"))
    assert admin.json("get", "oauthclient", "moving", "-n", room)["spec"]["issuer"] == "https://other.example.com"


def test_a_trailing_slash_makes_another_issuer(admin: Kubectl, room: str) -> None:
    admin.apply(oauth_client(room, "slash"))
    before = admin.json("get", "oauthclient", "slash", "-n", room)["metadata"]["generation"]
    admin.apply(oauth_client(room, "slash", issuer=f"{ISSUER}/"))
    assert admin.json("get", "oauthclient", "slash", "-n", room)["metadata"]["generation"] == before + 1
