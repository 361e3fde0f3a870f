"""Signed JSON (RFC 7515) and the private keys it is signed with: the door to joserfc and cryptography.

How a key is read that somebody wrote down is in `written_keys`.
"""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias, cast

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey, thumbprint
from joserfc.jws import JWSRegistry, serialize_compact

from ..confidential import Confidential
from .json_object import JSON
from .written_keys import EC_CURVES, RSA_BITS, NativeKey, read_private_key

MAC_ALGORITHMS: Final = ("HS256", "HS384", "HS512")
"""RFC 7518 section 3.2."""

_RSA_ALGORITHMS: Final = ("RS256", "PS256", "RS384", "PS384", "RS512", "PS512")
_EC_ALGORITHMS: Final = {curve.name: algorithm for algorithm, curve in EC_CURVES.items()}
_ED25519_ALGORITHMS: Final = ("Ed25519", "EdDSA")
"""RFC 9864 section 2.2: the name that says which curve, before the deprecated one that does not."""

_Key: TypeAlias = RSAKey | ECKey | OKPKey


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateKey:
    """A private key to sign with; `sign` and `private_jwk` alone get to what is private in it, and its repr does not.

    `algorithms` are the JWS algorithms (RFC 7518 section 3.1, RFC 9864 section 2) that it can be used with, the
    usual one first; `thumbprint` is that of RFC 7638, by SHA-256. Two keys are equal if their public parts and their
    algorithms are.
    """

    algorithms: tuple[str, ...]
    thumbprint: str
    kid: str | None
    public_jwk: Mapping[str, JSON] = field(compare=False)
    _key: _Key = field(repr=False, compare=False)

    @staticmethod
    def parse(text: Confidential, *, algorithm: str | None = None) -> "PrivateKey":
        """Read an unencrypted PEM file (PKCS #8, PKCS #1 or SEC 1) or a private JWK (RFC 7517 section 4).

        RSA of 2048 to 4096 bits, P-256, P-384, P-521 and Ed25519 are taken. `algorithm`, or else the JWK's own `alg`,
        fixes the JWS algorithm.

        Raises:
            ValueError: it is not such a key, or does not fit the algorithm; in fixed words.
        """
        found = read_private_key(text.reveal())
        if isinstance(found, str):
            # Not raised where it was found: with the parser's exception as its context it could quote the key.
            raise ValueError(found)  # noqa: TRY004 - it is no matter of types
        parsed = _private_key(found.native, found.kid)
        wanted = algorithm or found.algorithm
        return parsed if wanted is None else parsed.only(wanted)

    def only(self, algorithm: str) -> "PrivateKey":
        """Return the same key for one of its JWS algorithms.

        Raises:
            ValueError: it is none of them.
        """
        if algorithm not in self.algorithms:
            raise ValueError("the private key does not fit its JWS algorithm")
        return replace(self, algorithms=(algorithm,))

    @property
    def algorithm(self) -> str:
        """The JWS algorithm that is used unless another one is asked for."""
        return self.algorithms[0]


def generate(algorithm: str) -> PrivateKey:
    """Make up a private key that fits a JWS algorithm; one of RSA has 2048 bits.

    The one function of this module that is not pure: the library takes its chance from the operating system. That is a
    tenth of a millisecond, and a tenth of a second or more with RSA, in which other threads run.

    Raises:
        ValueError: the algorithm is none that a key of ours signs with.
    """
    native: NativeKey
    if algorithm in EC_CURVES:
        native = generate_ec_key(EC_CURVES[algorithm])
    elif algorithm in _ED25519_ALGORITHMS:
        native = Ed25519PrivateKey.generate()
    elif algorithm in _RSA_ALGORITHMS:
        native = generate_rsa_key(public_exponent=65537, key_size=RSA_BITS)
    else:
        raise ValueError("no private key fits the JWS algorithm")
    return _private_key(native, kid=None)


def private_pem(key: PrivateKey) -> Confidential:
    """Return a private key as PEM (PKCS #8)."""
    native = cast("NativeKey", key._key.private_key)  # noqa: SLF001 - as in `sign`
    return Confidential(native.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def private_jwk(key: PrivateKey) -> Confidential:
    """Return a private key as a JWK (RFC 7517 section 4) that says its `kid`, its use and its algorithm."""
    members = key._key.as_dict(private=True)  # noqa: SLF001 - as in `sign`
    named = {**members, "kid": key.kid or key.thumbprint, "use": "sig", "alg": key.algorithm}
    return Confidential(json.dumps(named, sort_keys=True, separators=(",", ":")))


def sign(key: PrivateKey, header: Mapping[str, JSON], claims: Mapping[str, JSON]) -> str:
    """Return claims as a signed JWT in compact form; `alg` of the header is the key's own unless it is there.

    Raises:
        ValueError: the key does not fit the header's `alg`, or a parameter is of the wrong type.
    """
    algorithm = header.get("alg", key.algorithm)
    if algorithm not in key.algorithms:
        raise ValueError("the private key does not fit the JWS algorithm")
    return _serialized(key._key, {"alg": algorithm, **header}, claims)  # noqa: SLF001 - the one place that signs


def mac(secret: Confidential, header: Mapping[str, JSON], claims: Mapping[str, JSON]) -> str:
    """Return claims as a JWT with a MAC by a client secret (OpenID Connect Core 1.0 section 10.1).

    That a secret is as long as the hash (RFC 7518 section 3.2) is for the server to see to, which chose it.

    Raises:
        ValueError: the secret is empty, or a public key, or the header's `alg` is not one of MAC_ALGORITHMS, or a
            parameter is of the wrong type.
    """
    if header.get("alg") not in MAC_ALGORITHMS:
        raise ValueError("a client secret does not fit the JWS algorithm")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        key = OctKey.import_key(secret.reveal().encode())
    return _serialized(key, header, claims)


def _serialized(key: _Key | OctKey, header: Mapping[str, JSON], claims: Mapping[str, JSON]) -> str:
    payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    registry = JWSRegistry(algorithms=[str(header["alg"])], strict_check_header=False)
    with warnings.catch_warnings():
        # EdDSA is deprecated, and is used where a server knows no other name.
        warnings.simplefilter("ignore", SecurityWarning)
        try:
            return serialize_compact(dict(header), payload, key, registry=registry)
        except JoseError:
            pass
    # Not raised in the except block: its context would be the library's exception, which quotes the header.
    raise ValueError("the header has a parameter of the wrong type (RFC 7515 section 4.1)")


def _private_key(native: NativeKey, kid: str | None) -> PrivateKey:
    key, algorithms = _capable(native)
    # The public key is derived from the private one: the public members of a JWK need not belong to it. Only the
    # members of RFC 7638 section 3.2 are kept: the others of a JWK may be confidential.
    public = cast("dict[str, JSON]", type(key).import_key(native.public_key()).as_dict(private=False))  # type: ignore[arg-type] # each its own
    return PrivateKey(algorithms=algorithms, thumbprint=thumbprint(public), kid=kid, public_jwk=public, _key=key)


def _capable(native: NativeKey) -> tuple[_Key, tuple[str, ...]]:
    match native:
        case RSAPrivateKey():
            return RSAKey.import_key(native), _RSA_ALGORITHMS
        case EllipticCurvePrivateKey():
            return ECKey.import_key(native), (_EC_ALGORITHMS[native.curve.name],)
        case _:
            return OKPKey.import_key(native), _ED25519_ALGORITHMS
