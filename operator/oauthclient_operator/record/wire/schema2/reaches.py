"""How an issuer is reached that a ClusterOAuthIssuer describes, in schema 2."""

from ....oauth.json_object import JSON
from ....reach import Reach
from ..reader import Reader
from ..writer import present


def write_reach(issuer: str, reach: Reach) -> dict[str, JSON]:
    """Return it as it is stored; what says nothing is left out."""
    return present(
        {
            "issuer": issuer,
            "owner": reach.owner,
            "authorities": reach.authorities,
            "systemAuthorities": reach.system_authorities or None,
            "privateAddresses": [*reach.private_addresses] or None,
            "http": reach.http or None,
            "endpointOrigins": [*reach.endpoint_origins] or None,
            "managed": None if reach.managed else False,
        }
    )


def read_reach(reader: Reader) -> tuple[str, Reach]:
    """Read it, with its issuer."""
    return reader.text("issuer"), Reach(
        owner=reader.text("owner"),
        authorities=reader.text_or_none("authorities"),
        system_authorities=reader.flag("systemAuthorities"),
        private_addresses=reader.words("privateAddresses"),
        http=reader.flag("http"),
        endpoint_origins=reader.words("endpointOrigins"),
        managed=reader.flag("managed", default=True),
    )
