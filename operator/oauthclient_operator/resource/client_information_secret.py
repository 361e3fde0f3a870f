"""A client that is there already, as a Secret hands it over: which client, of which issuer, its key, its management.

Read at adoption, and written by `oauthclient-operator export`: one form for restore, move and hand-over.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from .. import names
from ..confidential import Confidential
from ..errors import ClientInformationUnusable
from ..oauth.client_information import ClientInformation
from ..oauth.jose import PrivateKey, private_pem, sign
from ..oauth.json_object import JSON
from ..oauth.rfc8414 import URL_LIMIT
from ..oauth.signing_algorithm import SigningAlgorithm
from .private_key import METHOD
from .secret import Secret

_EXPIRES_AT: Final = "client_secret_expires_at"
KEYS: Final = (
    "client_id",
    "client_secret",
    _EXPIRES_AT,
    "registration_access_token",
    "registration_client_uri",
)
"""The members of a client information response (RFC 7591 section 3.2.1, RFC 7592 section 3) that are handed over."""
KEY_MEMBERS: Final = ("private_key", "key_id")
"""And the key of the operator's own, as the published Secret has it: PEM (PKCS #8), and its thumbprint (RFC 7638)."""
_LONGEST: Final = 16 * 1024
"""Characters of a value; what servers issue is far shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """A client that was handed over; `fingerprint` names these very values, and says nothing about them.

    `key` is what it authenticates with by `private_key_jwt`, for one JWS algorithm, where `spec.privateKey` asks so.
    """

    issuer: str
    information: ClientInformation
    fingerprint: str
    key: PrivateKey | None = None

    @property
    def manageable(self) -> bool:
        """Whether there is a token and an address to read it with (RFC 7592 section 3: both are needed)."""
        told = self.information
        return told.registration_client_uri is not None and told.registration_access_token is not None


def handed_over(secret: Secret | None, name: str, issuer: str, signing: SigningAlgorithm | None = None) -> HandedOver:
    """Return the client that a Secret hands over, for an issuer; `signing` is the algorithm of the keys that are asked.

    Who may create an OAuthClient but not read Secrets must not be able to send one anywhere: the Secret's own type says
    what it is, and its own key says for which issuer.

    Raises:
        ClientInformationUnusable: there is none, or not for this issuer.
    """
    if secret is None:
        raise ClientInformationUnusable(
            f"Secret {name} does not exist; create it with type {names.CLIENT_INFORMATION_TYPE} and the keys issuer "
            "and client_id, with client_secret, registration_access_token and registration_client_uri where there are"
        )
    if secret.type != names.CLIENT_INFORMATION_TYPE:
        raise ClientInformationUnusable(
            f"Secret {name} hands over no client: its type must be {names.CLIENT_INFORMATION_TYPE}"
        )
    values = {
        key: value
        for key in (names.ISSUER_KEY, *KEYS, *KEY_MEMBERS)
        if (value := _value(secret, key, name)) is not None
    }
    if values.pop(names.ISSUER_KEY, None) != issuer:
        raise ClientInformationUnusable(
            f"Secret {name} does not name the issuer that spec names, so nothing of it is sent there; its key issuer "
            "must hold the issuer identifier, character by character"
        )
    if not values.get("client_id"):
        raise ClientInformationUnusable(f"Secret {name} has no key client_id")
    if values.get("registration_access_token") and not values.get("registration_client_uri"):
        raise ClientInformationUnusable(
            f"Secret {name} has a registration_access_token and no registration_client_uri: it is sent nowhere else, "
            "so put the client's own address (RFC 7592 section 3) beside it"
        )
    if len(values.get("registration_client_uri", "")) > URL_LIMIT:
        raise ClientInformationUnusable(f"Secret {name}: its registration_client_uri is too long")
    key = _private_key(values, name, signing)
    members: dict[str, JSON] = {member: value for member, value in values.items() if member not in KEY_MEMBERS}
    if key is not None:
        # An answer that says nothing of it does not make it a client with a client secret.
        members["token_endpoint_auth_method"] = METHOD
    if _EXPIRES_AT in values:
        members[_EXPIRES_AT] = _seconds(values[_EXPIRES_AT], name)
    text = "\n".join(f"{member}={value}" for member, value in sorted(values.items()))
    information = ClientInformation.parse({member: value for member, value in members.items() if value != ""})
    if values.get("registration_access_token") and information.registration_access_token is None:
        # RFC 6750 section 2.1: a token is visible ASCII without white space.
        raise ClientInformationUnusable(f"Secret {name} holds no usable token in its key registration_access_token")
    return HandedOver(
        issuer=issuer,
        information=information,
        fingerprint=hashlib.sha256(f"{issuer}\n{text}".encode()).hexdigest()[:32],
        key=key,
    )


def manifest(
    namespace: str, name: str, issuer: str, information: ClientInformation, key: PrivateKey | None = None
) -> Mapping[str, JSON]:
    """Return the Secret that hands a client over, with its credentials, to be applied by a person."""
    # In seconds, however its server wrote it.
    expires_at = None if information.members.get(_EXPIRES_AT) is None else information.expiry.seconds
    written = {**{key: information.members.get(key) for key in KEYS}, _EXPIRES_AT: expires_at}
    data: dict[str, JSON] = {names.ISSUER_KEY: issuer}
    data |= {key: str(value) for key, value in written.items() if isinstance(value, str | int) and value != ""}
    if key is not None:
        data |= {"private_key": private_pem(key).reveal(), "key_id": key.thumbprint}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": names.CLIENT_INFORMATION_TYPE,
        "metadata": {"namespace": namespace, "name": name},
        "stringData": data,
    }


def _private_key(values: Mapping[str, str], name: str, signing: SigningAlgorithm | None) -> PrivateKey | None:
    """Return the key that is handed over, for the algorithm that is asked if it fits that, or for its usual one."""
    pem, key_id = (values.get(member) or None for member in KEY_MEMBERS)
    if pem is None and key_id is None:
        return None
    if pem is None or key_id is None:
        missing = "key_id" if key_id is None else "private_key"
        raise ClientInformationUnusable(
            f"Secret {name} has no key {missing}: private_key (PEM) and key_id (its thumbprint, RFC 7638) go together, "
            "as the published Secret and `oauthclient-operator export` have them"
        )
    if signing is None:
        raise ClientInformationUnusable(
            f"Secret {name} hands over a private_key, and spec has no privateKey: write privateKey beside "
            f"token_endpoint_auth_method: {METHOD}, or take private_key and key_id out of the Secret"
        )
    key, why = _parsed(pem)
    if key is None:
        # Not raised in the except block: its context would have read the key.
        raise ClientInformationUnusable(f"Secret {name}: its private_key cannot be used: {why}")
    if key.thumbprint != key_id:
        raise ClientInformationUnusable(
            f"Secret {name}: its key_id is not that of its private_key, whose thumbprint (RFC 7638) is "
            f"{key.thumbprint}: under that name it is published and registered, so write that, or hand over the "
            "private_key that belongs to the key_id"
        )
    usable = [algorithm for algorithm in SigningAlgorithm if algorithm.value in key.algorithms]
    if not usable:
        known = ", ".join(SigningAlgorithm)
        raise ClientInformationUnusable(
            f"Secret {name}: its private_key is of a kind that spec.privateKey does not know; it has to be one for "
            f"{known}"
        )
    return key.only(signing if signing in usable else usable[0])


def _parsed(pem: str) -> tuple[PrivateKey | None, str]:
    """Return a key that can be signed with, or why there is none, in fixed words."""
    if pem.startswith("{"):
        # It would bring an algorithm and a name of its own.
        return None, "it is a JWK, and has to be PEM"
    try:
        key = PrivateKey.parse(Confidential(pem))
        # It will stand in the record, and must be read there: numbers that belong together need not be a key.
        sign(PrivateKey.parse(private_pem(key)), {}, {})
    except ValueError as error:
        return None, str(error)
    return key, ""


def _seconds(written: str, name: str) -> int:
    """Return seconds since the epoch; a date is one, too, for people write it."""
    if written.isascii() and written.isdigit() and len(written) <= len("253370764800000"):
        return int(written)
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        raise ClientInformationUnusable(
            f"Secret {name}: its {_EXPIRES_AT} is neither seconds since 1970 nor a date, e.g. 2027-01-31T00:00:00Z"
        ) from None
    return int((at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp())


def _value(secret: Secret, key: str, name: str) -> str | None:
    try:
        value = secret.value(key)
    except ValueError:
        raise ClientInformationUnusable(f"Secret {name} holds no text in its key {key}") from None
    if value is not None and len(value) > _LONGEST:
        raise ClientInformationUnusable(f"Secret {name}: its {key} is too long")
    return value if value is None else value.strip()
