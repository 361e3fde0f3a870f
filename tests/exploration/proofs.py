"""The port that proves credentials, over a run."""

from typing import Any

from oauthclient_operator.oauth.authentication_methods import ClientSecretBasic, PrivateKeyJWT
from oauthclient_operator.oauth.proof.credentials import Credentials
from oauthclient_operator.oauth.proof.probes import Probe, ProbeKind
from oauthclient_operator.oauth.proof.results import (
    Answered,
    Calibrated,
    Calibration,
    NotProvable,
    Obstacle,
    ProofResult,
    Refused,
    Unavailable,
    Valid,
)
from oauthclient_operator.oauth.rfc8414 import ServerMetadata
from tests.exploration import messages
from tests.exploration.outcomes import returned
from tests.exploration.run import Run


class Prover:
    """Proofs by what they come to: the procedure itself changes nothing, and is not explored."""

    def __init__(self, run: Run) -> None:
        self._run = run

    async def calibrate(self, credentials: Credentials, server: ServerMetadata, *_: Any, **__: Any) -> Calibration:
        if not self._run.read(lambda view: view.provable):
            return NotProvable(Obstacle.NO_PROBE)
        match returned(await self._run.ask("prove", credentials.client_id, _presented(credentials), server.issuer)):
            case messages.ACCEPTED:
                return _CALIBRATED
            case messages.REFUSED:
                return NotProvable(Obstacle.NO_PROBE)
        return Unavailable(why="nobody answered")

    async def check(
        self, credentials: Credentials, calibrated: Calibrated, server: ServerMetadata, *_: Any, **__: Any
    ) -> ProofResult:
        match returned(await self._run.ask("prove", credentials.client_id, _presented(credentials), server.issuer)):
            case messages.ACCEPTED:
                return Valid()
            case messages.REFUSED:
                # It does not tell whether it knows the client.
                return Refused(known=False)
        return Unavailable(why="nobody answered")


_CALIBRATED = Calibrated(
    probe=Probe(kind=ProbeKind.REVOCATION),
    control=Answered(status=401, error="invalid_client"),
    accepted=Answered(status=200),
)


def _presented(credentials: Credentials) -> str | None:
    """Return the client secret that is presented, or the name of the key."""
    match credentials.authentication:
        case PrivateKeyJWT(kid=kid):
            return kid
        case ClientSecretBasic(secret=secret) if secret is not None:
            return secret.reveal()
    return None
