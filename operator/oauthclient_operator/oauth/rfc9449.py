"""DPoP (RFC 9449): the proof that a request carries, the nonces that a server asks for, and how it asks."""

import base64
import hashlib
import re
from collections.abc import Collection, Hashable, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from ..confidential import Confidential
from ..errors import MalformedJSON
from ..exchange import Authorization, Request, Response
from ..fair_cache import FairCache
from .jose import PrivateKey, sign
from .json_object import JSON, decode
from .rfc9110 import challenges

SCHEME: Final = "DPoP"
USE_DPOP_NONCE: Final = "use_dpop_nonce"
INVALID_DPOP_PROOF: Final = "invalid_dpop_proof"
NONCE_HEADER: Final = "dpop-nonce"
NONCE_LIMIT: Final = 1024
"""Characters of a nonce; the proof that holds it has to fit into a header of the server's."""
BYTES_PER_TENANT: Final = 32 * 1024
BYTES_IN_ALL: Final = 1024 * 1024
"""What is kept of nonces: of a hundred usual origins for a tenant."""
_ENTRY_BYTES: Final = 256
"""What one takes beside its characters and its host's."""

_ERROR_LIMIT: Final = 128 * 1024
# RFC 6749 appendix A: NQCHAR. A comma is one, a space is not: a header that was sent twice is no nonce.
_NONCE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
_PORTS: Final = {"https": 443, "http": 80}


def algorithm_for(key: PrivateKey, supported: Collection[str]) -> str | None:
    """Return the JWS algorithm for proofs: the key's first that the server takes, or None if there is none.

    `supported` is `dpop_signing_alg_values_supported` (section 5.1), empty where the server says nothing.
    """
    return next((algorithm for algorithm in key.algorithms if not supported or algorithm in supported), None)


def proof(
    key: PrivateKey,
    *,
    method: str,
    url: str,
    jti: str,
    issued_at: int,
    nonce: str | None = None,
    access_token: Confidential | None = None,
    algorithm: str | None = None,
) -> Confidential:
    """Return a proof for one request (section 4.2).

    `jti` is never used again and has 96 random bits or more; `issued_at` is in seconds since the epoch.
    """
    # "The JOSE Header of a DPoP JWT MUST contain at least the following parameters: typ [...] alg [...] jwk". "It MUST
    # NOT contain a private key."
    header: dict[str, JSON] = {
        "typ": "dpop+jwt",
        "alg": algorithm or key.algorithm,
        "jwk": dict(key.public_jwk),
    }
    # "The payload of a DPoP proof MUST contain at least the following claims: jti [...] htm [...] htu [...] iat".
    claims: dict[str, JSON] = {"jti": jti, "htm": method.upper(), "htu": target(url), "iat": issued_at}
    if access_token is not None:
        # "the DPoP proof MUST also contain the following claim: ath [...] a base64url encoding (as defined in Section
        # 2 of [RFC7515]) the SHA-256 [SHS] hash of the ASCII encoding of the associated access token's value."
        digest = hashlib.sha256(access_token.reveal().encode("ascii")).digest()
        claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if nonce is not None:
        # "the DPoP proof MUST also contain the following claim: nonce".
        claims["nonce"] = nonce
    return Confidential(sign(key, header, claims))


def proven(
    request: Request,
    key: PrivateKey,
    *,
    jti: str,
    issued_at: int,
    nonce: str | None = None,
    algorithm: str | None = None,
) -> Request:
    """Return a request with a proof, bound to the access token in it if there is one; see `proof`.

    Section 11.1: a proof is for one sending. Who sends again calls this again, with another `jti`.
    """
    return authorized(
        request,
        proof(
            key,
            method=request.method,
            url=request.url,
            jti=jti,
            issued_at=issued_at,
            nonce=nonce,
            access_token=request.credentials if _has_access_token(request) else None,
            algorithm=algorithm,
        ),
    )


def authorized(request: Request, proof: Confidential) -> Request:
    """Return a request that carries that proof, its access token shown by the scheme DPoP (section 7.1).

    What else may authorize it, as a client's authentication at the token endpoint does, stays.
    """
    authorization = request.authorization
    if authorization is not None and _has_access_token(request):
        authorization = Authorization(scheme=SCHEME, credentials=authorization.credentials)
    return replace(request, authorization=authorization, proof=proof)


def asks_for_nonce(response: Response) -> bool:
    """Whether a complete refusal asks for the same request with a nonce, in a challenge or in its body.

    Section 8 has it in the body of a 400, section 9 in the challenge of a 401; any 4xx is taken but 408, which does
    not say whether the request was read.
    """
    if not 400 <= response.status < 500 or response.status == 408:
        return False
    for challenge in challenges(response.headers.get("www-authenticate", "")) or ():
        if challenge.scheme == SCHEME.lower() and challenge.parameters.get("error") == USE_DPOP_NONCE:
            return True
    try:
        return decode(response.body, limit=_ERROR_LIMIT).get("error") == USE_DPOP_NONCE
    except MalformedJSON:
        return False


class Nonces:
    """The newest nonce of each origin, for each tenant apart.

    Section 9: "a nonce issued by any of them should be used only at the issuing server". Which paths of an origin are
    one server nobody says; a nonce of the wrong one is refused with a new one. Tenants choose what is asked for at an
    origin, which may serve what others have put there: so no response to one tenant says anything to another.
    """

    def __init__(self) -> None:
        self._known: FairCache[tuple[Hashable, tuple[str, str, int]], str] = FairCache(
            per_tenant=BYTES_PER_TENANT, in_all=BYTES_IN_ALL
        )

    def of(self, url: str, tenant: Hashable = None) -> str | None:
        """Return the nonce for a tenant's request to that URL."""
        return self._known.get((tenant, _origin(url)))

    def learn(self, url: str, headers: Mapping[str, str], tenant: Hashable = None) -> None:
        """Take the nonce of a response to a tenant, whatever its status; names of headers are in lower case.

        Section 8.2: "The client MUST use the new nonce value supplied for the next token request and for all
        subsequent token requests until the authorization server supplies a new nonce."
        """
        nonce = headers.get(NONCE_HEADER, "").strip()
        if len(nonce) > NONCE_LIMIT or _NONCE.fullmatch(nonce) is None:
            return
        origin = _origin(url)
        self._known.put((tenant, origin), nonce, tenant, _ENTRY_BYTES + len(origin[1]) + len(nonce))


def target(url: str) -> str:
    """Return the `htu` of a URL: "The HTTP target URI [...] without query and fragment parts" (section 4.2).

    Scheme and host are in lower case and the default port is left out (RFC 3986 section 6.2), as the Host header has
    it; the path is as it is sent.
    """
    scheme, host, port = _origin(url)
    authority = f"[{host}]" if ":" in host else host
    if port != _PORTS.get(scheme):
        authority = f"{authority}:{port}"
    return f"{scheme}://{authority}{urlsplit(url).path or '/'}"


def _has_access_token(request: Request) -> bool:
    return request.authorization is not None and request.authorization.scheme.lower() in ("bearer", SCHEME.lower())


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
