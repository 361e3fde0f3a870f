"""After an answer that ends the search for an issuer's metadata it is said what to write, if another place may have them."""

import pytest

from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import DiscoveryForm
from oauthclient_operator.resource.discovery import where_to_look

ISSUER = "https://idp.example/realms/shop"


def source(issuer: str = ISSUER, form: DiscoveryForm = DiscoveryForm.AUTO) -> MetadataSource:
    return MetadataSource(issuer=issuer, form=form)


@pytest.mark.parametrize("status", [200, 204, 301, 302, 307, 400, 401, 403, 405, 406, 410])
def test_other_places_are_named_after_whatever_ends_the_search(status: int) -> None:
    hint = where_to_look(ISSUER, source(), status)
    assert hint is not None
    assert "spec.discovery.form: OAuth (RFC 8414) or OpenID" in hint


@pytest.mark.parametrize("status", [None, 404])
def test_a_document_or_none_anywhere_is_no_reason_to_look_elsewhere(status: int | None) -> None:
    assert where_to_look(ISSUER, source(), status) is None


@pytest.mark.parametrize("form", [DiscoveryForm.OAUTH, DiscoveryForm.OPENID])
def test_where_one_place_was_asked_for_there_is_no_other(form: DiscoveryForm) -> None:
    assert where_to_look(ISSUER, source(form=form), 302) is None


def test_an_issuer_that_is_written_wrongly_is_said_before_anything_else() -> None:
    document = f"{ISSUER}/.well-known/openid-configuration"
    hint = where_to_look(document, source(document), 302)
    assert hint is not None
    assert "spec.issuer is the address of a metadata document" in hint
    hint = where_to_look(ISSUER.replace("https", "HTTPS"), source(), 302)
    assert hint is not None
    assert "scheme in upper case" in hint
