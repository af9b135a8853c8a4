"""What an unchanged night asks of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace
from sqlalchemy import Engine, event

from config.settings import PageSettings
from models.reports import FeedStatus
from tests.databases import on_postgresql
from tests.nights import Nights

MOST = 3.0


@contextmanager
def _counted() -> Iterator[list[str]]:
    """Collect the statements of every engine."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@on_postgresql
async def test_an_unchanged_feed_costs_few_statements(demo_nights: Nights) -> None:
    """A feed more in a night that brings nothing adds at most three, as what comes in together is written together."""
    nights = replace(demo_nights, pages=PageSettings(per_night=0))
    await nights.run()
    quiet = [row.feed for row in (await nights.run()).feeds if row.status is FeedStatus.UNCHANGED]
    with _counted() as of_one:
        await nights.run(quiet[0])
    with _counted() as of_all:
        report = await nights.run(*quiet)
    assert len(quiet) > 8
    assert {row.status for row in report.feeds} == {FeedStatus.UNCHANGED}
    assert (len(of_all) - len(of_one)) / (len(quiet) - 1) <= MOST
