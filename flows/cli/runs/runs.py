"""The `runs` commands: the ledger, read and checked, with what people did by hand."""

from typing import Any

import click
from msgspec.structs import asdict

from config.settings import Settings, load_settings
from flows.cli.archive import archive_reading
from flows.cli.exit_codes import EXIT_FAILED
from flows.cli.options import json_option
from flows.cli.output.notices import notices_json
from flows.cli.output.report import print_report, report_json
from flows.cli.output.terminal import moment, print_json, print_lines, print_table, say
from flows.exports.shape import iso
from flows.upkeep.telling.notice_words import notice_sentence
from models.queries.acts import ActRecord, list_acts
from models.queries.ledger.checks import Audit, AuditFinding, audit
from models.queries.ledger.runs import RunSummary, list_runs, run_report
from models.queries.notices import notices_of_run
from models.wording import counted


@click.group()
def runs() -> None:
    """Read the ledger: what every run brought."""


@runs.command("list", epilog="Example: climate-archive runs list --limit 7")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many, the newest.")
@json_option
def list_(limit: int, *, as_json: bool) -> None:
    """List the latest runs, the newest first."""
    settings = load_settings()
    with archive_reading(settings) as connection:
        found = list_runs(connection, limit)
    if as_json:
        print_json([run_json(run) for run in found])
        return
    columns = ("run", "mode", "status", "started", "took", "feeds", "failed", "seen", "new", "updated", "remark")
    print_table(columns, [_run_row(run, settings) for run in found], spare=("took", "updated", "seen"))


@runs.command(epilog="Example: climate-archive runs show latest")
@click.argument("run_id", metavar="RUN_ID")
@json_option
def show(run_id: str, *, as_json: bool) -> None:
    """Show one run feed by feed. RUN_ID is its number or "latest"."""
    with archive_reading(load_settings()) as connection:
        report = run_report(connection, run_id)
        notices = notices_of_run(connection, report.run_id)
    if as_json:
        print_json(report_json(report) | {"notices": notices_json(notices)})
        return
    print_report(report)
    print_lines(*map(notice_sentence, notices))


@runs.command(epilog="Example: climate-archive runs check")
@json_option
@click.pass_context
def check(ctx: click.Context, *, as_json: bool) -> None:
    """Check that every run's entries and pages add up.

    Each one that was met must be accounted for; exit 1 if one is not.
    """
    with archive_reading(load_settings()) as connection:
        result = audit(connection)
    if as_json:
        print_json(_audit_json(result))
    else:
        _print_audit(result)
    if result.findings:
        ctx.exit(EXIT_FAILED)


@runs.command(epilog="Example: climate-archive runs acts --limit 50")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many, the newest.")
@json_option
def acts(limit: int, *, as_json: bool) -> None:
    """List what people did by hand, the newest first.

    That is labels, withdrawals, and what was done on the pages, with who and when.
    """
    settings = load_settings()
    with archive_reading(settings) as connection:
        found = list_acts(connection, limit)
    if as_json:
        print_json([act_json(act) for act in found])
        return
    columns = ("act", "when", "who", "by", "what", "story", "run", "detail")
    print_table(columns, [_act_row(act, settings) for act in found], spare=("act", "by"))


def run_json(run: RunSummary) -> dict[str, Any]:
    """Return a run in a list as JSON shows it."""
    return asdict(run) | {"started_at": iso(run.started_at), "finished_at": iso(run.finished_at)}


def act_json(act: ActRecord) -> dict[str, Any]:
    """Return what a person did as JSON shows it."""
    return asdict(act) | {"done_at": iso(act.done_at)}


def _run_row(run: RunSummary, settings: Settings) -> list[object]:
    took = "" if run.finished_at is None else f"{(run.finished_at - run.started_at).total_seconds():.0f} s"
    sums = (run.feeds, run.feeds_failed, run.totals.seen, run.totals.new, run.totals.updated)
    status = run.status.replace("_", " ")
    return [run.run_id, run.mode, status, moment(run.started_at, settings.zone), took, *sums, run.reason]


def _act_row(act: ActRecord, settings: Settings) -> list[object]:
    when = moment(act.done_at, settings.zone)
    return [act.id, when, act.name, act.via, act.kind.replace("_", " "), act.story_id, act.run_id, act.detail]


def _audit_json(result: Audit) -> dict[str, Any]:
    return asdict(result) | {"ok": not result.findings}


def _print_audit(result: Audit) -> None:
    if result.running:
        names = ", ".join(str(run_id) for run_id in result.running)
        say(f"Not checked, because it is still at work: run {names}.")
    print_lines(*(_sentence(finding) for finding in result.findings))
    said = f"{counted(len(result.findings), 'finding')}." if result.findings else "all of it adds up."
    runs, stories = counted(result.runs, "run"), counted(result.stories, "story", "stories")
    say(f"{runs}, {counted(result.rows, 'row')} of feeds, {stories} admitted: {said}")


def _sentence(finding: AuditFinding) -> str:
    place = [f"run {finding.run_id}"] if finding.run_id is not None else []
    place += [f"feed {finding.feed}"] if finding.feed is not None else []
    return ": ".join([", ".join(place), finding.message]) if place else finding.message
