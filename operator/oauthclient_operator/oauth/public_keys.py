"""The keys in client metadata: public ones only, wherever they stand, for whoever may read the metadata reads them."""

from collections.abc import Iterator, Mapping
from typing import Final

from .json_object import JSON

PRIVATE_KEY_MEMBERS: Final = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
"""RFC 7518 sections 6.2.2, 6.3.2 and 6.4."""
_SECRET: Final = frozenset({*PRIVATE_KEY_MEMBERS, "priv"})
"""`priv` is the private part of a key of type AKP."""
_PEM: Final = "PRIVATE KEY-----"


def key_problems(members: Mapping[str, JSON]) -> Iterator[str]:
    """Yield what is wrong with the keys in client metadata."""
    if members.get("jwks") is not None and members.get("jwks_uri") is not None:
        # RFC 7591 section 2: "The "jwks_uri" and "jwks" parameters MUST NOT both be present in the same request or
        # response."
        yield "jwks: write jwks or jwks_uri, not both (RFC 7591 section 2)"
    if any(_discloses(value) for value in members.values()):
        yield (
            "jwks: public keys only: leave out keys of type oct, PEM private keys, and d, p, q, dp, dq, "
            "qi, oth, k and priv (RFC 7518 section 6), and treat a private key that was written here as disclosed"
        )
    if "jwks" in members:
        yield from _set_problems(members["jwks"])


def _set_problems(jwks: JSON) -> Iterator[str]:
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) and _text(key, "kty") for key in keys):
        yield "jwks: write a JWK Set, an object with a list of keys that each have kty (RFC 7517 section 5)"
        return
    uses = {_text(key, "use") for key in keys if isinstance(key, dict)}
    if {"sig", "enc"} <= uses and None in uses:
        yield (
            "jwks: where keys for signing and for encryption stand together, each needs use "
            "(OpenID Connect Registration 1.0 section 2)"
        )


def _discloses(value: JSON) -> bool:
    match value:
        case dict():
            secret = "kty" in value and (value["kty"] == "oct" or not _SECRET.isdisjoint(value))
            return secret or any(_discloses(v) for v in value.values())
        case list():
            return any(_discloses(v) for v in value)
        case str():
            return _PEM in value
        case _:
            return False


def _text(members: Mapping[str, JSON], name: str) -> str | None:
    value = members.get(name)
    return value if isinstance(value, str) and value else None
