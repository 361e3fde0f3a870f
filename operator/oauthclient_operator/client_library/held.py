"""What a program holds that nobody may see: a server may repeat it in any answer, and no error shows it.

The private key of a client certificate is not among it: it stays in its file, and goes to nobody.
"""

import json
from collections.abc import Iterator
from typing import Final

from ..confidential import Confidential
from ..oauth.authentication_methods import (
    ClientAuthentication,
    ClientSecretBasic,
    ClientSecretJWT,
    ClientSecretPost,
    NotPrepared,
    PrivateKeyJWT,
)
from ..oauth.client_information import ClientInformation
from ..oauth.client_metadata import PRIVATE_KEY_MEMBERS, SOFTWARE_STATEMENT, ClientMetadata
from ..oauth.echoes import credentials, known
from ..oauth.jose import PrivateKey, private_jwk, private_pem
from .configuration import Configuration
from .options import Options

_PEM_LINE: Final = "-----"


def held(configuration: Configuration) -> tuple[Confidential, ...]:
    """Return what a configuration holds that nobody may see."""
    information = configuration.information
    return (
        *credentials(information.members, known(configuration.initial_access_token)),
        *_chosen(configuration.client_authentication, configuration.dpop_key),
        *known(statement(configuration.requested), statement(information)),
    )


def held_before(
    requested: ClientMetadata, authentication: ClientAuthentication | None, options: Options
) -> tuple[Confidential, ...]:
    """Return what a program holds that nobody may see, before there is a client."""
    return (
        *known(options.initial_access_token, statement(requested)),
        *_chosen(authentication, options.dpop_key),
    )


def statement(metadata: ClientMetadata | ClientInformation) -> Confidential | None:
    """Return the software statement among metadata (RFC 7591 section 2.3)."""
    value = metadata.members.get(SOFTWARE_STATEMENT)
    return Confidential(value) if isinstance(value, str) else None


def _chosen(
    authentication: ClientAuthentication | NotPrepared | None, dpop_key: PrivateKey | None
) -> Iterator[Confidential]:
    match authentication:
        case ClientSecretBasic(secret=own) | ClientSecretPost(secret=own) | ClientSecretJWT(secret=own):
            yield from known(own)
        case PrivateKeyJWT(key=key):
            yield from _private(key)
        case _:
            pass
    if dpop_key is not None:
        yield from _private(dpop_key)


def _private(key: PrivateKey) -> Iterator[Confidential]:
    """Yield what is private in a key, as each form has it that keys are written in."""
    members = json.loads(private_jwk(key).reveal())
    yield from (Confidential(members[name]) for name in PRIVATE_KEY_MEMBERS if name in members)
    # The lines around it are words that anybody may say of a key.
    lines = private_pem(key).reveal().splitlines()
    yield Confidential("".join(line for line in lines if not line.startswith(_PEM_LINE)))
