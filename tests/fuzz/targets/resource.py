"""An OAuthClient as a tenant writes it, status and annotations included: every one has a value, an invalid one too."""

from typing import Final

from oauthclient_operator.errors import MalformedJSON
from oauthclient_operator.oauth.json_object import decode
from oauthclient_operator.published_secret import new_secret
from oauthclient_operator.resource.desired import Desired
from oauthclient_operator.resource.kubernetes_names import is_secret_name
from oauthclient_operator.resource.oauth_client import OAuthClient
from oauthclient_operator.resource.publication import Publication
from oauthclient_operator.resource.secret_metadata import secret_metadata
from oauthclient_operator.resource.status import Status
from oauthclient_operator.resource.terms import IssuerTerms
from tests.fuzz.properties import one_line
from tests.fuzz.target import Target

_MESSAGE: Final = 64 * 1024


def run(data: bytes) -> None:
    try:
        body = decode(data, limit=1 << 20)
    except MalformedJSON:
        return
    resource = OAuthClient.parse(body)
    desired = Desired.of(resource, IssuerTerms.of_spec(resource.spec), ("example.com",))
    if desired.problem is None:
        assert desired.metadata is not None
        assert desired.publication is not None
        assert desired.terms.source.urls
    else:
        one_line(desired.problem)
    if (publication := desired.publication) is not None:
        assert is_secret_name(publication.secret_name)
        new_secret(resource, publication, {}).to_json()
    _status(resource.status)


def _status(status: Status) -> None:
    written = status.to_json()
    # Times are written in seconds.
    again = Status.parse(written)
    assert again.to_json() == written, "a status is another when it was written"
    assert again.patch_from(status) is None


TARGET: Final = Target(
    name="resource",
    run=run,
    parsers=(
        OAuthClient.parse,
        Status.parse,
        Status.to_json,
        IssuerTerms.of_spec,
        Desired.of,
        Publication.of,
        secret_metadata,
    ),
    words=tuple(
        word.encode()
        for word in (
            "spec",
            "status",
            "issuer",
            "discovery",
            "form",
            "url",
            "registrationEndpoint",
            "registration",
            "initialAccessToken",
            "secretRef",
            "clientMetadata",
            "policy",
            "deletion",
            "ambiguous",
            "secret",
            "keys",
            "labels",
            "annotations",
            "example.com/team",
            "conditions",
            "lastTransitionTime",
            "observedGeneration",
            "suspectedOrphans",
            "registeredAt",
            "0001-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59-23:59",
            "https://[::1",
            "https://a:99999",
            "https://u@h",
        )
    ),
)
