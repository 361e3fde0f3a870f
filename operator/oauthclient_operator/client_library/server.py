"""Which authorization server it is, and where its metadata document is looked for."""

from dataclasses import dataclass

from ..egress.policy import ProgramPolicy
from ..errors import InvalidArgumentType, InvalidArgumentValue
from ..oauth.metadata_source import MetadataSource
from ..oauth.rfc8414 import DiscoveryForm, issuer_problem


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataDocument:
    """A metadata document at a URL of its own, and the issuer that it must name all the same (RFC 8414 section 3.3)."""

    url: str
    issuer: str


def source_of(server: object, form: DiscoveryForm, policy: ProgramPolicy) -> MetadataSource:
    """Return the issuer, and where its metadata come from.

    Whether a URL is an issuer identifier or that of a document is never told by its shape.

    Raises:
        InvalidArgumentType, InvalidArgumentValue: it is neither an issuer identifier nor a document of one.
        EgressRefused: the policy does not let it be called.
    """
    match server:
        case str() as issuer:
            pass
        case MetadataDocument(issuer=str() as issuer, url=str()):
            pass
        case _:
            raise InvalidArgumentType.of("server", server, "an issuer identifier, a str, or a MetadataDocument of two")
    if (why := issuer_problem(issuer)) is not None:
        raise InvalidArgumentValue(f"the issuer {why}")
    if isinstance(server, MetadataDocument):
        policy.admit(server.url)
        return MetadataSource(issuer=issuer, url=server.url)
    # By the parser that opens connections: the URLs are made of it by another one, and must not lead elsewhere.
    policy.admit(issuer)
    return MetadataSource(issuer=issuer, form=form)
