"""What twelve servers answer to requests that prove credentials, as it was measured on them: one row for each kind of client.

A cell is a status and the error in the JSON body, or a status alone where the body holds none.
"""

from dataclasses import dataclass
from typing import Final

BASIC, POST, MAC, KEY, NONE = (
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "none",
)
IC401, IC400, UC401 = "401 invalid_client", "400 invalid_client", "401 unauthorized_client"
CODE = "400 invalid_grant"


@dataclass(frozen=True, slots=True)
class Row:
    """What is answered to the right credentials, to a wrong secret or key, and to a client that is unknown or deleted.

    `tells` says whether the endpoint can tell them apart at all.
    """

    right: str
    wrong: str
    unknown: str
    tells: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of client at one server; an endpoint without a row is not named in the server's metadata.

    `proof` is the probe that is found: kind, and audience or form where it has one. `audiences` are those that the
    server accepts in an assertion, and `clock` how many seconds old and how many early one may be. `looks_in_the_form`:
    it looks for the client there alone.
    """

    server: str
    method: str
    proof: str | None
    revocation: Row | None = None
    token: Row | None = None
    introspection: Row | None = None
    grants: str = ""
    audiences: frozenset[str] = frozenset({"issuer", "token_endpoint"})
    clock: tuple[int, int] | None = None
    dated: bool = True
    looks_in_the_form: bool = False
    revocation_methods: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.server}: {self.method}{self.grants and f', {self.grants}'}"


CC = "client_credentials only"
USUAL, USUAL_CODE = Row("200", IC401, IC401), Row(CODE, IC401, IC401)

KINDS: Final = (
    *(
        Kind(server="node-oidc-provider", method=m, proof="revocation", revocation=USUAL, token=USUAL_CODE)
        for m in (BASIC, POST)
    ),
    *(
        Kind(
            server="node-oidc-provider",
            method=m,
            proof="revocation issuer",
            revocation=USUAL,
            token=USUAL_CODE,
            clock=(500, 600),
        )
        for m in (MAC, KEY)
    ),
    Kind(server="node-oidc-provider", method=NONE, proof="revocation", revocation=USUAL, token=USUAL_CODE),
    Kind(
        server="node-oidc-provider",
        method=BASIC,
        grants=CC,
        proof="revocation",
        revocation=USUAL,
        token=Row("400 invalid_request", IC401, IC401),
    ),
    Kind(server="Canaille", method=BASIC, proof="revocation", revocation=USUAL, token=USUAL_CODE),
    Kind(
        server="Canaille",
        method=BASIC,
        grants=CC,
        proof="revocation",
        revocation=USUAL,
        token=Row("400 unauthorized_client", IC401, IC401),
    ),
    Kind(
        server="Canaille",
        method=POST,
        proof="token",
        revocation=Row(IC401, IC401, IC401, tells=False),
        token=Row(CODE, IC401, IC400),
    ),
    Kind(
        server="Canaille",
        method=NONE,
        proof="token",
        revocation=Row(IC401, IC401, IC401, tells=False),
        token=Row(CODE, IC400, IC400),
    ),
    Kind(
        server="Canaille",
        method=KEY,
        proof="token endpoint",
        revocation=Row(IC401, IC401, IC401, tells=False),
        token=Row(CODE, IC400, IC400),
        audiences=frozenset({"token_endpoint"}),
        clock=(600, 60),
    ),
    *(
        Kind(
            server="Keycloak",
            method=m,
            proof="revocation",
            revocation=Row("200 invalid_token", UC401, IC401),
            token=Row(CODE, UC401, IC401),
            dated=False,
            revocation_methods=(KEY, BASIC, POST, "tls_client_auth", MAC),
        )
        for m in (BASIC, POST)
    ),
    Kind(
        server="Keycloak",
        method=KEY,
        proof="revocation issuer",
        revocation=Row("200 invalid_token", IC400, IC401),
        token=Row(CODE, IC400, IC401),
        clock=(60, 15),
        dated=False,
        revocation_methods=(KEY, BASIC, POST, "tls_client_auth", MAC),
    ),
    *(
        Kind(server="Hydra", method=m, proof="revocation", revocation=USUAL, token=USUAL_CODE)
        for m in (BASIC, POST, NONE)
    ),
    Kind(
        server="Hydra",
        method=BASIC,
        grants=CC,
        proof="revocation",
        revocation=USUAL,
        token=Row("400 unauthorized_client", IC401, IC401),
    ),
    Kind(
        server="Hydra",
        method=KEY,
        proof="token endpoint",
        revocation=USUAL,
        token=USUAL_CODE,
        audiences=frozenset({"token_endpoint"}),
    ),
    *(
        Kind(server="Spring Security", method=m, proof="revocation", revocation=USUAL, token=USUAL_CODE)
        for m in (BASIC, POST)
    ),
    *(
        Kind(
            server="Spring Security",
            method=m,
            proof="revocation issuer",
            revocation=USUAL,
            token=USUAL_CODE,
            clock=(500, 600),
        )
        for m in (MAC, KEY)
    ),
    Kind(
        server="Spring Security",
        method=NONE,
        proof="token",
        revocation=Row("401", "401", "401", tells=False),
        token=USUAL_CODE,
    ),
    *(
        Kind(
            server="better-auth",
            method=m,
            proof="revocation",
            revocation=Row("400 invalid_request", w, w),
            token=Row(CODE, CODE, CODE, tells=False),
        )
        for m, w in ((BASIC, IC401), (POST, IC400), (NONE, IC400))
    ),
    Kind(
        server="better-auth",
        method=KEY,
        proof="revocation issuer",
        revocation=Row("400 invalid_request", IC400, IC401),
        token=Row(CODE, IC400, IC401),
    ),
    Kind(server="Authlib", method=BASIC, proof="revocation", revocation=USUAL, token=USUAL_CODE),
    Kind(
        server="Authlib",
        method=POST,
        proof="revocation",
        revocation=Row("200", IC401, IC400),
        token=Row(CODE, IC401, IC400),
    ),
    Kind(
        server="Authlib",
        method=NONE,
        proof="revocation",
        revocation=Row("200", IC400, IC400),
        token=Row(CODE, IC400, IC400),
    ),
    *(
        Kind(
            server=s,
            method=BASIC,
            grants=CC,
            proof="revocation",
            revocation=USUAL,
            token=Row("400 unauthorized_client", IC401, IC401),
        )
        for s in ("Authlib", "django-oauth-toolkit", "workers-oauth-provider")
    ),
    *(
        Kind(server=s, method=m, proof="revocation", revocation=USUAL, token=USUAL_CODE)
        for s in ("django-oauth-toolkit", "workers-oauth-provider")
        for m in (BASIC, POST, NONE)
    ),
    Kind(
        server="MCP Python",
        method=BASIC,
        proof="revocation client_id",
        revocation=Row("400 invalid_request", UC401, UC401),
        token=Row(CODE, IC401, IC401),
        looks_in_the_form=True,
    ),
    *(
        Kind(
            server="MCP Python",
            method=m,
            proof="revocation",
            revocation=Row("400 invalid_request", UC401, UC401),
            token=Row(CODE, IC401, IC401),
        )
        for m in (POST, NONE)
    ),
    *(
        Kind(
            server="MCP TypeScript",
            method=m,
            proof="revocation",
            revocation=Row("200", IC400, IC400),
            token=Row(CODE, IC400, IC400),
        )
        for m in (POST, NONE)
    ),
    *(Kind(server="idpyoidc", method=m, proof="revocation", revocation=USUAL, token=USUAL_CODE) for m in (BASIC, POST)),
    Kind(
        server="idpyoidc",
        method=KEY,
        proof="revocation endpoint",
        revocation=USUAL,
        token=USUAL_CODE,
        audiences=frozenset({"called"}),
    ),
    Kind(
        server="a server of introspection alone",
        method=BASIC,
        proof="introspection",
        introspection=Row("200", IC401, IC401),
    ),
    *(
        Kind(
            server=s,
            method=NONE,
            proof="token",
            token=USUAL_CODE,
            introspection=Row(i, i, IC401, tells=False),
        )
        for s, i in (("Keycloak", "403"), ("Spring Security", "401"), ("better-auth", "401"), ("a server", "403"))
    ),
)
