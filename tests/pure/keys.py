"""Private keys as people write them, made up anew for each run."""

import json
import warnings
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.oauth.jose import PrivateKey

Native = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey


@cache
def native(kind: str) -> Native:
    """Return a key: "RSA 2048", "P-256" and its like, "Ed25519"."""
    match kind.split(" "):
        case ["RSA", bits]:
            return rsa.generate_private_key(65537, int(bits))
        case ["Ed25519"]:
            return ed25519.Ed25519PrivateKey.generate()
        case ["Ed448"]:
            return ed448.Ed448PrivateKey.generate()
        case [curve]:
            curves = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}
            return ec.generate_private_key(curves.get(curve) or ec.SECP256K1())
    raise ValueError(kind)


def pem(kind: str, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return native(kind).private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def encrypted_pem(kind: str) -> str:
    encryption = BestAvailableEncryption(b"passphrase")
    return native(kind).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


def public_pem(kind: str) -> str:
    return native(kind).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def members(kind: str, **more: Any) -> dict[str, Any]:
    """Return a private JWK."""
    key = native(kind)
    family: Any = {"R": RSAKey, "P": ECKey, "s": ECKey, "E": OKPKey}[kind[0]]
    with warnings.catch_warnings():
        # Of a small one, which is what some tests want.
        warnings.simplefilter("ignore", SecurityWarning)
        return {**family.import_key(key).as_dict(private=True), **more}


def jwk(kind: str, **more: Any) -> str:
    return json.dumps(members(kind, **more))


def parsed(kind: str) -> PrivateKey:
    return PrivateKey.parse(Confidential(pem(kind)))
