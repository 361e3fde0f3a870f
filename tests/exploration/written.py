"""What people write: their specs, and how an object gets into the store."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from tests.exploration import settings
from tests.exploration.issuer import ISSUER
from tests.exploration.state import State
from tests.exploration.store import Body, Key, Store

Act = Callable[[State], State | None]
METADATA = {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}
EDITED = {**METADATA, "client_name": "Web shop"}
SPEC = {"issuer": ISSUER, "clientMetadata": METADATA}
BRIEF = {"rotation": {"overlap": "1m"}}
TO_BE_ROTATED = {**SPEC, **BRIEF}
BY_SERVER = {**SPEC, "rotation": {"strategy": "Server", "overlap": "1m"}}
KEYS = {"privateKey": {}, "clientMetadata": {**METADATA, "token_endpoint_auth_method": "private_key_jwt"}}
NO_KEYS = {"privateKey": None, "clientMetadata": {"token_endpoint_auth_method": None}}
ADOPTS = {"adopt": {"secretRef": {"name": "web-client"}}}
TOKEN = {"registration": {"initialAccessToken": {"secretRef": {"name": "idp-token"}}}}


def key(name: str) -> Key:
    """Return the key of a resource."""
    return "oauthclients", settings.NAMESPACE, name


def put(state: State, place: Key, body: Mapping[str, Any]) -> State:
    """Store a body; who watches is woken."""
    store, _ = state.store.put(place, body)
    return state.stored(store)


def written(store: Store, place: Key, body: Mapping[str, Any]) -> tuple[Store, Body]:
    """Create an object, or write it over the one that is there."""
    old = store.objects.get(place)
    return store.create(place, body) if old is None else store.put(place, {**old, **body})


def where(body: Body) -> Key:
    """Return the key of a Secret."""
    return "secrets", body["metadata"]["namespace"], body["metadata"]["name"]


def encoded(text: str) -> str:
    """Return a value as a Secret holds it."""
    return base64.b64encode(text.encode()).decode()
