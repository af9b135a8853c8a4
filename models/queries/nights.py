"""Which nights the archive has had."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from models.reports import RunStatus
from models.tables import Run

SUCCEEDED: Final = (RunStatus.COMPLETED.value, RunStatus.COMPLETED_WITH_ERRORS.value)


def last_whole_night(connection: Connection) -> datetime | None:
    """Return when the latest night over all feeds that succeeded began; None where there was none."""
    nights = select(Run.started_at, Run.parameters).where(Run.mode == "run", Run.status.in_(SUCCEEDED))
    whole = (at for at, asked in connection.execute(nights.order_by(Run.id.desc())).tuples() if not asked.get("feeds"))
    return next(whole, None)
