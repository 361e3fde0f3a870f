"""A world in which a client with a key of the operator's own is handed over, with that key."""

from collections.abc import Mapping
from typing import Any

from oauthclient_operator.oauth.jose import private_pem
from oauthclient_operator.record.signing_keys import SigningKey
from tests.pure.record.key_records import FIRST
from tests.pure.record.key_records import METADATA as BY_KEY
from tests.pure.simulation.adopting import HANDED, World
from tests.pure.simulation.operator_process import NAME


def members(key: SigningKey) -> dict[str, str]:
    """Return what hands a key over."""
    return {"private_key": private_pem(key.key).reveal(), "key_id": key.kid}


def made(world: World, *keys: SigningKey, **more: Any) -> dict[str, Any]:
    """Return a client that is there with those keys, as another operator registered it."""
    client = world.server.made({**BY_KEY, "jwks": {"keys": [key.public_jwk for key in keys]}, **more})
    del client["client_secret"], client["client_secret_expires_at"]
    return client


def hand_over(world: World, client: Mapping[str, Any], key: SigningKey | None = FIRST, **more: Any) -> None:
    world.hand_over(client, **{**({} if key is None else members(key)), **more})


def apply(world: World, name: str = NAME, adopt: str | None = HANDED, **more: Any) -> str:
    return world.apply(name, adopt, **{"clientMetadata": BY_KEY, "privateKey": {}, **more})


def kids(client: Mapping[str, Any]) -> list[str]:
    """Return which keys a client has at the server."""
    return [key["kid"] for key in client.get("jwks", {}).get("keys", [])]
