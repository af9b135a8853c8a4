"""The `import` command: take documents into the archive."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click

from config.settings import load_settings
from flows.cli.exit_codes import EXIT_STRICT, exit_code_of_run
from flows.cli.options import json_option
from flows.cli.output.progress import shown_progress
from flows.cli.output.report import report_json
from flows.cli.output.terminal import print_json, print_lines, say
from flows.ingest.imports import ImportedDocument, import_documents
from models.reports import RunReport
from models.wording import counted

_SOURCE_MARKS = "abcdefghijklmnopqrstuvwxyz0123456789-"


@click.command("import", epilog="Example: climate-archive import clippings/*.txt --source clippings")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--source", metavar="NAME", help="Where the documents come from; a document is known per source.")
@click.option(
    "--host", metavar="HOST", multiple=True, help="Of web archives: only pages of this host; may be repeated."
)
@click.option("--strict", is_flag=True, help="Exit with 3 where any document could not be read.")
@json_option
@click.pass_context
def import_command(
    ctx: click.Context,
    *,
    paths: tuple[Path, ...],
    source: str | None,
    host: tuple[str, ...],
    strict: bool,
    as_json: bool,
) -> None:
    """Take documents into the archive: text files, saved web pages, web archives (WARC), or folders of them.

    In a text file every paragraph is a line, and the title, a line without closing punctuation, ends its story. Of a
    web archive every HTML page that holds a story about climate is taken, as first seen when it was captured; begun
    again, it goes on where it was cut short.
    """
    if source is not None and not set(source) <= set(_SOURCE_MARKS):
        raise click.BadParameter("a source is made of small letters, digits and hyphens", param_hint="--source")
    documents, left_out = _documents_in(paths)
    if not documents:
        raise click.UsageError("These folders hold no document.")
    for path in left_out:
        say(f"not read: {path}: no document of this folder, but a link out of it, a device or a pipe")
    with shown_progress():
        report, imported = asyncio.run(
            import_documents(load_settings(), documents, source, [one.lower() for one in host])
        )
    if as_json:
        print_json(_json(report, imported))
    else:
        _tell(report, imported)
    code = exit_code_of_run(report, strict=False)
    ctx.exit(EXIT_STRICT if strict and code == 0 and (report.totals.failed or left_out) else code)


def _documents_in(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Return the files named with those of the folders named, in a steady order, and what else lies in the folders.

    A link may lead anywhere, to files that whoever packed the folder wants to see imported: it stays inside.
    """
    found: list[Path] = []
    left_out: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        for one in _shown_in(path):
            is_inside = one.is_file() and one.resolve().is_relative_to(path.resolve())
            (found if is_inside else left_out).append(one)
    return found, left_out


def _shown_in(folder: Path) -> list[Path]:
    """Return what lies in a folder and in its folders, but nothing that is hidden, and no folder itself."""
    inside = (
        one for one in folder.rglob("*") if not any(part.startswith(".") for part in one.relative_to(folder).parts)
    )
    return sorted(one for one in inside if one.is_symlink() or not one.is_dir())


def _json(report: RunReport, imported: Sequence[ImportedDocument]) -> dict[str, object]:
    documents = [{"path": one.name, "reason": one.reason, "new": one.counts.new} for one in imported]
    return report_json(report) | {"documents": documents}


def _tell(report: RunReport, imported: Sequence[ImportedDocument]) -> None:
    for one in imported:
        if one.reason:
            say(f"not read: {one.reason}")
    totals = report.totals
    known = totals.unchanged + totals.duplicate + totals.updated
    source = counted(len(imported), "document")
    print_lines(f"{totals.new} new, {known} known before, {totals.failed} failed, from {source}.")
    if totals.failed:
        say(
            f"NOT IN THE ARCHIVE: {totals.failed} of {source}, which could not be read. Each is named above.",
            is_bad=True,
        )
