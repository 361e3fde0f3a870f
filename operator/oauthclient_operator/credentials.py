"""What an app gets: the published Secret's content, from a registered client."""

import base64
from collections.abc import Mapping

from .names import PUBLISHED_ENDPOINTS, PublishedKey, TemplateName
from .oauth import rfc8705
from .oauth.comparison import is_empty
from .oauth.json_object import JSON
from .oauth.rfc7523 import METHODS as ASSERTION_METHODS
from .oauth.rfc7591 import token_endpoint_auth_method
from .oauth.rfc8414 import DiscoveryForm, well_known_urls
from .record.clients import Client
from .record.pairs import NoCredential, OwnKey, Pair, SecretOf, pair_of
from .resource.publication import Publication
from .resource.secret_template import Unwritten


def content(client: Client, publication: Publication, pair: Pair | None = None) -> dict[str, str]:
    """Return the Secret's data in base64, under the keys that the user chose; `pair` names one of several credentials.

    A template that cannot be filled in with what is known of this client is left out; `unwritten` tells.
    """
    facts = _facts(client, pair or pair_of(client))
    texts = {publication.keys.get(key, key): value for key, value in facts.items()}
    texts |= {k: text for k, text in _filled_in(client, publication, facts).items() if isinstance(text, str)}
    return {key: base64.b64encode(text.encode()).decode() for key, text in sorted(texts.items())}


def unwritten(client: Client, publication: Publication, pair: Pair | None = None) -> dict[str, str]:
    """Return the keys of templates that cannot be filled in with what is known of this client, each with the reason."""
    found = _filled_in(client, publication, _facts(client, pair or pair_of(client)))
    return {key: text.why for key, text in found.items() if isinstance(text, Unwritten)}


def _filled_in(
    client: Client, publication: Publication, facts: Mapping[PublishedKey, str]
) -> dict[str, str | Unwritten]:
    if not publication.template:
        return {}
    values: dict[TemplateName, str] = {"discovery_url": _discovery_url(client, publication)}
    values.update((name, value) for name, value in facts.items())
    metadata = _metadata(client)
    if isinstance(scope := metadata.get("scope"), str):
        values["scope"] = scope
    if isinstance(uris := metadata.get("redirect_uris"), list) and uris and isinstance(uris[0], str):
        values["redirect_uri"] = uris[0]
    return {key: template.filled_in(values) for key, template in publication.template.items()}


def _facts(client: Client, pair: Pair) -> dict[PublishedKey, str]:
    """Return what is published of a client, by our own key names.

    A client secret is there only if the registered method uses one: servers issue secrets also to public clients. A
    private key is there only where the operator made it. For a client that does mutual TLS the endpoints are those that
    it must use then.
    """
    information, metadata = client.information, _metadata(client)
    method = token_endpoint_auth_method(client.accepted, information)
    facts: dict[PublishedKey, str] = {
        "client_id": information.client_id,
        "issuer": client.issuer,
        "token_endpoint_auth_method": method,
    }
    endpoints = rfc8705.preferred(client.endpoints, mutual_tls=rfc8705.does_mutual_tls(method, metadata))
    facts |= {name: endpoints[name] for name in PUBLISHED_ENDPOINTS if name in endpoints}
    algorithm = metadata.get("token_endpoint_auth_signing_alg")
    if method in ASSERTION_METHODS and isinstance(algorithm, str) and algorithm:
        facts["token_endpoint_auth_signing_alg"] = algorithm
    match pair.credential:
        case SecretOf() if information.client_secret is not None:
            facts["client_secret"] = information.client_secret.reveal()
        case OwnKey(kid=kid) if (key := client.signing_key(kid)) is not None:
            facts["private_key"] = key.pem.reveal()
            facts["private_key_jwk"] = key.private_jwk.reveal()
            facts["key_id"] = key.kid
            facts["token_endpoint_auth_signing_alg"] = key.algorithm.value
        case SecretOf() | OwnKey() | NoCredential():
            pass
    return facts


def _metadata(client: Client) -> dict[str, JSON]:
    # What the server answered, over what was asked: many servers answer with a part only, or with null.
    answered = client.information.metadata
    return {**client.accepted.members, **{name: value for name, value in answered.items() if not is_empty(value)}}


def _discovery_url(client: Client, publication: Publication) -> str:
    """Return where the metadata of the client's issuer are, as the spec says; of another issuer the first place."""
    source = publication.source
    if source is not None and source.issuer == client.issuer:
        return source.urls[0]
    return well_known_urls(client.issuer, DiscoveryForm.AUTO)[0]
