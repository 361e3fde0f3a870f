"""What `kubectl apply` says of `spec.discovery`: where the metadata are, and where clients are registered."""

import json

import pytest

from tests.cluster.admission.discovery_urls import ADMITTED, REFUSED
from tests.cluster.admission.manifests import complaints, oauth_client
from tests.parts.kubectl import Kubectl

SAID = {
    "url": (
        "spec.discovery.url: Forbidden: write the metadata document's own address, an absolute https URL at the "
        "issuer's origin without user information or fragment, e.g. https://idp.example.com/oauth/metadata.json"
    ),
    "registrationEndpoint": (
        "spec.discovery.registrationEndpoint: Forbidden: write the client registration endpoint as an absolute https "
        "URL at the issuer's origin without user information or fragment, e.g. https://idp.example.com/oauth2/register"
    ),
}
BESIDE_URL = (
    "spec.discovery.form: Forbidden: leave form out beside url, for the metadata are read there and nowhere else"
)


def test_a_url_is_admitted(admin: Kubectl, room: str) -> None:
    for url in ADMITTED:
        for written in ({"url": url}, {"registrationEndpoint": url}, {"url": url, "registrationEndpoint": url}):
            admin.apply(oauth_client(room, discovery=written), "--dry-run=server")


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED)
def test_a_url_is_refused_because(url: str, admin: Kubectl, room: str) -> None:
    said = complaints(admin, oauth_client(room, discovery=dict.fromkeys(SAID, url)))
    assert sorted(said) == sorted(SAID.values())


def test_a_url_that_is_too_long_is_refused(admin: Kubectl, room: str) -> None:
    url = f"https://user:correct-horse@idp.example.com/{'a' * 2048}"
    said = complaints(admin, oauth_client(room, discovery=dict.fromkeys(SAID, url)))
    assert {line.partition(": ")[0] for line in said} >= {f"spec.discovery.{member}" for member in SAID}
    assert "correct-horse" not in "\n".join(said)


@pytest.mark.parametrize("form", ["OpenID", "OAuth"])
def test_a_form_says_nothing_beside_the_document_itself(form: str, admin: Kubectl, room: str) -> None:
    document = {"url": "https://idp.example.com/metadata.json"}
    assert complaints(admin, oauth_client(room, discovery={**document, "form": form})) == [BESIDE_URL]
    # It goes with the endpoint, and what is filled in where nothing is written goes with both.
    admin.apply(oauth_client(room, discovery={"registrationEndpoint": "https://a.example", "form": form}))
    admin.apply(oauth_client(room, discovery={**document, "form": "Auto"}))


def test_they_can_be_added_changed_and_taken_away(admin: Kubectl, room: str) -> None:
    admin.apply(oauth_client(room, "discovered"))
    for discovery in ({"url": "https://a.example/1"}, {"registrationEndpoint": "https://a.example/2"}, {}):
        admin.apply(oauth_client(room, "discovered", discovery=discovery))
        found = admin.json("get", "oauthclient", "discovered", "-n", room)["spec"]["discovery"]
        assert found == {"form": "Auto", **discovery}, json.dumps(found)
