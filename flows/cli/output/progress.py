"""Show a run's progress on stderr: a bar on a terminal, a line a feed in a pipe."""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flows.cli.output.terminal import is_terminal
from flows.runs.progress import PROGRESS, Step

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_OF_RUNS = tuple(logging.getLogger(name) for name in ("flows.ingest", "flows.runs"))


@contextmanager
def shown_progress() -> Iterator[None]:
    """Show what is logged of a run within the context."""
    if not is_terminal(sys.stderr):
        with _listening(_OF_RUNS, _plain_lines()):
            yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(*columns, console=Console(stderr=True), transient=True) as progress,
        _listening((PROGRESS,), _Bars(progress), logging.DEBUG),
        _listening(_OF_RUNS, _Above(progress)),
    ):
        yield


@contextmanager
def _listening(
    loggers: Sequence[logging.Logger], handler: logging.Handler, level: int = logging.INFO
) -> Iterator[None]:
    before = [(logger, logger.level) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(level)
    try:
        yield
    finally:
        for logger, former in before:
            logger.removeHandler(handler)
            logger.setLevel(former)


def _plain_lines() -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    return handler


class _Bars(logging.Handler):
    """Draws a bar for each kind of thing."""

    def __init__(self, progress: "Progress") -> None:
        super().__init__()
        self._progress = progress
        self._bars: dict[str, TaskID] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Move a bar."""
        step: Step = record.__dict__["step"]
        if step.kind not in self._bars:
            self._bars[step.kind] = self._progress.add_task(step.kind, total=step.total)
        self._progress.update(self._bars[step.kind], completed=step.done, total=step.total)


class _Above(logging.Handler):
    """Prints above the bars."""

    def __init__(self, progress: "Progress") -> None:
        super().__init__(level=logging.WARNING)
        self._progress = progress

    def emit(self, record: logging.LogRecord) -> None:
        """Print a line as plain text: a reason may quote what a server sent."""
        self._progress.console.print(record.getMessage(), markup=False, highlight=False)
