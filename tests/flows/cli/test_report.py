"""A run's report for people."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from rich.console import Console
from rich.text import Text

from flows.cli.output.report import print_report, report_json
from models.reports import Counts, FeedReport, FeedStatus, MeaningCounts, PageCounts, RunReport, RunStatus

BEGUN = datetime(2026, 7, 14, 4, 15, tzinfo=UTC)
REPORT = RunReport(
    run_id=7,
    mode="run",
    status=RunStatus.COMPLETED_WITH_ERRORS,
    started_at=BEGUN,
    finished_at=BEGUN + timedelta(seconds=3.25),
    feeds=(
        FeedReport(
            feed="climate-home-news",
            status=FeedStatus.OK,
            counts=Counts(seen=3, new=1, unchanged=2),
            warnings=("2 of 3 dates could not be read",),
        ),
        FeedReport(feed="wmo", status=FeedStatus.FAILED, reason="the server answered [red]503[/red]", error="TryLater"),
    ),
    pages=PageCounts(due=3, completed=2, left=1),
    reason="1 of 2 feeds failed",
)


def _shown(report: RunReport, *, is_terminal: bool, capsys: pytest.CaptureFixture[str]) -> list[str]:
    console = Console(file=io.StringIO(), width=80, force_terminal=is_terminal, markup=False, highlight=False)
    print_report(report, console=console)
    assert isinstance(console.file, io.StringIO)
    lines = (console.file.getvalue() + capsys.readouterr().out).splitlines()
    return [Text.from_ansi(line).plain.strip() for line in lines]


def test_a_terminal_shows_the_counts_that_tell(capsys: pytest.CaptureFixture[str]) -> None:
    """Names are whole, empty columns are left out, reasons and warnings stand beside their feed."""
    lines = _shown(REPORT, is_terminal=True, capsys=capsys)
    assert lines[1].split() == ["feed", "status", "seen", "new", "unchanged", "remark"]
    assert lines[3].split()[:4] == ["climate-home-news", "ok", "3", "1"]
    assert any("[red]503[/red]" in line for line in lines)
    assert lines[-1] == "Run 7: completed with errors in 3.2 s: 1 of 2 feeds failed"


def test_a_pipe_gets_every_column(capsys: pytest.CaptureFixture[str]) -> None:
    """A row a line with all counts, in the contract's order."""
    lines = _shown(REPORT, is_terminal=False, capsys=capsys)
    assert lines[0].split("\t")[2:9] == ["seen", "new", "updated", "unchanged", "duplicate", "off_topic", "failed"]
    assert lines[1] == "climate-home-news\tok\t3\t1\t0\t2\t0\t0\t0\t2 of 3 dates could not be read"
    assert lines[-2] == "Pages: 3 due (2 completed, 1 left)."


def test_the_second_reader_is_told_of_where_it_had_something_to_read(capsys: pytest.CaptureFixture[str]) -> None:
    """What it read, and what it left for a later night."""
    report = replace(REPORT, meaning=MeaningCounts(read=5, admitted=1, failed=1, waiting=9))
    assert _shown(report, is_terminal=False, capsys=capsys)[-2] == (
        "Second reader: read 5, admitted 1 of them, could not read 1, left 9 for later."
    )
    assert report_json(report)["meaning"] == {"read": 5, "admitted": 1, "failed": 1, "waiting": 9}


def test_a_run_at_work_has_no_end(capsys: pytest.CaptureFixture[str]) -> None:
    """Its time is not told, in words or in JSON."""
    report = replace(REPORT, finished_at=None, status=RunStatus.RUNNING, reason=None)
    assert _shown(report, is_terminal=False, capsys=capsys)[-1] == "Run 7: running"
    assert report_json(report)["finished_at"] is None
