"""What a program may reach that chose its issuer itself: more than a tenant's choice, and not everything."""

from ipaddress import ip_address

import pytest

from oauthclient_operator.egress.policy import ProgramPolicy
from oauthclient_operator.egress.url import destination
from oauthclient_operator.errors import EgressRefused

SAFE, INSECURE = ProgramPolicy(), ProgramPolicy(insecure=True)
NAME = destination("https://idp.example.com")


@pytest.mark.parametrize("host", ["idp.example.com", "8.8.8.8", "127.0.0.1", "10.1.2.3", "[::1]", "[fd00::1]"])
def test_https_goes_out_to_public_and_to_private_hosts(host: str) -> None:
    assert SAFE.admit(f"https://{host}:8443/a").port == 8443
    assert SAFE.admits_endpoint("https://other.example.com", f"https://{host}/reg")


@pytest.mark.parametrize("host", ["idp.example.com", "127.0.0.1", "localhost"])
def test_plain_http_needs_to_be_said(host: str) -> None:
    url = f"http://{host}/"
    with pytest.raises(EgressRefused, match="use https"):
        SAFE.admit(url)
    assert not SAFE.admits_endpoint(url, url)
    assert INSECURE.admit(url).scheme == "http"


NO_SERVER = ["169.254.169.254", "100.100.100.200", "168.63.129.16", "fe80::1", "fd00:ec2::254", "0.0.0.0", "224.0.0.1"]


@pytest.mark.parametrize("address", NO_SERVER)
@pytest.mark.parametrize("policy", [SAFE, INSECURE], ids=["safe", "insecure"])
def test_an_address_that_no_authorization_server_has_is_never_called(address: str, policy: ProgramPolicy) -> None:
    with pytest.raises(EgressRefused, match="resolves to"):
        policy.admit_address(NAME, ip_address(address))
    literal = f"[{address}]" if ":" in address else address
    with pytest.raises(EgressRefused):
        policy.admit(f"https://{literal}/")


@pytest.mark.parametrize("url", ["ftp://idp.example.com", "https://a@idp.example.com", "idp.example.com", "https://"])
def test_what_the_door_does_not_understand_is_refused(url: str) -> None:
    with pytest.raises(EgressRefused):
        INSECURE.admit(url)
