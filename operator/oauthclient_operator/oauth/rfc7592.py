"""OAuth 2.0 Dynamic Client Registration Management (RFC 7592): a registered client is read, updated and deleted."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..confidential import Confidential
from ..exchange import Answer, Purpose, Request, Response, bearer
from .client_information import ClientInformation
from .client_metadata import ClientMetadata
from .comparison import Returned, differs, folded, is_empty
from .echoes import is_hidden, known, without_echoes
from .json_object import JSON
from .judgement import client_information, judged, refused, words_of_others
from .outcome import Ambiguous, Committed, NotUnderstood, Outcome, Rejected, Success
from .salvage import ISSUED, issued, salvage

UNSUPPORTED: Final = (405, 501)
"""Status codes of servers that do not support a method.

Section 2.3: "If the server does not support the delete method, the server MUST respond with HTTP 405 Not Supported." A
501 says so too.
"""
_KEYS: Final = frozenset({"jwks", "jwks_uri"})


class UpdateForm(StrEnum):
    """What an update says beside the client identifier."""

    FULL = "full"
    """What is desired, over what the server answered last."""
    ASKED = "asked"
    """What is desired, and nothing else: for servers that refuse what they answered themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDialect:
    """How a server takes updates where that is otherwise than section 2.2 has it.

    `nulls` says that what is left out stays as it was, so that what was desired before and is no longer is null;
    `client_secret` that the client secret is among what is said; `omits` are members of the server's answer that are
    never sent back.
    """

    nulls: bool = False
    client_secret: bool = False
    omits: frozenset[str] = frozenset()


BY_THE_RFC: Final = UpdateDialect()


def read_request(information: ClientInformation, access: Confidential | None = None) -> Request:
    """Build a client read request (section 2.1); `access` is shown in the place of the client's own token.

    Raises:
        ValueError: the client cannot be managed.
    """
    return _request("GET", Purpose.READ, information, None, access)


def update_request(
    information: ClientInformation,
    desired: ClientMetadata,
    previously_desired: Collection[str],
    form: UpdateForm = UpdateForm.FULL,
    dialect: UpdateDialect = BY_THE_RFC,
    access: Confidential | None = None,
) -> Request:
    """Build a client update request (section 2.2); `access` as of a read.

    Raises:
        ValueError: the client cannot be managed.
    """
    members = update_members(information, desired, previously_desired, form, dialect)
    if (secret := said_secret(information, dialect)) is not None:
        members["client_secret"] = secret.reveal()
    body = json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()
    return _request("PUT", Purpose.UPDATE, information, body, access)


def said_secret(information: ClientInformation, dialect: UpdateDialect) -> Confidential | None:
    """Return the client secret that an update says, or None where it says none.

    Section 2.2: "If the client includes the "client_secret" field in the request, the value of this field MUST match
    the currently issued client secret for that client."
    """
    return information.client_secret if dialect.client_secret else None


def update_members(
    information: ClientInformation,
    desired: ClientMetadata,
    previously_desired: Collection[str],
    form: UpdateForm,
    dialect: UpdateDialect = BY_THE_RFC,
) -> dict[str, JSON]:
    """Return what an update of that form says, but for a client secret."""
    wanted = desired.members
    # "Omitted fields MUST be treated as null or empty values by the server, indicating the client's request to delete
    # them": a member that was desired before and is no longer is left out.
    replaced = {folded(name) for name in (*wanted, *previously_desired)}
    # "This request MUST include all client metadata fields as returned to the client from a previous registration,
    # read, or update operation."
    answered = information.metadata if form is UpdateForm.FULL else {}
    kept_out = replaced | {folded(name) for name in dialect.omits}
    returned = {n: v for n, v in answered.items() if folded(n) not in kept_out and _may_return(n, v, wanted)}
    # "The client MUST include its "client_id" field in the request, and it MUST be the same as its currently issued
    # client identifier."
    cleared = _cleared(information, wanted, previously_desired, dialect)
    return {"client_id": information.client_id, **returned, **cleared, **wanted}


