"""How much there was of something over time, and as a share of all that its feeds published."""

from collections import Counter
from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from flows.web.content.charts import Chart, chart_of
from models.queries.ledger.counts import CountBy, CountRequest, CountRow, count_rows


class Volume(Struct, frozen=True, kw_only=True):
    """Counts over time, twice: as they are, and as a share."""

    total: CountRow
    counts: Chart | None
    shares: Chart | None


def volume(connection: Connection, wanted: CountRequest) -> Volume:
    """Return how many stories there were by day of UTC, and of how many that the same feeds published."""
    rows = count_rows(connection, replace(wanted, by=CountBy.DAY))
    days, wholes = Counter[date](), Counter[date]()
    for row in rows:
        days[date.fromisoformat(row.key)] += row.stories
        wholes[date.fromisoformat(row.key)] += row.published
    watched = {date.fromisoformat(row.key) for row in rows if row.coverage.answered}
    seen = watched | _before(min(watched, default=None), min(wholes, default=None))
    (total,) = count_rows(connection, replace(wanted, by=None)) or (None,)
    return Volume(
        total=total or CountRow(key="", topic=None, stories=0, published=0, coverage=rows[0].coverage),
        counts=chart_of(days, None, seen, wholes) if sum(days.values()) else None,
        shares=chart_of(days, wholes, seen) if sum(days.values()) else None,
    )


def _before(begin: date | None, first: date | None) -> set[date]:
    """Return the days before the first night: what feeds still showed of them is known, so that they are no gap."""
    if begin is None or first is None:
        return set()
    return {first + timedelta(days=at) for at in range((begin - first).days)}
