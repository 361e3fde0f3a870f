"""What the operator's configuration lets out: option strings, plain http, addresses and endpoints of another origin."""

from ipaddress import ip_address, ip_network

import pytest

from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.errors import EgressRefused

ISSUER = "https://idp.example.com/realms/shop"


def test_options_are_read_whole() -> None:
    policy = EgressPolicy.parse(
        private_issuers=["IdP.Internal", "10.1.0.0/16", "127.0.0.1", "fd00::/8", "::1"],
        http_issuers=["Dev.Internal", "127.0.0.1", "::1"],
        endpoint_origins=[
            f"{ISSUER}=https://login.example.com",
            f"{ISSUER}=https://b.example:8443",
            "https://a/=x=https://c.example/",
        ],
    )
    assert policy == EgressPolicy(
        private_hosts=frozenset({"idp.internal"}),
        private_networks=tuple(map(ip_network, ("10.1.0.0/16", "127.0.0.1/32", "fd00::/8", "::1/128"))),
        http_hosts=frozenset({"dev.internal", "127.0.0.1", "::1"}),
        endpoint_origins={
            ISSUER: frozenset({("https", "login.example.com", 443), ("https", "b.example", 8443)}),
            "https://a/=x": frozenset({("https", "c.example", 443)}),
        },
    )


@pytest.mark.parametrize(
    "options",
    [
        {"private_issuers": [written]}
        for written in ("", "10.0.0.1/8", "10.0.0.0/33", "127.1", "*.internal", "https://idp.internal", "idp:8443", "0177.0.0.1")
    ]
    + [{"http_issuers": [written]} for written in ("", "10.0.0.0/8", "http://idp.internal", "idp:80", "[::1]")]
    + [
        {"endpoint_origins": [written]}
        for written in (
            "",
            "https://login.example.com",
            f"{ISSUER}=",
            f"{ISSUER}=login.example.com",
            f"{ISSUER}=https://login.example.com/path",
            f"{ISSUER}=https://login.example.com?query",
            "=https://login.example.com",
            "idp.example.com=https://login.example.com",
        )
    ],
    ids=str,
)  # fmt: skip
def test_an_option_that_cannot_mean_anything_is_refused(options: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match=r"--allow-.* takes "):
        EgressPolicy.parse(**options)


@pytest.mark.parametrize(
    "url",
    [
        "http://idp.example.com/",
        "http://dev.internal.evil.example/",
        "http://xdev.internal/",
        "https://127.0.0.1/",
        "https://10.2.0.1/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::1]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://0.0.0.0/",
        "https://[::]/",
    ],
)
def test_what_is_not_listed_is_refused(url: str) -> None:
    policy = EgressPolicy.parse(private_issuers=["10.1.0.0/16"], http_issuers=["dev.internal"])
    with pytest.raises(EgressRefused):
        policy.admit(url)


def test_private_addresses_and_plain_http_are_allowed_apart() -> None:
    private = EgressPolicy.parse(private_issuers=["127.0.0.1"])
    plain = EgressPolicy.parse(http_issuers=["127.0.0.1"])
    both = EgressPolicy.parse(private_issuers=["127.0.0.1"], http_issuers=["127.0.0.1"])
    with pytest.raises(EgressRefused, match="plain http"):
        private.admit("http://127.0.0.1/")
    with pytest.raises(EgressRefused, match="is a loopback address"):
        plain.admit("http://127.0.0.1/")
    assert both.admit("http://127.0.0.1/").address == ip_address("127.0.0.1")


def test_the_refusal_of_a_name_does_not_say_what_it_resolves_to() -> None:
    policy = EgressPolicy()
    to = policy.admit("https://idp.example.com/")
    with pytest.raises(EgressRefused, match=r"idp\.example\.com resolves to a private address") as refusal:
        policy.admit_address(to, ip_address("10.11.12.13"))
    assert "10.11.12.13" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "admitted"),
    [
        ("https://idp.example.com/reg", True),
        ("https://IDP.example.com:443/other/reg?client_id=x", True),
        ("https://login.example.com/reg", True),
        ("https://idp.example.com:8443/reg", False),
        ("http://idp.example.com/reg", False),
        ("http://login.example.com/reg", False),
        ("https://idp.example.com.evil.example/reg", False),
        ("https://evil.example/https://idp.example.com/", False),
        ("https://idp.example.com@evil.example/", False),
        ("https://other.example.com/reg", False),
        ("/reg", False),
        ("", False),
    ],
)
def test_an_endpoint_is_held_to_the_issuers_origin_or_a_named_one(url: str, admitted: bool) -> None:
    policy = EgressPolicy.parse(endpoint_origins=[f"{ISSUER}=https://login.example.com"])
    assert policy.admits_endpoint(ISSUER, url) is admitted


def test_an_origin_is_named_for_one_issuer_and_no_other() -> None:
    policy = EgressPolicy.parse(endpoint_origins=[f"{ISSUER}=https://login.example.com"])
    assert not policy.admits_endpoint("https://idp.example.com/realms/other", "https://login.example.com/reg")
    assert not policy.admits_endpoint(f"{ISSUER}/", "https://login.example.com/reg")