def deletion_request(information: ClientInformation, access: Confidential | None = None) -> Request:
    """Build a client delete request (section 2.3); `access` as of a read.

    Raises:
        ValueError: the client cannot be managed.
    """
    return _request("DELETE", Purpose.DEREGISTER, information, None, access)


def judge_read(
    answer: Answer, client_id: str, *, presented: Confidential | None = None, held: Sequence[Confidential] = ()
) -> Outcome:
    """Judge the answer to a read of a client; `presented` is the token, so that no echo of it is shown.

    Nor is one, in words, of what else is `held`.

    Section 2.1: "Upon successful read of the information for a currently active client, the authorization server
    responds with an HTTP 200 OK with content type of "application/json" and a payload as described in Section 3." What
    is no refusal and no such payload may have changed something: "Some values in the response, including the
    "client_secret" and "registration_access_token", MAY be different from those in the initial registration response."
    """
    return _judge_information(answer, client_id, presented, held=held)


def judge_update(
    answer: Answer,
    client_id: str,
    *,
    presented: Confidential | None = None,
    statement: Confidential | None = None,
    secret: Confidential | None = None,
    held: Sequence[Confidential] = (),
) -> Outcome:
    """Judge the answer to an update of a client; `presented` and `held` as in `judge_read`.

    `statement` is the software statement that may have been among what was sent, `secret` the client secret that was:
    no echo of them is shown, either.

    Section 2.2: "Upon successful update, the authorization server responds with an HTTP 200 OK message with content
    type "application/json" and a payload as described in Section 3." A 204 leaves open what the server holds now, and
    with which credentials.
    """
    return _judge_information(answer, client_id, presented, statement, secret, held)


def _judge_information(
    answer: Answer,
    client_id: str,
    presented: Confidential | None,
    statement: Confidential | None = None,
    secret: Confidential | None = None,
    held: Sequence[Confidential] = (),
) -> Outcome:
    hide = (*known(presented, statement, secret), *held)

    def success(response: Response) -> Success:
        found = client_information(response, hide)
        if isinstance(found, Committed) and found.members["client_id"] != client_id:
            # Sections 2.1 and 2.2: "The value of the "client_id" MUST NOT change from the initial registration
            # response."
            cause = f"HTTP {response.status} with the client information of another client"
            return NotUnderstood(status=response.status, cause=cause, salvage=issued(found.members))
        return found

    found = judged(answer, success, may_be_unsupported=True, hide=hide)
    return without_echoes(found, answer, presented, statement=statement, secret=secret)


def judge_deletion(
    answer: Answer, *, presented: Confidential | None = None, held: Sequence[Confidential] = ()
) -> Outcome:
    """Judge the answer to a deletion; `presented` and `held` as in `judge_read`."""
    hide = (*known(presented), *held)

    def success(response: Response) -> Success:
        if (refusal := refused(response, hide)) is not None:
            return refusal
        # Section 2.3: "the authorization server MUST respond with an HTTP 204 No Content message"; some send 200. So
        # does what stands before a server, with a login or a page: asked once more, a server that did it answers 401.
        other = words_of_others(response.body) if response.status == 200 else None
        if response.status in (200, 204) and other is None:
            return Committed(members={})
        what = f"HTTP {response.status}{f' with {other}' if other is not None else ''}"
        cause = f"the answer was {what}, which does not say that the client is gone"
        return Ambiguous(cause=cause, salvage=salvage(response.body))

    return without_echoes(judged(answer, success, may_be_unsupported=True, hide=hide), answer, presented)


def merged(previous: ClientInformation, answer: ClientInformation) -> ClientInformation:
    """Return what holds after an update or a read: the answer, and of what the server issues what it did not repeat.

    Sections 2.1 and 2.2: "If the authorization server includes a new client secret and/or registration access token in
    its response, the client MUST immediately discard its previous client secret and/or registration access token."
    """
    renewed = issued(answer.members)
    kept = issued(previous.members)
    if "client_secret" in renewed:
        # The expiry belongs to the secret: that of the old one says nothing about the new one.
        kept.pop("client_secret_expires_at", None)
    return ClientInformation.parse({**answer.members, **kept, **renewed})


