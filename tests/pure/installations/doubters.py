"""People who want to know whether what is published is accepted, and what is to be done where it is not."""

from collections.abc import Callable

from oauthclient_operator import names
from tests.pure.installations.cluster import Body
from tests.pure.installations.people import People
from tests.pure.installations.places import CLIENTS, ISSUERS, TENANTS

LONGEST_INTERVAL = 300


class Doubters(People):
    """Issuers have the credentials of their clients proven from time to time, and clients say what is to be done."""

    @property
    def doubts(self) -> tuple[Callable[[], None], ...]:
        """Return what is asked about what is published, and how clients of before are taken over."""
        return (
            *(self.ask,) * 4,
            *(self.edit_clients,) * 3,
            *(*(self.adopters.adopt,) * 2, self.edit_client, self.edit_client_policy, self.edit_interval),
            *(self.delete_client, self.adopters.delete_adopted, self.pause, self.look_away),
        )

    def ask(self) -> None:
        """Ask for a proof, a look at the server, another client, or another try."""
        key = self._rng.choice(
            (
                *(names.PROVE_ANNOTATION,) * 2,
                *(names.REFRESH_ANNOTATION, names.ROTATE_ANNOTATION, names.RETRY_ANNOTATION),
            )
        )
        self._annotate(key, str(self._cluster.version))

    def pause(self) -> None:
        """Pause a client, or have it go on."""
        self._annotate(names.PAUSED_ANNOTATION, self._rng.choice(("true", "", "")))

    def edit_client_policy(self) -> None:
        """Have a client say otherwise what is to be done, if it is there."""
        tenant, name = self._rng.choice(TENANTS), self._rng.choice(CLIENTS)
        body = self._cluster.get("oauthclients", tenant, name)
        if body is not None and not self._kubectl.is_ending("oauthclients", tenant, name):
            self._cluster.apply(tenant, name, self.rotation.of({**body["spec"], **self._of_client()}))

    def edit_interval(self) -> None:
        """Have an issuer's clients proven more often, or less."""
        name = self._rng.choice(ISSUERS)
        body = self._cluster.get("clusteroauthissuers", "", name)
        if body is not None:
            spec = self.rotation.of_issuer({**body["spec"], **self._of_issuer()})
            self._kubectl.put("clusteroauthissuers", "", name, spec=spec)

    def _of_issuer(self) -> Body:
        interval = self._rng.choice((LONGEST_INTERVAL, LONGEST_INTERVAL, 200, None))
        return {"defaults": {} if interval is None else {"proof": {"interval": f"{interval}s"}}}

    def _of_client(self) -> Body:
        gone = self._rng.choice(("Report", "Reregister", "Reregister"))
        return {"policy": {"gone": gone}, "rotation": {"overlap": self._rng.choice(("5m", "5m", "24h"))}}

    def _annotate(self, key: str, value: str) -> None:
        tenant, name = self._rng.choice(TENANTS), self._rng.choice(CLIENTS)
        self._kubectl.annotate(tenant, name, key, value)
