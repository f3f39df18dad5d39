"""What is told of decorated functions: when it is asked for."""

from __future__ import annotations

from iobound.decorator.call_log import CallLog
from iobound.decorator.collecting import collected
from iobound.decorator.ledger import Ledger, shown
from iobound.errors import ObservationLost
from iobound.model.diagnosis import Diagnosis
from iobound.model.recording import Recording
from iobound.pipeline import WORKERS, advised, observed
from iobound.pipeline.finished import Report
from iobound.pipeline.unobserved import Clocks, recording_of


def report_of(ledger: Ledger, log: CallLog) -> Report:
    """What was seen of one function so far.

    Raises:
        ObservationLost: It has not been called, or nothing was observed.
    """
    calls = [each.calls for each in collected(ledger, log)]
    if not calls:
        raise ObservationLost(f"{log.name} has not been called yet", hint="ask for the report when it has")
    recording = _recording(ledger)

    def diagnosed() -> Diagnosis:
        examined = observed.examined(advised.with_calls(recording, calls))
        return advised.of_one(observed.diagnose(examined, workers=log.workers or WORKERS))

    return Report(diagnosed)


def diagnosis_of_all(ledger: Ledger) -> Diagnosis | None:
    """What was seen of all functions that want to be told, and of the program since the first call of any.

    Returns:
        None where none of those has been called.
    """
    told = [each for each in collected(ledger) if each.told]
    if not told:
        return None
    recording = advised.with_calls(_recording(ledger), [each.calls for each in told])
    diagnosis = observed.diagnose(observed.examined(recording))
    return advised.with_workers(diagnosis, [each.workers for each in told])


def _recording(ledger: Ledger) -> Recording:
    attached = ledger.observer()
    now = Clocks()
    if attached is None and ledger.is_member:
        raise ObservationLost("nothing was observed: a parent process reports")
    if attached is None:  # counts and times of the calls are known nevertheless
        why = ledger.why_not or "observing has not begun"
        return recording_of(shown(), "", ledger.begun or now, now, why)
    attached.hand_on()
    now = Clocks()
    return attached.seen(ledger.begun or now, now)