def merged_read(previous: ClientInformation, answer: ClientInformation) -> ClientInformation:
    """Return what holds after a read, as `merged`; an answer without any metadata says nothing about them.

    Section 3: "the authorization server MUST return all registered metadata about this client": what is missing among
    others is gone.
    """
    whole = merged(previous, answer)
    return whole if answer.metadata else ClientInformation.parse({**previous.metadata, **whole.members})


def changed_members(asked: ClientMetadata, before: ClientInformation, now: ClientInformation) -> tuple[str, ...]:
    """Return the names of asked members that the server holds otherwise than was asked, and than it said before.

    What it said before was the answer to what was asked then, and is not fought; what came to be otherwise since, by
    somebody else's hand, was never its word. Sorted; never values.
    """
    said, holds = Returned(before.metadata), Returned(now.metadata)
    return tuple(
        sorted(
            name
            for name, value in asked.members.items()
            if differs(name, value, holds.get(name)) and differs(name, said.get(name), holds.get(name))
        )
    )


def says_gone(rejected: Rejected) -> bool:
    """Whether a refusal is what servers say of a client that is gone, and also of a token that they do not accept.

    Section 2.3: "If the client does not exist on this server, the server MUST respond with HTTP 401 Unauthorized"; some
    answer 404, and Authlib's kin 400 with `access_denied`.
    """
    return rejected.status == 404 or says_token_refused(rejected.status, rejected.error)


def says_token_refused(status: int | None, error: str | None) -> bool:
    """Whether a refusal is about a token, or a client that is gone: 401, or 400 `access_denied` of Authlib's kin."""
    return status == 401 or (status == 400 and error == "access_denied")


def says_nothing_there(status: int | None, *, json: bool) -> bool:
    """Whether a refusal is a page that is not there: nothing that knows the protocol answered."""
    return status == 404 and not json


def _may_return(name: str, value: JSON, wanted: Mapping[str, JSON]) -> bool:
    """Whether a member of the last answer may be sent back."""
    # "The updated client metadata fields request MUST NOT include the "registration_access_token",
    # "registration_client_uri", "client_secret_expires_at", or "client_id_issued_at" fields". client_secret, which
    # MAY be there, is left out with them: some servers refuse any.
    # What is empty says what its absence says, by the words above, and one server refuses its own `metadata: {}`.
    if name.partition("#")[0] in ISSUED or is_empty(value) or is_hidden(value):
        return False
    # RFC 7591 section 2: "The "jwks_uri" and "jwks" parameters MUST NOT both be present in the same request or
    # response": a server that fills in the other one, or an empty one, must not make us send both.
    return name not in _KEYS or _KEYS.isdisjoint(wanted)


def _cleared(
    information: ClientInformation, wanted: Mapping[str, JSON], before: Collection[str], dialect: UpdateDialect
) -> dict[str, JSON]:
    """Return null for each member that is to go at a server that keeps what is left out."""
    if not dialect.nulls:
        return {}
    stays = {folded(name) for name in (*wanted, *dialect.omits)}
    gone = {folded(name) for name in before} - stays
    return {n: None for n, v in information.metadata.items() if folded(n) in gone and not is_empty(v)}


def _request(
    method: str, purpose: Purpose, information: ClientInformation, body: bytes | None, access: Confidential | None
) -> Request:
    uri, token = information.registration_client_uri, access or information.registration_access_token
    if uri is None or token is None:
        # Section 3: both are REQUIRED in the answer of a server that supports management.
        raise ValueError("a client without registration_client_uri, or without a token for that, is not managed")
    # Section 3: the "fully qualified URL" as it was given, its query included; nothing is built from the client_id.
    return Request(method=method, url=uri, purpose=purpose, authorization=bearer(token), body=body)
