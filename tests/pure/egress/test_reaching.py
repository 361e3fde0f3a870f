"""What a ClusterOAuthIssuer lets out for its issuer: that is added to what the options let out, for that issuer alone."""

from ipaddress import ip_address

import pytest

from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.egress.url import destination
from oauthclient_operator.errors import EgressRefused
from oauthclient_operator.reach import Reach

ISSUER = "https://idp.example.com/realms/shop"
OPTIONS = EgressPolicy.parse(
    private_issuers=["10.1.0.0/16"], http_issuers=["dev.internal"], endpoint_origins=[f"{ISSUER}=https://b.example"]
)


def reach(**words: object) -> Reach:
    return Reach(owner="u-1", **words)  # type: ignore[arg-type] # by name


def admits(policy: EgressPolicy, address: str, host: str = "idp.example.com") -> bool:
    try:
        policy.admit_address(destination(f"https://{host}/"), ip_address(address))
    except EgressRefused:
        return False
    return True


def opens(policy: EgressPolicy, url: str) -> bool:
    try:
        policy.admit(url)
    except EgressRefused:
        return False
    return True


def test_networks_are_added() -> None:
    policy = OPTIONS.reaching(ISSUER, reach(private_addresses=("10.20.0.0/16", "fd00::/8")))
    assert [admits(policy, a) for a in ("10.1.2.3", "10.20.1.1", "fd00::1", "10.30.0.1", "127.0.0.1")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert not admits(OPTIONS, "10.20.1.1")


def test_plain_http_is_let_out_to_the_issuers_hosts_alone() -> None:
    plain = "http://idp.example.com/realms/shop"
    policy = OPTIONS.reaching(plain, reach(http=True, endpoint_origins=("http://api.example.com",)))
    assert [opens(policy, f"http://{h}/x") for h in ("idp.example.com", "api.example.com", "dev.internal")] == [
        True
    ] * 3
    assert not opens(policy, "http://other.example.com/x")
    assert not opens(OPTIONS.reaching(plain, reach(endpoint_origins=("http://api.example.com",))), plain)


def test_endpoints_at_other_origins_are_the_issuers_own() -> None:
    policy = OPTIONS.reaching(ISSUER, reach(endpoint_origins=("https://api.example.com:8443",)))
    for url in ("https://api.example.com:8443/reg", "https://b.example/reg", "https://idp.example.com/reg"):
        assert policy.admits_endpoint(ISSUER, url), url
    for url in ("https://api.example.com/reg", "https://c.example/reg"):
        assert not policy.admits_endpoint(ISSUER, url), url
    assert not policy.admits_endpoint("https://other.example", "https://api.example.com:8443/reg")


@pytest.mark.parametrize(
    "words",
    [
        {"private_addresses": ("everything", "0.0.0.0/99")},
        {"endpoint_origins": ("nowhere", "ftp://x.example")},
    ],
    ids=str,
)
def test_what_cannot_be_read_lets_nothing_out(words: dict[str, object]) -> None:
    assert OPTIONS.reaching(ISSUER, reach(**words)) == OPTIONS
