"""Signed JSON (RFC 7515) and the private keys it is signed with: the one door to joserfc and cryptography."""

import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey, import_key, thumbprint
from joserfc.jws import JWSRegistry, serialize_compact
from joserfc.util import base64_to_int

from ..confidential import Confidential
from ..errors import MalformedJSON
from .json_object import JSON, decode

PEM_LIMIT: Final = 3400
"""Characters of a PEM file: an RSA key of 4096 bits fits."""
_CURVE_PEM_LIMIT: Final = 1000
"""Characters of a PEM file with an EC key, its parameters beside it; larger ones hold RSA keys."""
_RSA_PEM: Final = re.compile(
    # PKCS #1, what cannot be read anyway, and PKCS #8 with an object identifier of PKCS #1 in it.
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

MAC_ALGORITHMS: Final = ("HS256", "HS384", "HS512")
"""RFC 7518 section 3.2."""

_RSA_ALGORITHMS: Final = ("RS256", "PS256", "RS384", "PS384", "RS512", "PS512")
_EC_ALGORITHMS: Final = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_ED25519_ALGORITHMS: Final = ("Ed25519", "EdDSA")
"""RFC 9864 section 2.2: the name that says which curve, before the deprecated one that does not."""
_CRT_MEMBERS: Final = ("p", "q", "dp", "dq", "qi")

_Native: TypeAlias = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey
_Key: TypeAlias = RSAKey | ECKey | OKPKey


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateKey:
    """A private key to sign with; nothing but `sign` gets to what is private in it, and its repr does not show it.

    `algorithms` are the JWS algorithms (RFC 7518 section 3.1, RFC 9864 section 2) that it can be used with, the
    usual one first; `thumbprint` is that of RFC 7638, by SHA-256. Two keys are equal if their public parts and their
    algorithms are.
    """

    algorithms: tuple[str, ...]
    thumbprint: str
    kid: str | None
    public_jwk: Mapping[str, JSON] = field(compare=False)
    _key: _Key = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: Confidential, *, algorithm: str | None = None) -> "PrivateKey":
        """Read an unencrypted PEM file (PKCS #8, PKCS #1 or SEC 1) or a private JWK (RFC 7517 section 4).

        RSA of 2048 to 4096 bits, P-256, P-384, P-521 and Ed25519 are taken. `algorithm`, or else the JWK's own `alg`,
        fixes the JWS algorithm.

        Raises:
            ValueError: it is not such a key, or does not fit the algorithm; in fixed words.
        """
        found = _read(text.reveal())
        if isinstance(found, str):
            # Raised out here, without context: nobody knows what the exceptions of others quote.
            raise ValueError(found)  # noqa: TRY004 - it is no matter of types
        native, kid, own_algorithm = found
        key, algorithms = _capable(native)
        # From the private part: what stands beside it in a JWK need not be of the same key. Only the members of RFC
        # 7638 section 3.2, for nothing else of a JWK is for everybody.
        public = cast("dict[str, JSON]", type(key).import_key(native.public_key()).as_dict(private=False))  # type: ignore[arg-type] # each its own
        parsed = cls(algorithms=algorithms, thumbprint=thumbprint(public), kid=kid, public_jwk=public, _key=key)
        wanted = algorithm or own_algorithm
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
    # Out here, without context: the library's words quote the header.
    raise ValueError("the header has a parameter of the wrong type (RFC 7515 section 4.1)")


def _capable(native: _Native) -> tuple[_Key, tuple[str, ...]]:
    match native:
        case RSAPrivateKey():
            return RSAKey.import_key(native), _RSA_ALGORITHMS
        case EllipticCurvePrivateKey():
            return ECKey.import_key(native), (_EC_ALGORITHMS[native.curve.name],)
        case _:
            return OKPKey.import_key(native), _ED25519_ALGORITHMS


def _read(text: str) -> tuple[_Native, str | None, str | None] | str:
    """Return a key with its `kid` and `alg`, or what is wrong with it."""
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


def _from_jwk(text: str) -> tuple[_Native, str | None, str | None] | str:
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
        # To find the factors again takes seconds.
        return "the JWK lacks p, q, dp, dq or qi (RFC 7518 section 6.3.2)"
    try:
        # What a JWK says of its use is for those who choose between keys.
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


def _admitted(native: object, kid: str | None, algorithm: str | None) -> tuple[_Native, str | None, str | None] | str:
    match native:
        case RSAPrivateKey() if native.key_size < RSA_BITS:
            return f"the private key is too small: RSA keys have {RSA_BITS} bits at least (RFC 7518 section 3.3)"
        case RSAPrivateKey() if native.key_size > _RSA_BITS_MOST:
            return f"the private key is too large: RSA keys have {_RSA_BITS_MOST} bits at most"
        case EllipticCurvePrivateKey() if native.curve.name not in _EC_ALGORITHMS:
            return "the private key is on an unknown curve; P-256, P-384 and P-521 are known"
        case RSAPrivateKey() | EllipticCurvePrivateKey() | Ed25519PrivateKey():
            return native, kid, algorithm
        case _:
            return "the private key is of an unknown kind; RSA, EC and Ed25519 are known"
