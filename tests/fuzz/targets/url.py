"""URLs that a tenant or a server names: what is judged, what is connected to, and what is made of them agree."""

from typing import Final
from urllib.parse import unquote

from oauthclient_operator.egress.addresses import why_refused
from oauthclient_operator.egress.policy import EgressPolicy, ProgramPolicy
from oauthclient_operator.egress.url import destination
from oauthclient_operator.errors import EgressRefused
from oauthclient_operator.oauth.client_configuration_endpoint import names_client
from oauthclient_operator.oauth.rfc8414 import DiscoveryForm, issuer_problem, well_known_urls
from oauthclient_operator.oauth.rfc9449 import Nonces, target
from oauthclient_operator.resource.discovery import written_url
from tests.fuzz.properties import one_line, refused
from tests.fuzz.target import Target

_NONE: Final = EgressPolicy.parse()
_PROGRAM: Final = ProgramPolicy(insecure=True)


def run(data: bytes) -> None:
    url = data.decode("utf-8", "replace")
    problem = issuer_problem(url)
    one_line(problem)
    written_url({"url": url}, "url", "advice", [])
    named = names_client(url, "c1")
    try:
        found = destination(url)
    except EgressRefused as error:
        refused(error)
        assert not _NONE.admits_endpoint(url, url)
        return
    assert found.scheme in ("https", "http")
    assert found.host.isascii()
    assert found.host == found.host.lower()
    assert 0 < found.port < 65536
    assert all("!" <= c <= "~" for c in found.authority + found.target)
    assert not named or "c1" in unquote(found.target), "an address names a client that does not stand in it"
    spelt = f"{found.scheme}://{found.authority}{found.target}"
    assert destination(spelt) == found, "a destination is another when it is written"
    _admitted(url)
    # What DPoP signs, and what is remembered of an origin, by another parser.
    Nonces().learn(url, {"dpop-nonce": "n"})
    signed = destination(target(url))
    assert signed.origin == found.origin, "a proof names another origin"
    assert signed.target == found.target.partition("?")[0], "a proof names another path"
    if problem is None:
        for form in DiscoveryForm:
            for place in well_known_urls(url, form):
                assert destination(place).origin == found.origin, "metadata are looked for at another origin"


def _admitted(url: str) -> None:
    for policy in (_NONE, _PROGRAM):
        try:
            to = policy.admit(url)
        except EgressRefused as error:
            refused(error)
        else:
            assert policy is _PROGRAM or to.scheme == "https"
            assert to.address is None or why_refused(to.address, host_listed=policy is _PROGRAM, networks=()) is None


TARGET: Final = Target(
    name="url",
    run=run,
    parsers=(
        destination,
        issuer_problem,
        names_client,
        well_known_urls,
        target,
        written_url,
        EgressPolicy.admit,
        why_refused,
    ),
    words=(
        b"https://",
        b"HTTP://",
        b"https://[::ffff:127.0.0.1]",
        b"https://[fe80::1%25eth0]",
        b"127.0.0.1",
        b"0x7f.1",
        b"2130706433",
        b"issuer.example",
        b"xn--",
        b"@",
        b"\\",
        b":443",
        b":0443",
        b":99999",
        b"/.well-known/openid-configuration",
        b"?",
        b"#",
        b"%2e",
        b"\t",
        "ｅ".encode(),
        "。".encode(),
        "ß".encode(),
        "\u200d".encode(),
    ),
    limit=2048,
)
