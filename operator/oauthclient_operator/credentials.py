"""What an app gets: the published Secret's content, from a registered client."""

import base64

from .oauth import rfc8705
from .oauth.comparison import is_empty
from .oauth.rfc7523 import METHODS as ASSERTION_METHODS
from .oauth.rfc7591 import token_endpoint_auth_method
from .record.clients import Client
from .record.pairs import NoCredential, OwnKey, Pair, SecretOf, pair_of
from .resource.publication import Publication


def content(client: Client, publication: Publication, pair: Pair | None = None) -> dict[str, str]:
    """Return the Secret's data in base64, under the keys that the user chose; `pair` names one of several credentials.

    A client secret is there only if the registered method uses one: servers issue secrets also to public clients. A
    private key is there only where the operator made it. For a client that does mutual TLS the endpoints are those that
    it must use then.
    """
    information = client.information
    asked = client.accepted.members
    method = token_endpoint_auth_method(client.accepted, information)
    # What the server answered, over what was asked: many servers answer with a part only, or with null.
    metadata = {**asked, **{name: value for name, value in information.metadata.items() if not is_empty(value)}}
    facts = {
        "client_id": information.client_id,
        "issuer": client.issuer,
        "token_endpoint_auth_method": method,
        **rfc8705.preferred(client.endpoints, mutual_tls=rfc8705.does_mutual_tls(method, metadata)),
    }
    algorithm = metadata.get("token_endpoint_auth_signing_alg")
    if method in ASSERTION_METHODS and isinstance(algorithm, str) and algorithm:
        facts["token_endpoint_auth_signing_alg"] = algorithm
    match (pair or pair_of(client)).credential:
        case SecretOf() if information.client_secret is not None:
            facts["client_secret"] = information.client_secret.reveal()
        case OwnKey(kid=kid) if (key := client.signing_key(kid)) is not None:
            facts |= {
                "private_key": key.pem.reveal(),
                "private_key_jwk": key.private_jwk.reveal(),
                "key_id": key.kid,
                "token_endpoint_auth_signing_alg": key.algorithm.value,
            }
        case SecretOf() | OwnKey() | NoCredential():
            pass
    return {publication.keys.get(k, k): base64.b64encode(v.encode()).decode() for k, v in sorted(facts.items())}
