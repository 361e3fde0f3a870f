"""What is said of an attack: when the others are well, and when the run fails."""

from dataclasses import replace

import pytest

from bench.attacks.__main__ import Felt, line
from bench.attacks.ground import MEMORY, Probes
from bench.load import Times


def felt(p99: float) -> Felt:
    return Felt(
        times=Times(total=1, first=p99 / 2, each=[p99 / 2] * 29 + [p99]), longest_probe=0.5, peak=MEMORY - 1, lives=True
    )


ALONE = felt(1.0)


@pytest.mark.parametrize(
    ("meanwhile", "well"),
    [
        pytest.param(felt(2.0), True, id="twice as long is what may be"),
        pytest.param(felt(2.1), False, id="longer is not"),
        pytest.param(replace(felt(1.0), longest_probe=1.0), False, id="a probe that waits a second is late"),
        pytest.param(replace(felt(1.0), peak=MEMORY), False, id="the Deployment's memory is used up"),
        pytest.param(replace(felt(1.0), lives=False), False, id="an operator that ended serves nobody"),
    ],
)
def test_the_others_are_well(meanwhile: Felt, well: bool) -> None:
    assert meanwhile.is_well(ALONE) is well


@pytest.mark.parametrize(
    ("p99", "machine", "well"),
    [
        pytest.param(5.9, 3.0, True, id="what the machine lengthens may be twice that"),
        pytest.param(6.1, 3.0, False, id="and no more"),
        pytest.param(1.9, 0.8, True, id="a machine that was faster meanwhile asks no more of it"),
    ],
)
def test_the_part_of_the_machine_is_not_held_against_the_operator(p99: float, machine: float, well: bool) -> None:
    assert felt(p99).is_well(ALONE, machine) is well


def test_a_probe_that_is_never_answered_counts() -> None:
    assert Probes(each=[0.1, 5.0]).longest == 5.0
    assert Probes().longest == 0.0


def test_a_line_says_what_the_bare_client_took() -> None:
    assert line("noise", felt(2.0).times) == f"{'noise, bare client':<32} p50   1000 ms, p99   2000 ms"


def test_a_line_says_what_the_good_tenant_waited() -> None:
    line = replace(felt(2.0), lives=False).line("noise")
    assert "p50   1000 ms, p99   2000 ms" in line
    assert line.endswith("THE OPERATOR ENDED")
