"""Issuers are asked for their metadata from where the user sits, by the one door, as a program of the user's would."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..egress.door import Door
from ..egress.policy import EgressPolicy, ProgramPolicy
from ..egress.trust import Trust
from ..errors import DiscoveryFailed, OperatorError
from ..exchange import Answer, Request
from ..oauth.discovery import search
from ..resource.terms import IssuerTerms
from .abilities import Abilities
from .checks import Check, holding
from .issuers_used import Used

_TIMEOUT: Final = 10.0
"""Seconds for each document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FromHere:
    """`ca_bundle` is believed beside the system's authorities, where no ClusterOAuthIssuer says whom to believe."""

    ca_bundle: Path | None = None

    async def check(self, used: Used, terms: IssuerTerms) -> Check:
        """Read an issuer's metadata, and say what is so from here: that says nothing of the operator's own network."""
        what = f"{used.label} from here"
        if terms.problems:
            return holding(what, None, "it is not asked: its spec cannot be honoured")
        try:
            door = self._door(terms)
        except ValueError as error:
            return holding(what, None, f"it is not asked: {error}")

        async def ask(request: Request) -> Answer:
            return await door.exchange(request, timeout=_TIMEOUT)

        source = terms.source
        try:
            server = await search(source.issuer, source.urls, ask, needs_endpoint=source.needs_endpoint)
        except DiscoveryFailed as error:
            return holding(what, False, str(error))
        except OperatorError as error:
            return holding(what, None, f"from your network: {error}")
        endpoint = terms.registration_endpoint or server.registration_endpoint
        abilities = Abilities.of_metadata(server, registers=endpoint is not None, manages=used.manages)
        origins = frozenset() if terms.reach is None else frozenset(terms.reach.endpoint_origins)
        said = abilities.said()
        if endpoint is not None and not _is_at_origin(terms.issuer, endpoint, origins):
            said += "; its registration_endpoint is at another origin, which the operator has to be allowed to call"
        return holding(what, abilities.registers, said)

    def _door(self, terms: IssuerTerms) -> Door:
        reach = terms.reach
        policy = ProgramPolicy(insecure=reach is not None and reach.http)
        if reach is not None and reach.authorities is not None:
            return Door(policy=policy, trust=Trust(reach.authorities, system=reach.system_authorities))
        return Door(policy=policy, ca_bundle=self.ca_bundle, system_authorities=self.ca_bundle is not None)


def _is_at_origin(issuer: str, endpoint: str, origins: frozenset[str]) -> bool:
    policy = EgressPolicy.parse(endpoint_origins=[f"{issuer}={origin}" for origin in origins])
    return policy.admits_endpoint(issuer, endpoint)
