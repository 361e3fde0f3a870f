"""Private keys as somebody wrote them down, in PEM or as a JWK: read within bounds, or what is wrong with them.

What is read may be a tenant's: one that takes long to be read, or whose numbers do not belong together, is refused.
"""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    SECP521R1,
    EllipticCurve,
    EllipticCurvePrivateKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import import_key
from joserfc.util import base64_to_int

from ..errors import MalformedJSON
from .json_object import JSON, decode

PEM_LIMIT: Final = 3400
"""Characters of a PEM file: an RSA key of 4096 bits fits."""
_CURVE_PEM_LIMIT: Final = 1000
"""Characters of a PEM file with an EC key, its parameters beside it; larger ones hold RSA keys."""
_RSA_PEM: Final = re.compile(
    # PKCS #1; an encrypted key, which is refused in words of its own; PKCS #8 with an object identifier of PKCS #1.
    r"-----BEGIN (?:RSA PRIVATE KEY-----|ENCRYPTED PRIVATE KEY-----"
    r"|PRIVATE KEY-----\s+MII[A-Za-z0-9+/]{5}AD[AB][A-Za-z0-9+/]BgkqhkiG9w0BAQ)"
)
JWK_LIMIT: Final = 16 * 1024
"""Characters of a JWK: there may be certificates in it."""
_MODULUS_LIMIT: Final = 684
"""Characters of an RSA modulus of 4096 bits and a leading zero."""
RSA_BITS: Final = 2048
"""RFC 7518 sections 3.3 and 3.5: "A key of size 2048 bits or larger MUST be used"."""
_RSA_BITS_MOST: Final = 4096
_EXPONENT_BITS_MOST: Final = 256

EC_CURVES: Final[Mapping[str, EllipticCurve]] = {"ES256": SECP256R1(), "ES384": SECP384R1(), "ES512": SECP521R1()}
"""By the JWS algorithm that is for each (RFC 7518 section 3.4)."""
_CURVES: Final = frozenset(curve.name for curve in EC_CURVES.values())
_CRT_MEMBERS: Final = ("p", "q", "dp", "dq", "qi")

NativeKey: TypeAlias = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class WrittenKey:
    """A key that was read, with its `kid` and `alg` where it is a JWK that says them."""

    native: NativeKey = field(repr=False)
    kid: str | None
    algorithm: str | None


def read_private_key(text: str) -> WrittenKey | str:
    """Read an unencrypted PEM file or a private JWK, or return what is wrong with it, in fixed words."""
    text = text.strip()
    if text.startswith("{"):
        return _from_jwk(text)
    if len(text) > PEM_LIMIT:
        return "the private key is too large: RSA keys have 4096 bits at most"
    if "-----BEGIN " not in text:
        return "the private key is neither PEM nor a JWK"
    if "PRIVATE KEY-----" not in text:
        return "the key is not a private one"
    if len(text) > _CURVE_PEM_LIMIT and (text.count("-----BEGIN ") != 1 or _RSA_PEM.search(text) is None):
        # A Diffie-Hellman key of that size takes a tenth of a second to be read, and is none to sign with.
        return "the private key is malformed or of an unknown kind"
    try:
        # Whether the factors are prime takes a quarter of a second, in which no other thread runs.
        native = load_pem_private_key(text.encode(), password=None, unsafe_skip_rsa_key_validation=True)
        if isinstance(native, RSAPrivateKey) and not _is_coherent(native.private_numbers()):
            return "the private key is malformed: its numbers do not belong together"
    except TypeError:
        return "the private key is encrypted; write it without a passphrase"
    except (ValueError, UnsupportedAlgorithm):
        return "the private key is malformed or of an unknown kind"
    return _admitted(native, None, None)


