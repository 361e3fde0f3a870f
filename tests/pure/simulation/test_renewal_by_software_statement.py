"""What lets a renewal in: the software statement of today, or the one that let the client in where that is not to be had."""

import pytest

from oauthclient_operator.exchange import Request, Response
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.expiring import expiring
from tests.pure.simulation.lives import said_of
from tests.pure.simulation.stating import (
    DAY,
    FIRST,
    HOUR,
    MINUTE,
    REGISTRATION,
    SECOND,
    SECRET,
    approving,
    listening,
    put,
    run,
)
from tests.pure.simulation.two_issuers import OTHER, TwoIssuers


def test_a_secret_that_expires_is_renewed_by_the_statement_that_was_accepted_where_its_secret_is_gone() -> None:
    async def main() -> None:
        life = expiring(approving())
        heard = listening(life.server)
        await put(life, FIRST)
        life.apply(registration=REGISTRATION)
        await life.live(DAY)
        del life.world.api.objects[SECRET]
        await life.live(25 * DAY)
        assert heard == [("POST", FIRST), ("POST", FIRST)]
        assert (life.record().edition, life.world.condition()) == (2, ("True", "Registered"))
        life.check()

    run(main)


@pytest.mark.parametrize("approved", [FIRST, SECOND], ids=["the one of before", "the Secret's, in the end"])
def test_a_renewal_whose_new_statement_is_refused_is_made_by_the_one_of_before_or_by_what_is_approved_by_then(
    approved: str,
) -> None:
    async def main() -> None:
        life = expiring(approving())
        heard = listening(life.server)
        await put(life, FIRST)
        life.apply(registration=REGISTRATION)
        await life.live(DAY)
        await put(life, SECOND)
        life.server.approves = frozenset({approved} & {FIRST})
        await life.live(17 * DAY)
        while len(heard) < 3:
            await life.live(6 * HOUR)
        assert heard[1:] == [("POST", SECOND), ("POST", FIRST)]
        life.server.approves = frozenset({approved})
        await life.live(DAY)
        assert heard[3:] == ([] if approved == FIRST else [("POST", SECOND)])
        assert (life.record().edition, life.world.condition()) == (2, ("True", "Registered"))
        life.check()

    run(main)


class RefusesTheFirst(AuthorizationServer):
    """Takes the first statement no more, and says so in other words than of one that it does not approve."""

    no_more = False

    def _refusal(self, request: Request) -> Response | None:
        if self.no_more and FIRST.encode() in (request.body or b""):
            return Response(status=403)
        return super()._refusal(request)


def test_two_statements_that_are_refused_for_different_reasons_take_turns_until_one_of_them_is_approved() -> None:
    async def main() -> None:
        server = RefusesTheFirst()
        life = expiring(approving(server))
        heard = listening(server)
        await put(life, FIRST)
        life.apply(registration=REGISTRATION)
        await life.live(DAY)
        await put(life, SECOND)
        server.no_more, server.approves = True, frozenset()
        await life.live(17 * DAY)
        while len(heard) < 6:
            await life.live(6 * HOUR)
        assert heard[1:] == [("POST", SECOND), ("POST", FIRST)] * 2 + [("POST", SECOND)]
        server.approves = frozenset({SECOND})
        await life.live(2 * DAY)
        assert heard[-1] == ("POST", SECOND)
        assert (life.record().edition, life.world.condition()) == (2, ("True", "Registered"))

    run(main)


def test_that_the_statement_of_before_is_not_accepted_any_more_is_said_where_its_secret_is_gone() -> None:
    async def main() -> None:
        life = expiring(approving())
        await put(life, FIRST)
        life.apply(registration=REGISTRATION)
        await life.live(DAY)
        del life.world.api.objects[SECRET]
        life.server.approves = frozenset()
        await life.live(22 * DAY)
        assert "no longer accepts the software statement that it returned" in said_of(life, "Renewing")

    run(main)


@pytest.mark.parametrize("chosen", [False, True], ids=["the issuer names another", "the spec chooses another"])
def test_what_the_server_returned_goes_to_no_other_endpoint_than_it_was_for(chosen: bool) -> None:
    async def main() -> None:
        life = expiring(approving())
        await put(life, FIRST)
        life.apply(registration=REGISTRATION)
        await life.live(DAY)
        del life.world.api.objects[SECRET]
        other = f"{ISSUER}/pages/of-others"
        life.server.metadata = {"registration_endpoint": other}
        if chosen:
            life.apply(discovery={"registrationEndpoint": other})
        await life.live(20 * DAY)
        assert life.server.calls == ["POST"]
        assert life.world.condition("Renewing") == ("False", "RenewalFailed")

    run(main)


def test_where_the_server_does_not_return_it_that_is_said_long_before_the_secret_expires() -> None:
    async def main() -> None:
        life = expiring(approving())
        life.server.issued = {"software_statement": None}
        await put(life, FIRST)
        life.apply(registration=REGISTRATION)
        await life.live(DAY)
        del life.world.api.objects[SECRET]
        await life.live(20 * DAY)
        assert life.server.calls == ["POST"]
        assert life.world.condition("Renewing") == ("False", "RenewalFailed")
        (note,) = [e["note"] for e in life.world.api.events if e["reason"] == "RenewalFailed"]
        assert "Secret idp-statement does not exist" in note
        await put(life, SECOND)
        await life.live(MINUTE)
        assert (life.record().edition, life.world.condition()) == (2, ("True", "Registered"))

    run(main)


@pytest.mark.parametrize("gone", [False, True], ids=["its Secret is there", "its Secret is gone"])
def test_who_cannot_move_is_renewed_where_it_is_by_what_let_it_in_there(gone: bool) -> None:
    async def main() -> None:
        life = expiring(approving(TwoIssuers()))
        heard = listening(life.server)
        await put(life, FIRST)
        life.apply(registration=REGISTRATION)
        await life.live(DAY)
        life.apply(issuer=OTHER)
        await life.live(DAY)
        # The Secret says that it is for the other one.
        assert life.world.condition() == ("False", "SoftwareStatementNotForIssuer")
        if gone:
            del life.world.api.objects[SECRET]
        await life.live(24 * DAY)
        assert heard == [("POST", FIRST), ("POST", FIRST)]
        assert {issuer for issuer, _ in life.living()} == {ISSUER}
        assert life.record().edition == 2
        life.check()

    run(main)
