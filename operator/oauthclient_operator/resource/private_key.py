"""That a client authenticates with keys which the operator makes for it (`spec.privateKey`), and of which algorithm."""

from collections.abc import Mapping
from typing import Final

from ..oauth.json_object import JSON
from ..oauth.signing_algorithm import SigningAlgorithm
from .json_path import child
from .words import choice

METHOD: Final = "private_key_jwt"
_KEY_SOURCES: Final = ("jwks", "jwks_uri", "signed_jwks_uri")


def is_asked(spec: Mapping[str, JSON]) -> bool:
    """Whether a spec has the member, whatever it says: `{}` is enough."""
    return spec.get("privateKey") is not None


def signing_algorithm(
    spec: Mapping[str, JSON], metadata: Mapping[str, JSON], problems: list[str]
) -> SigningAlgorithm | None:
    """Read the algorithm of the keys to be made, or None where none are asked for; what is wrong is a problem.

    `metadata` are the client's, those that its issuer adds among them.
    """
    if not is_asked(spec):
        return None
    if metadata.get("token_endpoint_auth_method") != METHOD:
        problems.append(
            f"spec.privateKey: it is for token_endpoint_auth_method: {METHOD}; write that in spec.clientMetadata, or "
            "leave privateKey out"
        )
    if any(metadata.get(source) is not None for source in _KEY_SOURCES):
        problems.append(
            "spec.privateKey: write privateKey, or jwks, jwks_uri or signed_jwks_uri in spec.clientMetadata, not both"
        )
    algorithm = choice(child(spec, "privateKey"), "privateKey.algorithm", SigningAlgorithm.ES256, problems)
    written = metadata.get("token_endpoint_auth_signing_alg")
    if algorithm is not None and written is not None and written != algorithm:
        problems.append(
            "spec.clientMetadata.token_endpoint_auth_signing_alg: write the algorithm of spec.privateKey, "
            f"{algorithm.value}, or leave it out"
        )
    return algorithm