def _from_jwk(text: str) -> WrittenKey | str:
    try:
        jwk = decode(text.encode(), limit=JWK_LIMIT)
    except (MalformedJSON, UnicodeEncodeError):
        return "the JWK is not JSON, or is too large"
    kty, kid, algorithm = jwk.get("kty"), jwk.get("kid"), jwk.get("alg")
    if kty == "oct":
        return "the key is symmetric; a private key is needed"
    if "d" not in jwk:
        return "the key is not a private one"
    if not isinstance(kid, str | None) or not isinstance(algorithm, str | None):
        return "the JWK has a kid or an alg that is not a string"
    modulus = jwk.get("n")
    if kty == "RSA" and (not isinstance(modulus, str) or len(modulus) > _MODULUS_LIMIT):
        return "the private key is too large: RSA keys have 4096 bits at most"
    if kty == "RSA" and not all(isinstance(jwk.get(name), str) for name in _CRT_MEMBERS):
        # They could be computed, but that takes seconds, in which nothing else runs.
        return "the JWK lacks p, q, dp, dq or qi (RFC 7518 section 6.3.2)"
    try:
        # `use` and `key_ops` help to choose among several keys; here the key is chosen, and they must not forbid it.
        members = {name: value for name, value in jwk.items() if name not in ("use", "key_ops", "alg", "kid")}
        if kty == "RSA":
            numbers = _rsa_numbers(members)
            if "oth" in members or not _is_coherent(numbers):
                return "the JWK is malformed: its numbers do not belong together"
            return _admitted(numbers.private_key(unsafe_skip_rsa_key_validation=True), kid, algorithm)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)
            native = import_key(cast("dict[str, str | list[str]]", members)).private_key
    except (JoseError, ValueError, TypeError, KeyError, UnsupportedAlgorithm):
        return "the JWK is malformed or of an unknown kind"
    return _admitted(native, kid, algorithm)


def _rsa_numbers(members: Mapping[str, JSON]) -> RSAPrivateNumbers:
    n, e, d, p, q, dp, dq, qi = (base64_to_int(cast("str", members[m])) for m in ("n", "e", "d", *_CRT_MEMBERS))
    return RSAPrivateNumbers(p=p, q=q, d=d, dmp1=dp, dmq1=dq, iqmp=qi, public_numbers=RSAPublicNumbers(e=e, n=n))


def _is_coherent(numbers: RSAPrivateNumbers) -> bool:
    """Whether the numbers of an RSA key are those of one key (RFC 8017 section 3.2); that its factors are prime is not.

    A typing error does not pass. Who makes a key of composite factors on purpose has one that proves nothing; what
    OpenSSL does with it ends all the same, for they are odd, within a tenth of a second.
    """
    n, e = numbers.public_numbers.n, numbers.public_numbers.e
    p, q, d = numbers.p, numbers.q, numbers.d
    return (
        e >= 3
        and e % 2 == 1
        and e.bit_length() <= _EXPONENT_BITS_MOST
        and min(p, q) >= 3
        and p % 2 == q % 2 == 1
        and p * q == n
        and 0 < d < n
        and e * d % (p - 1) == 1
        and e * d % (q - 1) == 1
        and numbers.dmp1 == d % (p - 1)
        and numbers.dmq1 == d % (q - 1)
        and 0 < numbers.iqmp < p
        and numbers.iqmp * q % p == 1
    )


def _admitted(native: object, kid: str | None, algorithm: str | None) -> WrittenKey | str:
    match native:
        case RSAPrivateKey() if native.key_size < RSA_BITS:
            return f"the private key is too small: RSA keys have {RSA_BITS} bits at least (RFC 7518 section 3.3)"
        case RSAPrivateKey() if native.key_size > _RSA_BITS_MOST:
            return f"the private key is too large: RSA keys have {_RSA_BITS_MOST} bits at most"
        case EllipticCurvePrivateKey() if native.curve.name not in _CURVES:
            return "the private key is on an unknown curve; P-256, P-384 and P-521 are known"
        case RSAPrivateKey() | EllipticCurvePrivateKey() | Ed25519PrivateKey():
            return WrittenKey(native, kid, algorithm)
        case _:
            return "the private key is of an unknown kind; RSA, EC and Ed25519 are known"
