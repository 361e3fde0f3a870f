"""What is remembered of proofs, in schema 2: what proves a client's credentials, and doubts about them."""

from typing import Final, assert_never

from ....oauth.json_object import JSON
from ....oauth.proof.probes import Probe, ProbeAudience, ProbeForm, ProbeKind
from ....oauth.proof.results import Answered, Calibrated, NotProvable, Obstacle, Untimely
from ...calibration import Calibration
from ...doubts import Doubts
from ..reader import Reader
from ..writer import present, time

_TELLS_UNTIMELY: Final = {Untimely.UNKNOWN: None, Untimely.AS_NOBODY: False, Untimely.OTHERWISE: True}
"""None is left out, as it was by who asked only once, and wrote no `false`."""


def write_calibration(calibration: Calibration) -> dict[str, JSON]:
    """Return the members of a calibration."""
    return {"method": calibration.method, "at": time(calibration.at), **_found(calibration.found)}


def read_calibration(reader: Reader) -> Calibration:
    """Read a calibration."""
    return Calibration(method=reader.text("method"), at=reader.moment("at"), found=_read_found(reader))


def write_doubts(doubts: Doubts) -> dict[str, JSON]:
    """Return the members of doubts."""
    return present(
        {
            "count": doubts.count,
            "firstAt": time(doubts.first_at),
            "lastAt": time(doubts.last_at),
            "configurationRefused": doubts.configuration_refused or None,
            "configurationAnswered": doubts.configuration_answered or None,
            "known": doubts.known or None,
            "absent": doubts.absent or None,
        }
    )


def read_doubts(reader: Reader) -> Doubts:
    """Read doubts."""
    return Doubts(
        count=reader.number("count"),
        first_at=reader.moment("firstAt"),
        last_at=reader.moment("lastAt"),
        configuration_refused=reader.flag("configurationRefused"),
        configuration_answered=reader.flag("configurationAnswered"),
        known=reader.flag("known"),
        absent=reader.flag("absent"),
    )


def _found(found: Calibrated | NotProvable) -> dict[str, JSON]:
    match found:
        case Calibrated(probe=probe):
            return present(
                {
                    "probe": present(
                        {
                            "kind": probe.kind.value,
                            "audience": None if probe.audience is None else probe.audience.value,
                            "form": None if probe.form is ProbeForm.PLAIN else probe.form.value,
                        }
                    ),
                    "control": _answered(found.control),
                    "accepted": _answered(found.accepted),
                    "tellsUntimely": _TELLS_UNTIMELY[found.untimely],
                }
            )
        case NotProvable(why=why):
            return {"notProvable": why.value}
        case _:
            assert_never(found)


def _read_found(reader: Reader) -> Calibrated | NotProvable:
    if reader.has("notProvable"):
        return NotProvable(reader.word("notProvable", Obstacle))
    probe = reader.child("probe")
    return Calibrated(
        probe=Probe(
            kind=probe.word("kind", ProbeKind),
            audience=probe.word("audience", ProbeAudience) if probe.has("audience") else None,
            form=probe.word("form", ProbeForm) if probe.has("form") else ProbeForm.PLAIN,
        ),
        control=_read_answered(reader.child("control")),
        accepted=_read_answered(reader.child("accepted")),
        untimely=_read_untimely(reader),
    )


def _read_untimely(reader: Reader) -> Untimely:
    if not reader.has("tellsUntimely"):
        return Untimely.UNKNOWN
    return Untimely.OTHERWISE if reader.flag("tellsUntimely") else Untimely.AS_NOBODY


def _answered(answered: Answered) -> dict[str, JSON]:
    return present({"status": answered.status, "error": answered.error})


def _read_answered(reader: Reader) -> Answered:
    return Answered(status=reader.number("status"), error=reader.text_or_none("error"))
