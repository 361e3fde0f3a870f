"""The benchmark's report: what it computes from what was measured."""

from collections import Counter

import pytest

from bench.changes import Change
from bench.load import Times
from bench.report import Memory, Quiet, Report, Restart
from bench.sides import Measured

MB = 1 << 20
WRITES = Counter({"patch oauthclients": 200, "create secrets": 300, "create secrets (dry run)": 100})


def measured(seconds: float, cpu: float, *, events: int = 0) -> Measured:
    times = Times(total=seconds, first=seconds / 50, each=[n * seconds / 100 for n in range(1, 101)])
    requests = WRITES + Counter({"create events": events, "watch secrets": 3, "get secrets": 50})
    return Measured(count=100, times=times, requests=requests, posts=100, cpu={"the side itself": cpu, "etcd": 1.0})


REPORT = Report(
    operator=[measured(10, 3, events=100), measured(20, 3, events=100)],
    floor=[measured(9, 1), measured(11, 1)],
    memory=Memory(empty=MB, loaded=2 * MB, peak=3 * MB, restarted=MB + 100 * 4096, clients=100),
    restart=Restart(
        clients=164, at_work=1, serving=2, cpu=6.5, peak=130 * MB, requests=Counter({"list secrets": 3}), posts=0
    ),
    quiet=Quiet(requests=Counter(), at_issuer=0, cpu=0.01),
    changes=[
        Change(what="edited", count=4, first=0.1, total=2, passes=6, requests=Counter({"get secrets": 8, "x": 1}))
    ],
)


def row(start: str) -> list[str]:
    found = next(line for line in REPORT.lines() if line.strip().startswith(start))
    return found.strip().removeprefix(start).split()


def test_the_last_line_is_the_ratio_of_the_medians() -> None:
    assert list(REPORT.lines())[-2:] == ["ratio by CPU 2.00", "ratio 1.50"]


@pytest.mark.parametrize(
    ("what", "values"),
    [
        ("all Ready after, s", ["15.00", "10.00"]),
        ("first apply to first Ready, s", ["0.30", "0.20"]),
        ("apply to Ready, p50, s", ["7.50", "5.00"]),
        ("apply to Ready, p99, s", ["14.85", "9.90"]),
        ("writes per client", ["5.00", "5.00"]),
        ("dry runs per client", ["1.00", "1.00"]),
        ("Events per client", ["1.00", "0.00"]),
        ("reads per client", ["0.50", "0.50"]),
        ("POSTs per client", ["1.00", "1.00"]),
        ("CPU per client, ms", ["40.00", "20.00"]),
    ],
)
def test_each_row_says_what_a_client_cost_on_either_side(what: str, values: list[str]) -> None:
    assert row(what) == values


def test_memory_is_told_per_client() -> None:
    assert "memory per Ready client: 4.00 KB" in list(REPORT.lines())


def test_a_restart_says_what_it_took_of_the_machine() -> None:
    assert any(line.endswith("0 POSTs for others; CPU 6.50 s, at most 130.0 MB") for line in REPORT.lines())


def test_a_quiet_minute_asks_for_nothing() -> None:
    assert "a quiet minute: nothing; at the issuer 0; CPU 0.01 s" in list(REPORT.lines())


def test_a_burst_says_what_each_took() -> None:
    lines = list(REPORT.lines())
    assert "4 edited at once: all after 2.00 s, the first after 0.10 s, 1.50 passes each" in lines
    assert "  each asked for: 2.00 get secrets, 0.25 x" in lines


def test_a_percentile_is_the_time_within_which_so_many_were_ready() -> None:
    times = Times.of({"a": 1.0, "b": 1.5, "c": 2.0}, {"a": 2.0, "b": 4.0, "c": 2.5})
    assert (times.total, times.first, times.percentile(50), times.percentile(99)) == (3.0, 1.0, 1.0, 2.5)
