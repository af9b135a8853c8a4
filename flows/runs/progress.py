"""How far a run has come, told to whoever listens: a progress bar, or nobody."""

import logging
from typing import Final

from msgspec import Struct

# Outside the `flows` loggers: a record a page would flood Prefect's log.
PROGRESS: Final = logging.getLogger("climate_archive.progress")
PROGRESS.propagate = False


class Step(Struct, frozen=True, kw_only=True):
    """So many things of a kind are done."""

    kind: str  # feeds | pages | documents | readings
    done: int
    total: int


def tell(kind: str, done: int, total: int) -> None:
    """Say how far the work on one kind of thing has come."""
    PROGRESS.debug("%s %d/%d", kind, done, total, extra={"step": Step(kind=kind, done=done, total=total)})
