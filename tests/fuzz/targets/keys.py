"""A private key that a tenant put into a Secret, as PEM or as a JWK (RFC 7517): one to sign with, or refused."""

from typing import Final

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.oauth.jose import PrivateKey, sign
from oauthclient_operator.oauth.public_keys import PRIVATE_KEY_MEMBERS
from oauthclient_operator.oauth.rfc9449 import proof
from tests.fuzz.properties import not_shown, refused
from tests.fuzz.target import Target

_LONGEST_REFUSAL: Final = 120
"""Characters; refusals are fixed words, and hold nothing of the key."""


def run(data: bytes) -> None:
    text = Confidential(data.decode("utf-8", "replace"))
    try:
        key = PrivateKey.parse(text)
    except ValueError as error:
        refused(error, limit=_LONGEST_REFUSAL)
        return
    assert not set(key.public_jwk) & set(PRIVATE_KEY_MEMBERS)
    not_shown(text, key)
    assert len(key.thumbprint) == 43
    assert key.algorithms
    assert PrivateKey.parse(text) == key
    assert PrivateKey.parse(text, algorithm=key.algorithm).algorithms == (key.algorithm,)
    try:
        sign(key, {}, {"iat": 0})
    except ValueError:
        # Numbers that belong together and are not prime, or a point that is not on the curve.
        return
    not_shown(text, proof(key, method="POST", url="https://issuer.example/register", jti="j", issued_at=0))


TARGET: Final = Target(
    name="keys",
    run=run,
    parsers=(PrivateKey.parse, PrivateKey.only, sign, proof),
    words=(
        b"-----BEGIN PRIVATE KEY-----\n",
        b"-----BEGIN RSA PRIVATE KEY-----\n",
        b"-----BEGIN EC PRIVATE KEY-----\n",
        b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
        b"-----END PRIVATE KEY-----\n",
        b'"kty"',
        b"RSA",
        b"EC",
        b"OKP",
        b"oct",
        b"crv",
        b"P-256",
        b"P-384",
        b"P-521",
        b"secp256k1",
        b"Ed25519",
        b"Ed448",
        b"X25519",
        b"AQAB",
        b"dp",
        b"dq",
        b"qi",
        b"oth",
        b"kid",
        b"alg",
        b"key_ops",
        b"x5c",
    ),
    limit=8192,
)
