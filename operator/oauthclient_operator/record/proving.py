"""What a proof of a client's credentials does to a record: what proves them is remembered, and doubts are counted."""

from dataclasses import replace
from datetime import datetime

from ..oauth.proof.results import ProofResult, Refused, Untimely, Valid
from . import doubts
from .calibration import Calibration
from .record import Record


def calibrated(record: Record, key: int, calibration: Calibration) -> Record:
    """Write down what proves a client's credentials; where something does, they are valid."""
    client = record.client(key)
    if client is None:
        return record
    proven = calibration.of(calibration.method) is not None
    if not proven and client.calibration is not None and client.calibration.of(calibration.method) is not None:
        # Something proved it before, and may again: the server may be switched off, or refuse this client.
        return record
    answered = client.doubts is not None and client.doubts.configuration_answered
    left = None if proven or answered else client.doubts
    same = client.calibration is not None and client.calibration.found == calibration.found
    kept = client.calibration if same else calibration
    return record.with_client(replace(client, calibration=kept, doubts=left))


def judged(record: Record, key: int, verdict: ProofResult, now: datetime) -> Record:
    """Take in whether a server accepts a client's credentials: doubts are begun, counted or ended."""
    client = record.client(key)
    if client is None:
        return record
    left = doubts.after(client.doubts, verdict, now, configuration_refused=client.management_lost)
    record = record if left == client.doubts else record.with_client(replace(client, doubts=left))
    return learned(record, key, verdict)


def learned(record: Record, key: int, verdict: ProofResult) -> Record:
    """Take in what a proof found out beside, of what proves the client still and was not known to be so."""
    client, found = record.client(key), verdict.learned if isinstance(verdict, Valid) else None
    calibration = None if client is None else client.calibration
    if client is None or calibration is None or found is None:
        return record
    if calibration.found != replace(found, untimely=Untimely.UNKNOWN):
        return record
    return record.with_client(replace(client, calibration=replace(calibration, found=found)))


def key_judged(record: Record, kid: str, verdict: ProofResult) -> Record:
    """Take in whether a server accepts one key of ours, of which a replacement by another key has two."""
    current = record.replacement
    if current is None:
        return record
    refused = tuple(known for known in current.refused if known != kid)
    match verdict:
        case Refused(alone=True):
            refused = (*refused, kid)
        case Valid():
            pass
        case _:
            return record
    return record if refused == current.refused else replace(record, replacement=replace(current, refused=refused))
