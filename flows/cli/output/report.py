"""A run's report, for programs and for people."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import asdict

from flows.cli.output.terminal import leads_to_terminal, print_json, print_lines, print_table
from flows.exports.shape import iso
from models.reports import Counts, FeedReport, RunReport
from models.wording import counted, readings

if TYPE_CHECKING:
    from rich.console import Console

_COUNTS: Final = ("seen", "new", "updated", "unchanged", "duplicate", "off_topic", "failed")
_ALWAYS: Final = ("seen", "new")


def report_json(report: RunReport) -> dict[str, Any]:
    """Return a run as JSON shows it."""
    return {
        "run_id": report.run_id,
        "mode": report.mode,
        "status": report.status.value,
        "reason": report.reason,
        "started_at": iso(report.started_at),
        "finished_at": iso(report.finished_at),
        "totals": asdict(report.totals),
        "pages": asdict(report.pages),
        "meaning": asdict(report.meaning),
        "feeds": [_feed_json(feed) for feed in report.feeds],
    }


def print_report(report: RunReport, *, as_json: bool = False, console: "Console | None" = None) -> None:
    """Print a run: a row a feed with what it gave or why it gave nothing, the sums, the pages."""
    if as_json:
        print_json(report_json(report))
        return
    names = _telling(report.totals) if leads_to_terminal(console) else _COUNTS
    rows = [[feed.feed, feed.status.value, *_numbers(feed.counts, names), _remark(feed)] for feed in report.feeds]
    total = ["total", "", *_numbers(report.totals, names), counted(len(report.feeds), "feed")]
    print_table(["feed", "status", *names, "remark"], [*rows, total], console)
    print_lines(*_sentences(report))


def seconds(report: RunReport) -> str:
    """Say how long a run took; empty while it runs."""
    if report.finished_at is None:
        return ""
    return f" in {(report.finished_at - report.started_at).total_seconds():.1f} s"


def _feed_json(feed: FeedReport) -> dict[str, Any]:
    return {
        "feed": feed.feed,
        "status": feed.status.value,
        "reason": feed.reason,
        "error": feed.error,
        "http_status": feed.http_status,
        "attempts": feed.attempts,
        "size_bytes": feed.size_bytes,
        "elapsed_ms": feed.elapsed_ms,
        **asdict(feed.counts),
        "warnings": list(feed.warnings),
    }


def _telling(totals: Counts) -> tuple[str, ...]:
    """Choose the columns that hold anything: a terminal is narrow."""
    return tuple(name for name in _COUNTS if name in _ALWAYS or getattr(totals, name))


def _numbers(counts: Counts, names: Iterable[str]) -> list[int]:
    return [getattr(counts, name) for name in names]


def _remark(feed: FeedReport) -> str:
    parts = [feed.reason or "", *feed.warnings]
    return "; ".join(part for part in parts if part)


def _sentences(report: RunReport) -> list[str]:
    pages = asdict(report.pages)
    due = pages.pop("due")
    kinds = ", ".join(f"{count} {name}" for name, count in pages.items() if count)
    words = report.status.value.replace("_", " ")
    reason = f": {report.reason}" if report.reason else ""
    read = readings(report.meaning)
    return [
        f"Pages: {due} due{f' ({kinds})' if kinds else ''}.",
        *([read] if read else []),
        f"Run {report.run_id}: {words}{seconds(report)}{reason}",
    ]
