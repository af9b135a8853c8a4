"""The states and the tag by which Prefect knows this archive's runs; their names tell the truth."""

from typing import Any, Final

from prefect import State
from prefect.states import Completed, Failed

from models.reports import RunReport, RunStatus

TAG: Final = "climate-archive"
_NAMES: Final = {
    RunStatus.COMPLETED: "Completed",
    RunStatus.COMPLETED_WITH_ERRORS: "CompletedWithErrors",
    RunStatus.SKIPPED: "Skipped",
}


def state_of(report: RunReport, message: str, *, strict: bool = False) -> State[Any]:
    """Return the state of a run: its reason, else the message. Strict: a feed that failed fails the run."""
    text = report.reason or message
    if (strict and report.failed) or report.status not in _NAMES:
        return Failed(message=text)
    return Completed(name=_NAMES[report.status], message=text)
