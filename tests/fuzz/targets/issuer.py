"""A ClusterOAuthIssuer, its ConfigMap of authorities and a client of it: all of them have a value, invalid ones too.

The input is JSON: an `issuer`, a `client` and a `configMap` as the API server has them.
"""

from typing import Final

from oauthclient_operator.errors import MalformedJSON
from oauthclient_operator.oauth.json_object import JSON, decode
from oauthclient_operator.oauth.redirection import redirection_problems
from oauthclient_operator.resource.client_defaults import ClientDefaults
from oauthclient_operator.resource.cluster_oauth_issuer import ClusterOAuthIssuer
from oauthclient_operator.resource.config_map import ConfigMap
from oauthclient_operator.resource.desired import Desired
from oauthclient_operator.resource.issuer_metadata import IssuerMetadata
from oauthclient_operator.resource.issuer_reach import CA_BUNDLE_LIMIT, ca_bundle_reference, reach_of
from oauthclient_operator.resource.issuer_reference import AppliedIssuer, IssuerReference
from oauthclient_operator.resource.issuer_status import IssuerStatus
from oauthclient_operator.resource.oauth_client import OAuthClient
from oauthclient_operator.resource.terms import IssuerTerms
from tests.fuzz.properties import one_line
from tests.fuzz.target import Target


def run(data: bytes) -> None:
    try:
        found = decode(data, limit=1 << 20, depth=30)
    except MalformedJSON:
        return
    issuer, client = ClusterOAuthIssuer.parse(_object(found, "issuer")), OAuthClient.parse(_object(found, "client"))
    reference, contents = ca_bundle_reference(issuer.spec), ConfigMap.parse(_object(found, "configMap"))
    terms = IssuerTerms.of_issuer(issuer, None if reference is None else contents.data.get(reference.key))
    for problem in terms.problems:
        one_line(problem)
    assert terms.reach is not None
    assert "PRIVATE KEY" not in (terms.reach.authorities or "")
    assert len(terms.reach.authorities or "") <= CA_BUNDLE_LIMIT
    _client(client, terms)
    written = issuer.status.to_json()
    assert IssuerStatus.parse(written).to_json() == written, "a status is another when it was written"
    applied = client.status.issuer
    assert applied is None or AppliedIssuer.parse({"issuer": applied.to_json()}) == applied


def _client(client: OAuthClient, terms: IssuerTerms) -> None:
    desired = Desired.of(client, terms)
    for problem in desired.problems:
        one_line(problem)
    if desired.metadata is None:
        return
    members = desired.metadata.members
    # What a platform team fixes is in all that is sent, whatever a client wrote.
    assert {name: members[name] for name in terms.metadata.fixed} == terms.metadata.fixed
    assert not list(redirection_problems(members))


def _object(parent: dict[str, JSON], name: str) -> dict[str, JSON]:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}


TARGET: Final = Target(
    name="issuer",
    run=run,
    parsers=(
        ClusterOAuthIssuer.parse,
        IssuerStatus.parse,
        IssuerTerms.of_issuer,
        IssuerMetadata.of,
        IssuerMetadata.over,
        ClientDefaults.of,
        IssuerReference.of,
        AppliedIssuer.parse,
        ConfigMap.parse,
        reach_of,
        ca_bundle_reference,
    ),
    words=tuple(
        word.encode()
        for word in (
            "issuer",
            "client",
            "configMap",
            "data",
            "spec",
            "trust",
            "caBundle",
            "caBundleRef",
            "systemAuthorities",
            "reach",
            "privateAddresses",
            "endpointOrigins",
            "http",
            "access",
            "allowed",
            "clientMetadata",
            "defaults",
            "fixed",
            "proof",
            "rotation",
            "interval",
            "overlap",
            "strategy",
            "issuerRef",
            "-----BEGIN CERTIFICATE-----",
            "-----END CERTIFICATE-----",
            "10.0.0.0/8",
            "fd00::/8",
            "https://[::1",
        )
    ),
)
