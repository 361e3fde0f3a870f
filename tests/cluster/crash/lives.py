"""The lives that are led: what comes before, what begins it, and what is so when it is over."""

import ssl
from typing import Final

import httpx

from oauthclient_operator import names
from oauthclient_operator.record.clients import InStep
from oauthclient_operator.record.reading import last_failed
from tests.cluster.crash.loss import Gone, OlderRecord
from tests.cluster.crash.replacing import Moving, Renewal, RenewalByUpdate, Rotation, RotationOfKeys, TurningBack
from tests.cluster.crash.stage import Life, Stage


class Registration(Life):
    """A client is made."""

    name = "registration"

    def prepare(self, stage: Stage) -> None:
        stage.let_in()

    def begin(self, stage: Stage) -> None:
        stage.apply("first")


class Start(Registration):
    """A process starts, and a resource waits for it."""

    name = "start"
    of_everything = True


class Edit(Life):
    """The metadata are changed: one PUT, at a server that gives another registration access token with it."""

    name = "edit"
    updates = True
    keeps = True

    def begin(self, stage: Stage) -> None:
        stage.apply("edited")

    def version(self) -> str:
        return "edited"


class Deletion(Life):
    """The resource goes, and its client with it."""

    name = "deletion"

    def begin(self, stage: Stage) -> None:
        stage.room.delete(stage.name)

    def over(self, stage: Stage) -> bool:
        return not stage.room.exists(stage.name)


class Adoption(Life):
    """A client that a person made is read, changed to what is asked, and published."""

    name = "adoption"
    updates = True
    keeps = True

    def prepare(self, stage: Stage) -> None:
        stage.let_in()
        provider = stage.lane.provider
        # Past the relay: nobody counts what a person does.
        context = ssl.create_default_context(cafile=provider.trust)
        answer = httpx.post(
            f"{provider.address}/reg",
            json=stage.metadata("by hand"),
            headers={
                "Authorization": f"Bearer {provider.initial_access_token()}",
                "Host": provider.issuer.removeprefix("https://"),
            },
            verify=context,
            trust_env=False,
        )
        client = answer.raise_for_status().json()
        keys = ("client_id", "client_secret", "registration_access_token", "registration_client_uri")
        values = {key: str(client[key]) for key in keys}
        stage.room.put_secret(
            f"{stage.name}-client", of_type=names.CLIENT_INFORMATION_TYPE, issuer=provider.issuer, **values
        )
        stage.before = client["client_id"]

    def begin(self, stage: Stage) -> None:
        stage.apply("first", adopt={"secretRef": {"name": f"{stage.name}-client"}})


class Reading(Life):
    """A client that somebody changed at its server is read because a person asks for it, and put right: GET and PUT."""

    name = "read"
    updates = True
    keeps = True

    def prepare(self, stage: Stage) -> None:
        stage.registered()
        stage.provider.change(str(stage.before), client_name=f"{stage.name} changed by another")

    def begin(self, stage: Stage) -> None:
        stage.room.annotate(stage.name, names.REFRESH_ANNOTATION, "now")

    def over(self, stage: Stage) -> bool:
        record = stage.record()
        client = record.published if record is not None else None
        if record is None or client is None or record.refresh is None or record.open is not None:
            return False
        put_right = isinstance(client.standing, InStep) or client.management_lost
        return super().over(stage) and last_failed(record, client) is None and put_right and stage.is_told()


class Proof(Life):
    """It is proven because a person asks for it that the server accepts what is published."""

    name = "proof"
    keeps = True

    def begin(self, stage: Stage) -> None:
        stage.room.annotate(stage.name, names.PROVE_ANNOTATION, "now")

    def over(self, stage: Stage) -> bool:
        record = stage.record()
        return super().over(stage) and record is not None and record.prove is not None and stage.is_told()


LIVES: Final[tuple[Life, ...]] = (
    Start(),
    Registration(),
    # Before lives that may lose a registration access token: whose is lost is proven, too, when a process begins.
    Proof(),
    Edit(),
    Deletion(),
    Rotation(),
    RotationOfKeys(),
    Adoption(),
    Reading(),
    Moving(),
    TurningBack(),
    Renewal(),
    RenewalByUpdate(),
    Gone(),
    OlderRecord(),
)
