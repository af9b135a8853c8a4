"""The `counts` command."""

from datetime import UTC, date, datetime
from typing import Any

import click
from msgspec.structs import asdict, replace

from config.settings import load_settings
from flows.cli.archive import archive_reading
from flows.cli.options import Day, Names, json_option, require_days
from flows.cli.output.terminal import print_json, print_table, say
from models.queries.ledger.counts import CountBy, CountRequest, CountRow, count_rows
from models.wording import counted

_UNKNOWN = "unknown"


@click.command(epilog="Example: climate-archive counts --topic policy --by month")
@click.option(
    "--topic", metavar="ID", multiple=True, help="Count stories with this topic; each one named has its rows."
)
@click.option("--feed", metavar="ID", multiple=True, help="Only stories that this feed shows; may be repeated.")
@click.option("--language", metavar="CODE", multiple=True, help="Only stories in this language; may be repeated.")
@click.option("--since", type=Day(), help="From this day on (UTC).")
@click.option("--until", type=Day(), help="To this day, which is included (UTC).")
@click.option(
    "--by",
    type=click.Choice([one.value for one in CountBy]),
    default=CountBy.MONTH.value,
    show_default=True,
    help="What to have a row for.",
)
@json_option
def counts(*, by: str, as_json: bool, **chosen: Any) -> None:  # noqa: ANN401 (the options of a CountRequest)
    """Count stories, beside all that their feeds published and how well the feeds were watched.

    Published is every entry of these feeds, also what is not about climate; share is stories of published. Asked and
    answered count each feed once a day; resting are days on which a feed was not asked, being dormant or gone; gaps are
    times that entries came and went between two nights. A story counts on the day it was published, or first seen
    where that was earlier; days are days of UTC.
    """
    settings = load_settings()
    with archive_reading(settings) as connection:
        names = Names(topics=chosen["topic"], feeds=chosen["feed"], languages=chosen["language"])
        names.require(connection, settings)
        wanted = CountRequest(
            by=CountBy(by),
            topics=chosen["topic"],
            feeds=chosen["feed"],
            languages=chosen["language"],
            since=_whole_day(chosen["since"], "--since"),
            until=_whole_day(chosen["until"], "--until"),
        )
        require_days(wanted.since, wanted.until, UTC)
        rows = count_rows(connection, wanted)
        total = count_rows(connection, replace(wanted, by=None))
    if as_json:
        print_json(counts_json(by, rows, total))
        return
    _print(by, rows, total)


def _whole_day(day: date | datetime | None, option: str) -> date | None:
    if isinstance(day, datetime):
        raise click.BadParameter("stories are counted by whole days: write it as 2026-07-14", param_hint=option)
    return day


def counts_json(by: str, rows: list[CountRow], total: list[CountRow]) -> dict[str, Any]:
    """Return counts as JSON shows them."""
    return {"by": by, "rows": [_json(by, row) for row in rows], "total": [_json(None, row) for row in total]}


def _json(by: str | None, row: CountRow) -> dict[str, Any]:
    key = {} if by is None else {by: row.key or None}
    topic = {"topic": row.topic} if row.topic is not None else {}
    sums = {"stories": row.stories, "published": row.published, "share": row.share}
    return key | topic | sums | {"coverage": asdict(row.coverage)}


def _print(by: str, rows: list[CountRow], total: list[CountRow]) -> None:
    has_topics = any(row.topic is not None for row in total) and by != CountBy.TOPIC
    columns = (by, *(("topic",) if has_topics else ()), "stories", "published", "share", "asked", "answered")
    columns = (*columns, "resting", "gaps")
    print_table(columns, [_cells(row, has_topics=has_topics) for row in rows], spare=("resting", "gaps", "asked"))
    for row in total:
        say(_sentence(row))


def _sentence(row: CountRow) -> str:
    stories = counted(row.stories, "story", "stories") + (f" of {row.topic}" if row.topic else "")
    share = f"{_share(row)} of {row.published} that were published" if row.published else "and none were published"
    watched = row.coverage
    times = f"{watched.answered} of {counted(watched.asked, 'time')}"
    answers = f"feeds answered {times} that they were asked, each once a day" if watched.asked else "no feed was asked"
    return f"{stories}, {share}; {answers}."


def _cells(row: CountRow, *, has_topics: bool) -> list[object]:
    topic = [row.topic] if has_topics else []
    watched = row.coverage
    sums = [row.stories, row.published, _share(row), watched.asked, watched.answered, watched.resting, watched.gaps]
    return [row.key or _UNKNOWN, *topic, *sums]


def _share(row: CountRow) -> str:
    return "" if row.share is None else f"{row.share:.1%}"
