"""Private keys that the operator made for a client to authenticate with, each born with the call that registers it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ..confidential import Confidential, NotPickled
from ..oauth import jose
from ..oauth.client_metadata import ClientMetadata
from ..oauth.jose import PrivateKey
from ..oauth.json_object import JSON
from ..oauth.signing_algorithm import SigningAlgorithm


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey(NotPickled):
    """A private key, and its PEM (PKCS #8) as it was made; `kid` is its thumbprint (RFC 7638)."""

    key: PrivateKey
    algorithm: SigningAlgorithm
    pem: Confidential
    born_at: datetime

    @classmethod
    def of(cls, pem: Confidential, algorithm: SigningAlgorithm, born_at: datetime) -> "SigningKey":
        """Read a key from its PEM.

        Raises:
            ValueError: it is no key for that algorithm; in fixed words.
        """
        key = PrivateKey.parse(pem, algorithm=algorithm.value)
        return cls(key=key, algorithm=algorithm, pem=pem, born_at=born_at)

    @classmethod
    def handed_over(cls, key: PrivateKey, now: datetime) -> "SigningKey":
        """Return a key that was handed over for one algorithm; since when it is there nobody says."""
        return cls(key=key, algorithm=SigningAlgorithm(key.algorithm), pem=jose.private_pem(key), born_at=now)

    @property
    def kid(self) -> str:
        """The name by which an assertion says which key signed it (RFC 7515 section 4.1.4)."""
        return self.key.thumbprint

    @property
    def public_jwk(self) -> dict[str, JSON]:
        """The public key as it is registered: servers that hold two keys need `kid` to tell them apart."""
        return {**self.key.public_jwk, "kid": self.kid, "use": "sig", "alg": self.algorithm.value}

    @property
    def private_jwk(self) -> Confidential:
        """The private key as a JWK, for the published Secret."""
        return jose.private_jwk(self.key)


def with_public_keys(metadata: ClientMetadata, keys: Iterable[SigningKey]) -> ClientMetadata:
    """Return client metadata as they are sent: with the public keys of those that are given, if any are."""
    public: list[JSON] = [key.public_jwk for key in keys]
    return ClientMetadata.confirmed({**metadata.members, "jwks": {"keys": public}}) if public else metadata


def lacking(keys: Collection[SigningKey], answered: Mapping[str, JSON]) -> bool:
    """Whether an answer names keys (RFC 7591 section 2: `jwks`), and not all of those that were sent.

    A server that answers without keys says nothing of them.
    """
    jwks = answered.get("jwks")
    listed = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(listed, list) or not listed:
        return False
    return any(not any(isinstance(there, dict) and _is_same(key, there) for there in listed) for key in keys)


def names(key: SigningKey, answered: Mapping[str, JSON]) -> bool:
    """Whether an answer names a key (RFC 7591 section 2: `jwks`)."""
    return bool(answered.get("jwks")) and not lacking((key,), answered)


def names_well(key: SigningKey, answered: Mapping[str, JSON]) -> bool:
    """Whether an answer names a key by its own values and under its own name."""
    public = {**key.key.public_jwk, "kid": key.kid}
    return any(all(there.get(name) == value for name, value in public.items()) for there in _listed(answered))


def as_registered(key: SigningKey, answered: Mapping[str, JSON]) -> SigningKey:
    """Return a key for the algorithm that it is registered with (RFC 7517 section 4.4), where an answer says that."""
    said = [there.get("alg") for there in _listed(answered) if _is_same(key, there)]
    other = next((algorithm for algorithm in SigningAlgorithm if algorithm in said), key.algorithm)
    try:
        return key if key.algorithm in said else SigningKey.of(key.pem, other, key.born_at)
    except ValueError:
        # It is none for that algorithm: what is registered there is another key.
        return key


def _listed(answered: Mapping[str, JSON]) -> list[Mapping[str, JSON]]:
    jwks = answered.get("jwks")
    listed = jwks.get("keys") if isinstance(jwks, dict) else None
    return [there for there in listed if isinstance(there, dict)] if isinstance(listed, list) else []


def _is_same(key: SigningKey, there: Mapping[str, JSON]) -> bool:
    """Whether a public key is that one, whatever the server calls it, or however it spells it."""
    return there.get("kid") == key.kid or all(there.get(name) == v for name, v in key.key.public_jwk.items())
