"""The steps that call an authorization server; `action` has all the others."""

from dataclasses import dataclass

from ..confidential import Confidential
from ..oauth.client_metadata import ClientMetadata
from ..oauth.proof.results import Calibrated
from ..oauth.rfc7592 import BY_THE_RFC, UpdateDialect, UpdateForm
from ..oauth.signing_algorithm import SigningAlgorithm
from ..record.clients import Client
from ..record.replacements import Replacement
from ..resource.client_information_secret import HandedOver


@dataclass(frozen=True, slots=True)
class Register:
    """Register a client with those metadata (RFC 7591 section 3.1).

    `begins` is a replacement that is written down with this call; for the algorithm `signing` a key is born with it;
    `statement` is the software statement that goes with them (section 2.3); `returned` says that it is the one which
    came back with the client before.
    """

    metadata: ClientMetadata
    begins: Replacement | None = None
    signing: SigningAlgorithm | None = None
    statement: Confidential | None = None
    returned: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """Read the client (RFC 7592 section 2.1), by the address and the token that it has here.

    `repeats` says that it is the one repetition of a read that came to nothing; `adopts` that a Secret hands the
    client over, and none of the record's calls has proven it yet; `by_access` that an access token of the operator's
    is presented in the place of the client's own.
    """

    client: Client
    repeats: bool = False
    adopts: bool = False
    by_access: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """Bring those metadata to the client (RFC 7592 section 2.2), by the address and the token that it has here.

    `begins` and `signing` as of a registration, `by_access` as of a read; `dialect` is how its server takes it,
    `repeats` says that it is the one before it once more with another access token.
    """

    client: Client
    metadata: ClientMetadata
    form: UpdateForm = UpdateForm.FULL
    begins: Replacement | None = None
    signing: SigningAlgorithm | None = None
    dialect: UpdateDialect = BY_THE_RFC
    by_access: bool = False
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Deregister:
    """Deregister a client (RFC 7592 section 2.3), by the address and the token that it has here.

    With `again` it was left behind by a resource that lives, and stays so unless this works; `by_access` as of a read.
    """

    client: Client
    again: bool = False
    by_access: bool = False


@dataclass(frozen=True, slots=True)
class Calibrate:
    """Find what proves the credentials of that client, which authenticates by that method, at its server.

    With `handed` it is the client secret or the key that is handed over for it, in the place of the record's.
    """

    key: int
    method: str
    handed: HandedOver | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """Ask whether the server accepts the credentials of that client, that key of ours alone, or what is handed over."""

    key: int
    calibrated: Calibrated
    kid: str | None = None
    handed: HandedOver | None = None


Exchange = Register | Read | Update | Deregister
"""Steps that call an authorization server to change something there."""
Proof = Calibrate | Check
"""Steps that call an authorization server and change nothing there; what they find out is written down."""
