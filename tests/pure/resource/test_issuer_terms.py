"""What the spec of an issuer resource says: whom to trust, where it may be, how clients are let in, what they get."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import DiscoveryForm
from oauthclient_operator.reach import IssuerAddress, Reach
from oauthclient_operator.resource.allowed import AllowedNamespaces
from oauthclient_operator.resource.client_defaults import ClientDefaults
from oauthclient_operator.resource.cluster_oauth_issuer import ClusterOAuthIssuer
from oauthclient_operator.resource.issuer_reach import CA_BUNDLE_LIMIT, CABundleReference, ca_bundle_reference
from oauthclient_operator.resource.issuer_reference import AppliedIssuer
from oauthclient_operator.resource.rotation import RotationDefaults, RotationStrategy
from oauthclient_operator.resource.terms import ByInitialAccessToken, IssuerResource, IssuerTerms, Open
from tests.pure.resource.issuers import AUTHORITY, ISSUER_UID, desired_of, issuer_body, terms_of_issuer
from tests.pure.resource.test_desired import VALUES
from tests.pure.values import ISSUER

OTHER = AUTHORITY.replace("MAMCAQE=", "MAMCAQI=")
REFERENCE = {"caBundleRef": {"name": "corporate-ca"}}


def test_the_least_says_who_it_is_and_opens_nothing() -> None:
    found = terms_of_issuer(generation=4)
    assert found.resource == IssuerResource(name="corporate", uid=ISSUER_UID, generation=4)
    assert found.address == IssuerAddress(ISSUER, Reach(owner=ISSUER_UID))
    assert found.source == MetadataSource(issuer=ISSUER, reach=Reach(owner=ISSUER_UID))
    assert (found.access, found.defaults, found.problems) == (Open(), ClientDefaults(), ())
    assert found.applied == AppliedIssuer(url=ISSUER, name="corporate", uid=ISSUER_UID, generation=4)


def test_all_that_can_be_said() -> None:
    found = terms_of_issuer(
        discovery={"form": "OAuth", "registrationEndpoint": f"{ISSUER}/register"},
        trust={"caBundle": AUTHORITY, "systemAuthorities": True},
        reach={
            "privateAddresses": ["fd00::/8", "10.20.0.0/16"],
            "http": True,
            "endpointOrigins": ["https://b.example", "http://a.example"],
        },
        access={"initialAccessToken": {"secretRef": {"name": "idp-token"}}},
        allowed={"namespaces": {"names": ["shop"]}, "redirectURIs": []},
        defaults={"proof": {"interval": "12h"}, "rotation": {"overlap": "48h"}},
        clientMetadata={"defaults": {"scope": "openid"}, "fixed": {"dpop_bound_access_tokens": True}},
    )
    assert found.problems == ()
    assert (found.form, found.registration_endpoint) == (DiscoveryForm.OAUTH, f"{ISSUER}/register")
    assert found.reach == Reach(
        owner=ISSUER_UID,
        authorities=AUTHORITY,
        system_authorities=True,
        private_addresses=("10.20.0.0/16", "fd00::/8"),
        http=True,
        endpoint_origins=("http://a.example", "https://b.example"),
    )
    assert found.access == ByInitialAccessToken("idp-token")
    assert found.allowed is not None
    assert found.allowed.namespaces == AllowedNamespaces(names=frozenset({"shop"}))
    assert found.defaults == ClientDefaults(
        proof_interval=timedelta(hours=12), rotation=RotationDefaults(overlap=timedelta(hours=48))
    )
    assert (found.metadata.defaults, found.metadata.fixed) == (
        {"scope": "openid"},
        {"dpop_bound_access_tokens": True},
    )


def test_the_same_in_another_order_is_the_same_reach() -> None:
    networks = ["10.0.0.0/8", "fd00::/8"]
    one, other = (
        terms_of_issuer(reach={"privateAddresses": n}).reach for n in (networks, [*networks[::-1], "10.1.0.0/8"])
    )
    assert one == other


@pytest.mark.parametrize(
    ("trust", "bundle", "authorities"),
    [
        pytest.param({"systemAuthorities": True}, None, None, id="the system's"),
        pytest.param(
            {"caBundle": f"# our CA\n{AUTHORITY}junk\n{OTHER}"}, None, AUTHORITY + OTHER, id="certificates alone"
        ),
        pytest.param({"caBundle": AUTHORITY * 2}, None, AUTHORITY, id="each once"),
        pytest.param(REFERENCE, OTHER, OTHER, id="those of a ConfigMap"),
    ],
)
def test_which_authorities_are_believed(trust: dict[str, Any], bundle: str | None, authorities: str | None) -> None:
    found = terms_of_issuer(trust=trust, ca_bundle=bundle)
    assert found.problems == ()
    assert found.reach is not None
    assert found.reach.authorities == authorities


def _large() -> str:
    der = b"\x30\x82\x10\x00"
    blocks = (der + i.to_bytes(2) + bytes(0x1000 - 2) for i in range(20))
    return "".join(
        f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(block).decode()}\n-----END CERTIFICATE-----\n"
        for block in blocks
    )


@pytest.mark.parametrize(
    ("trust", "bundle", "says"),
    [
        pytest.param(
            REFERENCE,
            None,
            "spec.trust.caBundleRef: there is no ConfigMap corporate-ca with a key ca.crt in the operator's namespace",
            id="a ConfigMap that is not there",
        ),
        pytest.param(
            REFERENCE,
            "no PEM",
            "spec.trust.caBundleRef: ConfigMap corporate-ca, key ca.crt, has to hold",
            id="no PEM there",
        ),
        pytest.param(
            REFERENCE,
            _large(),
            f"ConfigMap corporate-ca, key ca.crt, holds more than {CA_BUNDLE_LIMIT // 1024} KiB of certificates",
            id="more than each client's record should hold",
        ),
        pytest.param({"caBundle": "no PEM"}, None, "spec.trust.caBundle has to hold certificates", id="no PEM"),
        pytest.param({"caBundle": 7}, None, "spec.trust.caBundle has to hold certificates", id="a number"),
        pytest.param(
            {"caBundle": f"{AUTHORITY}-----BEGIN EC PRIVATE KEY-----"}, None, "and no private key", id="a private key"
        ),
        pytest.param(
            {"caBundle": AUTHORITY.replace("MAMC", "MAQC")}, None, "that is cut short", id="a certificate that was cut"
        ),
        pytest.param({"caBundle": AUTHORITY.replace("E=", "E")}, None, "that is cut short", id="no base64"),
        pytest.param({"caBundle": AUTHORITY.replace("\n", " ")}, None, "that is cut short", id="all in one line"),
        pytest.param({"caBundle": AUTHORITY, **REFERENCE}, AUTHORITY, "not both", id="two sources"),
        pytest.param({"caBundl": AUTHORITY}, None, "and nothing else", id="a member that is not known"),
        pytest.param({}, None, "spec.trust: write caBundle", id="nothing"),
        pytest.param({"systemAuthorities": "yes"}, None, "spec.trust.systemAuthorities: write true", id="a word"),
        pytest.param({"caBundleRef": {"name": "CA"}}, AUTHORITY, "write the name of a ConfigMap", id="no name"),
    ],
)
def test_trust_that_cannot_be_honoured_is_said_and_no_authority_is_believed_by_it(
    trust: dict[str, Any], bundle: str | None, says: str
) -> None:
    found = terms_of_issuer(trust=trust, ca_bundle=bundle)
    assert len(found.problems) == 1
    assert says in found.problems[0]
    assert found.reach is not None
    assert found.reach.authorities is None


@pytest.mark.parametrize(
    ("trust", "reference"),
    [
        pytest.param(REFERENCE, CABundleReference("corporate-ca", "ca.crt"), id="its usual key"),
        pytest.param(
            {"caBundleRef": {"name": "ca", "key": "x.pem"}}, CABundleReference("ca", "x.pem"), id="another key"
        ),
        pytest.param({"caBundle": AUTHORITY}, None, id="none"),
        pytest.param({"caBundleRef": {"name": "ca", "key": ".."}}, None, id="no key"),
        pytest.param({"caBundleRef": "ca"}, None, id="no object"),
    ],
)
def test_which_config_map_is_read(trust: dict[str, Any], reference: CABundleReference | None) -> None:
    assert ca_bundle_reference({"trust": trust}) == reference


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        pytest.param(
            {"issuer": "http://idp.example"}, "spec.issuer: write an https URL, or reach.http: true", id="http"
        ),
        pytest.param({"reach": {"http": "yes"}}, "spec.reach.http: write true or false", id="http by a word"),
        pytest.param(
            {"reach": {"privateAddresses": "10.0.0.0/8"}},
            "spec.reach.privateAddresses: write a list of at most 64 strings",
            id="a network that is no list",
        ),
        pytest.param(
            {"reach": {"endpointOrigins": ["https://a.example"] * 17}},
            "spec.reach.endpointOrigins: write a list of at most 16 strings",
            id="too many origins",
        ),
        pytest.param(
            {"reach": {"endpointOrigins": ["https://a.example."]}},
            "spec.reach.endpointOrigins[0]: write an origin",
            id="an origin that nobody can reach",
        ),
        pytest.param(
            {"access": {"secretlessBroker": {"method": "Bearer"}}},
            "spec.access: write one of initialAccessToken, clientCredentials and serviceAccountToken",
            id="a way in that is not known",
        ),
        pytest.param(
            {"access": {"initialAccessToken": {"secretRef": {}}}},
            "spec.access.initialAccessToken.secretRef.name: write the name",
            id="a Secret without a name",
        ),
        pytest.param({"allowed": None}, "spec.allowed: write namespaces", id="nothing allowed"),
        pytest.param(
            {"defaults": {"proof": {"interval": "0m"}}}, "spec.defaults.proof.interval: write a time", id="always"
        ),
        pytest.param(
            {"defaults": {"rotation": {"interval": "1h", "overlap": "31m"}}},
            "spec.defaults.rotation.interval: write at least twice",
            id="a rotation that contradicts itself",
        ),
        pytest.param(
            {"defaults": {"rotation": {"strategy": "Never"}}},
            "spec.defaults.rotation.strategy: write one of",
            id="no strategy",
        ),
    ],
)
def test_what_cannot_be_honoured_is_named_by_its_place(spec: dict[str, Any], says: str) -> None:
    (problem,) = terms_of_issuer(**spec).problems
    assert problem.startswith(says)


MEMBERS = ("issuer", "discovery", "trust", "reach", "access", "allowed", "clientMetadata", "defaults")


@given(st.dictionaries(st.sampled_from(MEMBERS), VALUES), st.none() | st.text())
def test_any_spec_has_terms(spec: dict[str, Any], ca_bundle: str | None) -> None:
    body = {**issuer_body(), "spec": spec}
    found = IssuerTerms.of_issuer(ClusterOAuthIssuer.parse(body), ca_bundle)
    # Without an issuer that is one, and what is allowed, there is always something to say.
    assert found.problems


@pytest.mark.parametrize(
    ("dialect", "managed"),
    [({}, True), ({"management": "Access"}, True), ({"management": "None"}, False), ({"management": "none"}, True)],
    ids=["nothing is said", "by access", "by nothing", "a word that is none"],
)
def test_a_record_has_to_know_whether_clients_are_managed_at_all(dialect: dict[str, Any], managed: bool) -> None:
    terms = terms_of_issuer(dialect=dialect)
    assert terms.reach is not None
    assert terms.reach.managed is managed


def test_a_client_under_terms_with_a_problem_has_none_itself_and_is_not_honoured() -> None:
    terms = terms_of_issuer(trust=REFERENCE)
    found = desired_of(terms)
    assert (len(terms.problems), found.problems, found.honoured) == (1, (), False)
    assert desired_of(terms_of_issuer()).honoured


def test_a_token_in_the_operators_namespace_is_not_the_secret_of_its_name_in_the_clients() -> None:
    terms = terms_of_issuer(access={"initialAccessToken": {"secretRef": {"name": "web"}}})
    found = desired_of(terms)
    assert found.publication is not None
    assert (found.publication.secret_name, found.problems) == ("web", ())


@pytest.mark.parametrize(
    ("rotation", "own_keys", "strategy", "interval", "overlap"),
    [
        pytest.param({}, False, RotationStrategy.REREGISTER, 720, 48, id="all of the defaults"),
        pytest.param({"strategy": "Auto"}, False, RotationStrategy.AUTO, None, 48, id="no calendar without its word"),
        pytest.param({"strategy": "Auto"}, True, RotationStrategy.AUTO, 720, 48, id="a calendar for own keys"),
        pytest.param({"overlap": "400h"}, False, RotationStrategy.REREGISTER, 800, 400, id="a longer overlap"),
        pytest.param({"interval": "24h"}, False, RotationStrategy.REREGISTER, 24, 12, id="a shorter interval"),
        pytest.param(
            {"interval": "2400h", "overlap": "1h"}, False, RotationStrategy.REREGISTER, 2400, 1, id="the client's own"
        ),
    ],
)
def test_defaults_of_rotation_yield_to_what_a_client_writes(
    rotation: dict[str, Any],
    own_keys: bool,
    strategy: RotationStrategy,
    interval: int | None,
    overlap: int,
) -> None:
    terms = terms_of_issuer(defaults={"rotation": {"interval": "720h", "overlap": "48h", "strategy": "Reregister"}})
    keys: dict[str, Any] = {
        "privateKey": {},
        "clientMetadata": {
            "redirect_uris": ["https://shop.example/callback"],
            "token_endpoint_auth_method": "private_key_jwt",
        },
    }
    found = desired_of(terms, rotation=rotation, **(keys if own_keys else {}))
    assert found.problems == ()
    assert found.rotation.strategy is strategy
    assert found.rotation.interval == (None if interval is None else timedelta(hours=interval))
    assert found.rotation.overlap == timedelta(hours=overlap)


def test_keys_by_default_are_for_clients_that_have_them() -> None:
    terms = terms_of_issuer(defaults={"rotation": {"strategy": "Keys", "interval": "720h"}})
    found = desired_of(terms)
    assert (found.problems, found.rotation.strategy, found.rotation.interval) == ((), RotationStrategy.AUTO, None)
