"""Lost answers that a process could not tell any more, and alarms of two installations that one Prometheus asks."""

from dataclasses import replace
from pathlib import Path

import pytest

from oauthclient_operator.metrics import Census
from tests.cluster.parts.alarm_series import JOB, Phase, firing, series, told
from tests.pure.test_alarms import CALM, CAUSES, scraped

LOST = "OAuthClientAnswersLost"
LEADING = "OAuthClientOperatorNotLeading"
OTHER = "acme-system/acme-oauthclient-operator"
STANDBY = scraped(None)
ONE_MORE = replace(CALM, suspects_registered=CALM.suspects_registered + 1)


def test_a_lost_answer_is_told_for_an_hour(tmp_path: Path) -> None:
    told(
        tmp_path,
        series([Phase(120, [scraped(CALM)]), Phase(240, [scraped(CALM, lost=1)])]),
        firing(119),
        firing(120, LOST),
        firing(178, LOST),
        firing(178 + 12),
    )


@pytest.mark.parametrize("gap", [0, 1, 30])
def test_a_lost_answer_is_told_where_its_process_ended_before_it_was_asked(gap: int, tmp_path: Path) -> None:
    nobody = [Phase(gap, [None, None])] if gap else []
    # The new process counted one of its own before it was asked first: there is nothing that it is an increase to.
    after = scraped(ONE_MORE, lost=1)
    begins = 120 + gap
    told(
        tmp_path,
        series([Phase(120, [scraped(CALM), None]), *nobody, Phase(120, [None, after])]),
        firing(119),
        firing(begins, LOST),
        # The last time that it was one less is an hour ago.
        firing(178, LOST),
        firing(119 + 60 + 10),
    )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param([Phase(5, [None, None])], id="nobody in between"),
        pytest.param([Phase(2, [scraped(CALM), scraped(CALM)])], id="both remembered for a while"),
        pytest.param([Phase(100, [None, None])], id="nobody for longer than is looked back"),
    ],
)
def test_another_process_that_leads_has_lost_nothing(change: list[Phase], tmp_path: Path) -> None:
    phases = [Phase(60, [scraped(CALM, lost=2), STANDBY]), *change, Phase(60, [STANDBY, scraped(CALM)])]
    lasts = sum(phase.minutes for phase in phases)
    told(tmp_path, series(phases), *(firing(minute) for minute in (*range(60), *range(lasts - 60, lasts))))


def test_what_somebody_settled_is_no_loss(tmp_path: Path) -> None:
    settled = replace(CALM, suspects_registered=0)
    phases = [Phase(60, [scraped(CALM)]), Phase(120, [scraped(settled)])]
    told(tmp_path, series(phases), *(firing(minute) for minute in range(180)))


@pytest.mark.parametrize("job", [None, JOB, OTHER])
def test_two_installations_that_both_lead_are_no_alarm(job: str | None, tmp_path: Path) -> None:
    both = [Phase(60, [scraped(CALM), STANDBY])]
    told(tmp_path, [*series(both, JOB), *series(both, OTHER)], firing(59), job=job)


@pytest.mark.parametrize("job", [JOB, OTHER])
def test_the_one_of_two_installations_that_lost_its_pods_is_told(job: str, tmp_path: Path) -> None:
    leads = [Phase(120, [scraped(CALM), STANDBY])]
    ended = [Phase(60, [scraped(CALM), STANDBY]), Phase(60, [None, None])]
    told(
        tmp_path,
        [*series(leads, JOB), *series(ended, OTHER)],
        firing(119, *([f"{OTHER}: {LEADING}"] if job == OTHER else [])),
        job=job,
    )


@pytest.mark.parametrize(("name", "census"), CAUSES)
def test_an_alarm_is_one_of_its_installation(name: str, census: Census, tmp_path: Path) -> None:
    calm, cause = Phase(20, [scraped(CALM)]), Phase(120, [scraped(census)])
    everything = [*series([calm, cause], JOB), *series([calm, cause], OTHER)]
    told(tmp_path, everything, firing(139, f"{JOB}: {name}", f"{OTHER}: {name}"))
    told(tmp_path, everything, firing(139, f"{OTHER}: {name}"), job=OTHER)
