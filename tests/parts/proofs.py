"""DPoP proofs as a server takes them (RFC 9449 section 4.3), for servers of the tests' own."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import import_key

Refusal = tuple[int, dict[str, str], dict[str, str]]
"""Status, members and headers of an answer that refuses."""


def read(proof: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims of a proof whose signature is by the key in it.

    Raises:
        ValueError: it is not.
    """
    try:
        header = json.loads(base64.urlsafe_b64decode(proof.split(".", maxsplit=1)[0] + "=="))
        registry = jws.JWSRegistry(algorithms=[header["alg"]])
        registry.max_header_length = 4096
        found = jws.deserialize_compact(proof, import_key(header["jwk"]), registry=registry)
    except (JoseError, KeyError, TypeError) as error:
        raise ValueError("no DPoP proof") from error
    return found.headers(), json.loads(found.payload or b"")


def thumbprint(proof: str) -> str:
    """Return the thumbprint of the key in a proof."""
    return import_key(read(proof)[0]["jwk"]).thumbprint()


@dataclass(kw_only=True)
class Demand:
    """A server's demand for a proof by the key of that thumbprint, with the nonce that it gave last.

    `nonce` None demands none; `seen` are the proofs that were accepted, `refused` is how many were not.
    """

    jkt: str
    nonce: str | None = None
    seen: list[str] = field(default_factory=list)
    refused: int = 0

    def refusal(
        self, *, method: str, url: str, authorization: str | None, token: str | None, proof: str | None
    ) -> Refusal | None:
        """Return what to answer to a request that is not to be let in, or None."""
        found = self._refusal(method, url, authorization, token, proof)
        if found is None:
            return None
        self.refused += 1
        status, members, headers = found
        # Section 8.2: any response may bring the next nonce.
        return status, members, headers if self.nonce is None else headers | {"DPoP-Nonce": self.nonce}

    def _refusal(
        self, method: str, url: str, authorization: str | None, token: str | None, proof: str | None
    ) -> Refusal | None:
        try:
            header, claims = read(proof or "")
        except ValueError:
            return 401, {"error": "invalid_dpop_proof"}, {"WWW-Authenticate": 'DPoP algs="ES256"'}
        expected = {"htm": method, "htu": url, "iat": claims.get("iat"), "jti": claims.get("jti")}
        if token is not None:
            expected["ath"] = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
        if authorization != (f"DPoP {token}" if token else None) or thumbprint(proof or "") != self.jkt:
            return 401, {"error": "invalid_token"}, {"WWW-Authenticate": 'DPoP error="invalid_token"'}
        wants = {} if self.nonce is None else {"nonce": self.nonce}
        if {n: v for n, v in claims.items() if n != "nonce"} != expected or header["typ"] != "dpop+jwt":
            return 400, {"error": "invalid_dpop_proof"}, {}
        if wants and claims.get("nonce") != self.nonce:
            return 400, {"error": "use_dpop_nonce"}, {}
        if proof in self.seen or claims["jti"] in [read(p)[1]["jti"] for p in self.seen]:
            return 400, {"error": "invalid_dpop_proof"}, {}
        self.seen.append(proof or "")
        return None
