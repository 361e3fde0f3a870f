"""One process acts, the one that holds the Lease; another waits for it and goes on where it stopped."""

from pathlib import Path

from tests.cluster.scenarios.operators import QUICK, Operators
from tests.cluster.scenarios.room import Room
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import OPERATOR, SYSTEM_NAMESPACE, loopback_issuer, operator
from tests.parts.misbehaving_issuer import MisbehavingIssuer


def test_a_second_process_waits_and_takes_over(
    room: Room,
    operators: Operators,
    operator_kubeconfig: Path,
    certificate_authority: CertificateAuthority,
    issuer: MisbehavingIssuer,
    tmp_path: Path,
) -> None:
    lease = ("get", "lease", OPERATOR, "-n", SYSTEM_NAMESPACE)
    operators.running()
    first = room.kubectl.json(*lease)["spec"]["holderIdentity"]
    log = tmp_path / "second.log"
    options = (*loopback_issuer(certificate_authority.bundle), *QUICK)
    with operator(operator_kubeconfig, *options, log=log) as second:
        second.wait_until(lambda: "lease is held by another process" in log.read_text(), within=30)
        assert first in log.read_text()
        room.apply("web", issuer.issuer)
        room.wait_for("web", "Registered")
        assert room.kubectl.json(*lease)["spec"]["holderIdentity"] == first

        operators.stop()
        # Made while nobody acts: the Lease was given back, so it need not run out first.
        room.apply("other", issuer.issuer)
        room.wait_for("other", "Registered", within=10)
        assert room.kubectl.json(*lease)["spec"]["holderIdentity"] not in ("", first)
        room.apply(
            "web", issuer.issuer, metadata={"client_name": "Renamed", "redirect_uris": ["https://shop.example/"]}
        )
        room.wait_for("web", "Registered")
    assert issuer.calls == ["POST", "POST", "PUT"]
    assert second.child.returncode == 0
