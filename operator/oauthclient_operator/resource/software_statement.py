"""The software statement that a Secret holds (RFC 7591 section 2.3): for whom it is; read for one request."""

from typing import Final

from .. import names
from ..confidential import Confidential
from ..errors import SoftwareStatementMissing, SoftwareStatementNotForIssuer
from ..oauth.rfc7591 import is_signed_jwt
from .addressed_secret import Contents, Recipient, addressed
from .secret import Secret
from .terms import SoftwareStatementReference

LONGEST: Final = 16 * 1024
"""Characters of one: it is sent with every registration, and servers return it, so that records keep some."""
_CONTENTS: Final = Contents(
    noun="a software statement",
    short="software statement",
    secret_type=names.SOFTWARE_STATEMENT_TYPE,
    missing=SoftwareStatementMissing,
    not_for_issuer=SoftwareStatementNotForIssuer,
)


def software_statement(secret: Secret | None, to: Recipient, reference: SoftwareStatementReference) -> Confidential:
    """Return the software statement that a Secret holds for an issuer, as it is to be sent.

    What it claims, and who signed it, is the server's to judge.

    Raises:
        SoftwareStatementUnusable: there is none, or not for this issuer or endpoint.
    """
    found = addressed(secret, reference.secret, to, _CONTENTS, reference.key)
    statement = found.required(reference.key)
    if len(statement) > LONGEST:
        raise SoftwareStatementMissing(
            f"Secret {reference.secret}: what stands in its key {reference.key} is longer than {LONGEST // 1024} KiB"
        )
    if not is_signed_jwt(statement):
        raise SoftwareStatementMissing(
            f"Secret {reference.secret} holds no software statement in its key {reference.key}: it must be a signed "
            "JWT of three parts with a dot between, as its issuer gave it out (RFC 7591 section 2.3)"
        )
    return Confidential(statement)
