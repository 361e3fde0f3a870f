"""What each call says, from what is observed: the request, and what the record has to hold of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..confidential import Confidential
from ..exchange import Request
from ..oauth import rfc7591, rfc7592, rfc8705
from ..oauth.client_metadata import ClientMetadata
from ..oauth.jose import PrivateKey
from ..oauth.rfc8414 import ServerMetadata
from ..reach import IssuerAddress, Reach
from ..record.calls import Asked, CallKind, DeregisterCall, ReadCall, RegisterCall, UpdateCall, What, fingerprint
from ..record.clients import Client
from ..record.record import Record
from ..record.registering import next_attempt
from ..record.replacements import Replacement
from ..record.signing_keys import SigningKey, with_public_keys
from ..resource.initial_access_token import InitialAccessToken


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A call to be made at an issuer: what is written down of it, and the request itself.

    With `proof_key` the request gets a DPoP proof when it is sent: of the key no more than its thumbprint is written
    down, and of the proof nothing. `client_id` is the identifier of the client that it is about, if there is one.
    """

    issuer: str
    reach: Reach | None = None
    trust: str
    what: What
    request: Request
    client_id: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    proof_key: PrivateKey | None = None
    statement: Confidential | None = None
    """The software statement that may be among what the request says."""
    secret: Confidential | None = None
    """The client secret that is among what it says."""
    retry: str | None = None
    """What the resource's annotation asks to be tried now: the write that opens the call serves it."""
    rotate: str | None = None
    """What the resource's annotation asks to be replaced: the write that begins the replacement serves it."""
    begins: Replacement | None = None
    refresh: str | None = None
    """And what asks for a read."""
    again: bool = False
    """It deregisters a client that was left behind, for which nobody waits."""

    @property
    def address(self) -> IssuerAddress:
        """Return the issuer, and how it is reached."""
        return IssuerAddress(self.issuer, self.reach)


def registration(
    record: Record,
    server: ServerMetadata,
    metadata: ClientMetadata,
    token: InitialAccessToken | None,
    *,
    trust: str,
    credential: str | None,
    source: str,
    key: SigningKey | None = None,
    statement: Confidential | None = None,
    statement_version: str | None = None,
    returned: bool = False,
    once_more: bool = False,
    admitted_by: str | None = None,
) -> Intent:
    """Return the intent to register: the metadata as written, with the initial access token if one is named.

    `key` is the one that is born with the call, `statement` the software statement that goes with it, which the server
    `returned` before or which its Secret has, `admitted_by` the UID of the issuer resource whose client it is.
    `once_more` says that it is the one before it with another access token.
    """
    if server.registration_endpoint is None:
        raise ValueError("plan registers only where there is a registration endpoint")
    last = record.last(CallKind.REGISTER)
    proof_key = token.dpop_key if token is not None else None
    said = with_public_keys(metadata, (key,) if key is not None else ())
    request = rfc7591.registration_request(
        server.registration_endpoint, said, token.token if token is not None else None, statement
    )
    return Intent(
        issuer=server.issuer,
        trust=trust,
        what=RegisterCall(
            attempt=next_attempt(record),
            asked=Asked(metadata.digest(), metadata.members),
            bearer=fingerprint(request.credentials),
            credential=credential,
            statement=statement_version,
            returned=returned,
            admitted_by=admitted_by,
            proof_key=proof_key.thumbprint if proof_key is not None else None,
            repeats=once_more or (last is not None and last.to_be_repeated),
            source=source,
            signing=key.algorithm if key is not None else None,
            key=key,
        ),
        request=request,
        endpoints=rfc8705.with_aliases(server),
        proof_key=proof_key,
        statement=statement,
    )


def read(client: Client, *, repeats: bool, adopts: bool = False, access: Confidential | None = None) -> Intent:
    """Return the intent to read a client at the address in the record, with the token in the record, or by access."""
    request = rfc7592.read_request(client.information, access)
    return Intent(
        issuer=client.issuer,
        trust=client.trust,
        what=ReadCall(
            client=client.key,
            bearer=fingerprint(request.credentials),
            by_access=access is not None,
            repeats=repeats,
            adopts=adopts,
        ),
        request=request,
        client_id=client.information.client_id,
    )


def update(
    client: Client,
    server: ServerMetadata,
    metadata: ClientMetadata,
    form: rfc7592.UpdateForm = rfc7592.UpdateForm.FULL,
    *,
    keys: tuple[SigningKey, ...] = (),
    key: SigningKey | None = None,
    dialect: rfc7592.UpdateDialect = rfc7592.BY_THE_RFC,
    access: Confidential | None = None,
    repeats: bool = False,
) -> Intent:
    """Return the intent to update: the desired members, over the server's last answer if the form says so.

    `keys` are those of ours that the client keeps, `key` is the one that is born with the call; `access` is presented
    in the place of the client's own token, and `repeats` says that another one was refused.
    """
    all_keys = (*keys, key) if key is not None else keys
    # What a merging server kept is not sent back to it: it was taken out on purpose.
    said = with_public_keys(metadata, all_keys)
    request = rfc7592.update_request(client.information, said, client.asked_before, form, dialect, access)
    return Intent(
        issuer=client.issuer,
        trust=client.trust,
        what=UpdateCall(
            client=client.key,
            asked=Asked(metadata.digest(), metadata.members),
            bearer=fingerprint(request.credentials),
            by_access=access is not None,
            repeats=repeats,
            form=form,
            kids=tuple(k.kid for k in all_keys),
            key=key,
        ),
        request=request,
        client_id=client.information.client_id,
        # Metadata that are gone take nothing away from an app.
        endpoints=rfc8705.with_aliases(server) or client.endpoints,
        statement=rfc7591.returned_statement(client.information),
        secret=rfc7592.said_secret(client.information, dialect),
    )


def deregistration(client: Client, *, again: bool = False, access: Confidential | None = None) -> Intent:
    """Return the intent to deregister a client at the address in the record, with the token there, or by access."""
    request = rfc7592.deletion_request(client.information, access)
    return Intent(
        issuer=client.issuer,
        trust=client.trust,
        what=DeregisterCall(client=client.key, bearer=fingerprint(request.credentials), by_access=access is not None),
        request=request,
        client_id=client.information.client_id,
        again=again,
    )
