"""Private keys by chance that comes again, in place of the operating system's: a life is to be the same each time."""

import random
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.oauth.jose import PrivateKey
from oauthclient_operator.oauth.json_object import JSON

ALGORITHMS: Final = ("ES256", "EdDSA")
"""Those of `spec.privateKey.algorithm` whose keys take no time to make."""
_BITS: Final = 248
"""Fewer than the order of the curve has, so that any such number is a private key."""


def made(rng: random.Random, algorithm: str) -> PrivateKey:
    """Make a key for an algorithm."""
    native: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    if algorithm == "ES256":
        native = ec.derive_private_key(rng.getrandbits(_BITS) + 1, ec.SECP256R1())
    else:
        native = ed25519.Ed25519PrivateKey.from_private_bytes(rng.randbytes(32))
    pem = native.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return PrivateKey.parse(Confidential(pem), algorithm="ES256" if algorithm == "ES256" else "EdDSA")


def by(rng: random.Random) -> Callable[[str], PrivateKey]:
    """Return what makes keys by that chance."""
    return lambda algorithm: made(rng, algorithm)


def public(key: PrivateKey) -> dict[str, JSON]:
    """Return the public key as it is registered."""
    return {**key.public_jwk, "kid": key.thumbprint, "use": "sig", "alg": key.algorithm}
