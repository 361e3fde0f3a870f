"""Header fields that say what to do: WWW-Authenticate, Retry-After with Date, DPoP-Nonce, Content-Type."""

from typing import Final

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import DiscoveryFailed, IssuerUnavailable
from oauthclient_operator.exchange import Challenge, Response
from oauthclient_operator.oauth import rfc7591
from oauthclient_operator.oauth.outcome import Rejected
from oauthclient_operator.oauth.retry_after import LIMIT, retry_after
from oauthclient_operator.oauth.rfc8414 import server_metadata
from oauthclient_operator.oauth.rfc9110 import challenges
from oauthclient_operator.oauth.rfc9449 import Nonces, asks_for_nonce
from tests.fuzz.properties import not_shown, one_line
from tests.fuzz.target import Target

PRESENTED: Final = Confidential("presented-token-0123456789abcdef")
URL: Final = "https://issuer.example/register"


def run(data: bytes) -> None:
    written = data.decode("latin-1")
    found = challenges(written)
    if found is not None:
        assert challenges(", ".join(map(_spelt, found))) == found, "challenges are others when they are written"
    for headers in (
        {"retry-after": written},
        {"retry-after": written, "date": "Thu, 01 Jan 2026 12:00:00 GMT"},
        {"retry-after": "Thu, 01 Jan 2026 12:00:00 GMT", "date": written},
        {"retry-after": written, "date": written},
    ):
        seconds = retry_after(headers)
        assert seconds is None or 0 <= seconds <= LIMIT
    outcome = rfc7591.judge(Response(status=401, headers={"www-authenticate": written}), presented=PRESENTED)
    assert isinstance(outcome, Rejected)
    not_shown(PRESENTED, outcome, outcome.sentence())
    one_line(outcome.sentence())
    asks_for_nonce(Response(status=401, headers={"www-authenticate": written, "dpop-nonce": "n"}))
    nonces = Nonces()
    nonces.learn(URL, {"dpop-nonce": written})
    nonce = nonces.of(URL)
    assert nonce is None or all("!" <= c <= "~" for c in nonce)
    try:
        server_metadata(URL, Response(status=200, headers={"content-type": written}, body=b"{}"))
    except (DiscoveryFailed, IssuerUnavailable) as error:
        one_line(str(error))


def _spelt(challenge: Challenge) -> str:
    if challenge.token68 is not None:
        return f"{challenge.scheme} {challenge.token68}"
    parameters = (f'{name}="{_escaped(value)}"' for name, value in challenge.parameters.items())
    return f"{challenge.scheme} {', '.join(parameters)}".rstrip(" ")


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


TARGET: Final = Target(
    name="headers",
    run=run,
    parsers=(challenges, retry_after, asks_for_nonce, Nonces.learn),
    words=(
        b"Bearer",
        b"DPoP",
        b"Basic",
        b'realm="',
        b'error="invalid_token"',
        b'error="use_dpop_nonce"',
        b'error_description="',
        b"presented-token-0123456789abcdef",
        b"Thu, 01 Jan 2026 12:00:00 GMT",
        b"Thursday, 01-Jan-26 12:00:00",
        b"Jan",
        b"-0000",
        b"+9999",
        b"99:99:99",
        b"120",
        b"application/json",
        b", ",
        b"==",
    ),
    limit=2048,
)
