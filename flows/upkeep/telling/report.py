"""A night's report in Markdown, for Prefect's pages and for a file beside the archive."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from flows.upkeep.telling.health import Finding
from flows.upkeep.telling.notice_words import notice_sentence
from models.queries.notices import NoticeRecord
from models.reports import RunReport
from models.storage.whole_file import replace_text
from models.wording import counted, readings


def report_markdown(report: RunReport, found: Iterable[Finding], notices: Sequence[NoticeRecord] = ()) -> str:
    """Return what a person wants to know in the morning: what came, what failed and why, what needs them."""
    parts = (_head(report), _failures(report), _needs(found), _told(notices), _table(report))
    return "\n".join(line for part in parts for line in part) + "\n"


def write_report(file: Path, text: str) -> None:
    """Write the report over the last night's, whole or not at all."""
    replace_text(file, text)


def _head(report: RunReport) -> Iterator[str]:
    totals, pages = report.totals, report.pages
    yield f"# Run {report.run_id}: {report.status.value.replace('_', ' ')}"
    yield f"\n{report.started_at:%Y-%m-%d %H:%M} UTC. {_plain(report.reason or '')}".rstrip()
    new, seen = counted(totals.new, "new story", "new stories"), counted(totals.seen, "entry", "entries")
    yield f"\n{new}, {totals.updated} updated; {seen} in {counted(len(report.feeds), 'feed')}."
    yield f"Pages: {pages.due} due, {pages.completed} completed, {pages.refused + pages.failed} without a text."
    if read := readings(report.meaning):
        yield read


def _failures(report: RunReport) -> Iterator[str]:
    failed = [feed for feed in report.feeds if feed.status.value in {"failed", "gone"}]
    if failed:
        yield "\n## Failed\n"
    for feed in failed:
        yield f"- {feed.feed}: {_plain(feed.reason or feed.status.value)}"


def _needs(found: Iterable[Finding]) -> Iterator[str]:
    messages = [one.message for one in found]
    if messages:
        yield "\n## Needs a person\n"
    yield from (f"- {_plain(message)}" for message in messages)


def _told(notices: Sequence[NoticeRecord]) -> Iterator[str]:
    if notices:
        yield "\n## Told\n"
    yield from (f"- {_plain(notice_sentence(notice))}" for notice in notices)


def _table(report: RunReport) -> Iterator[str]:
    yield "\n## Feeds\n"
    yield "| feed | status | seen | new | updated | failed |"
    yield "|---|---|---:|---:|---:|---:|"
    for feed in report.feeds:
        counts = feed.counts
        yield f"| {feed.feed} | {feed.status} | {counts.seen} | {counts.new} | {counts.updated} | {counts.failed} |"


def _plain(text: str) -> str:
    """Return one line in which nothing is Markdown or HTML, or acts on a terminal: it may quote what a server sent."""
    shown = (mark if mark.isprintable() else " " for mark in text)
    return " ".join("".join(f"\\{mark}" if mark in "\\`*_[]<>|#!&~" else mark for mark in shown).split())
