"""The `import` command: take documents into the archive."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click
from msgspec.structs import asdict

from config.settings import load_settings
from flows.cli.exit_codes import EXIT_STRICT, exit_code_of_run
from flows.cli.options import json_option
from flows.cli.output.progress import shown_progress
from flows.cli.output.report import report_json
from flows.cli.output.terminal import print_json, print_lines, say
from flows.ingest.imports import OLDER_CAPTURE, OLDER_CAPTURES, Imported, ImportedDocument, import_documents
from flows.ingest.web_archives import REVISIT, REVISITS, is_web_archive
from models.wording import counted

_NAMED = 3  # of what was passed over in a document
_SOURCE_MARKS = "abcdefghijklmnopqrstuvwxyz0123456789-"


@click.command("import", epilog="Example: climate-archive import clippings/*.txt --source clippings")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--source", metavar="NAME", help="Where the documents come from; a document is known per source.")
@click.option(
    "--host", metavar="HOST", multiple=True, help="Of web archives: only pages of this host; may be repeated."
)
@click.option("--strict", is_flag=True, help="Exit with 3 where any document, or any page in one, could not be read.")
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
    web archive every HTML page that holds a story is taken, as first seen when it was captured, and each change among
    its captures; one that is not about climate is off topic. Begun again after an interruption, it goes on where it
    was. Where nothing could be taken, or no page is of the hosts named, the exit code is 1.
    """
    if source is not None and not set(source) <= set(_SOURCE_MARKS):
        raise click.BadParameter("a source is made of small letters, digits and hyphens", param_hint="--source")
    documents, left_out = _documents_in(paths)
    if not documents:
        raise click.UsageError("These folders hold no document.")
    if host and not any(is_web_archive(path) for path in documents):
        raise click.UsageError("--host narrows web archives (.warc, .warc.gz), and none of these documents is one.")
    for path in left_out:
        say(f"not read: {path}: no document of this folder, but a link out of it, a device or a pipe")
    hosts = [one.lower() for one in host]
    with shown_progress():
        imported = asyncio.run(import_documents(load_settings(), documents, source, hosts))
    _say_what_is_missing(imported.documents, hosts)
    if as_json:
        print_json(_json(imported))
    else:
        _tell(imported)
    code = exit_code_of_run(imported.report, strict=False)
    ctx.exit(EXIT_STRICT if strict and code == 0 and (imported.report.totals.failed or left_out) else code)


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


def _json(imported: Imported) -> dict[str, object]:
    documents = [_document_json(one) for one in imported.documents]
    return report_json(imported.report) | {"further_runs": list(imported.further_runs), "documents": documents}


def _document_json(one: ImportedDocument) -> dict[str, object]:
    told = {"path": one.name, "reason": one.reason, **asdict(one.counts), "refused": list(one.refused)}
    return told | {"passed_over": one.passed_over, "revisits": one.revisits}


def _say_what_is_missing(documents: Sequence[ImportedDocument], hosts: Sequence[str]) -> None:
    for one in documents:
        for reason in one.refused:
            say(f"not read: {one.named(reason)}")
        if unnamed := one.counts.failed - len(one.refused):
            say(f"not read: {one.name}: and {unnamed} more")
        if one.nothing_why:
            say(f"nothing taken: {one.named(one.nothing_why)}")
        _say_what_is_passed_over(one)
    met = {host for one in documents for host in one.hosts_met}
    if met:  # where there is none, each archive has said so
        for host in hosts:
            if host not in met:
                say(f"nothing taken: no HTML page of {host} is in these web archives")


def _say_what_is_passed_over(one: ImportedDocument) -> None:
    for which in one.older[:_NAMED]:
        say(f"passed over: {one.name}: {which}")
    if (unnamed := one.passed_over - _NAMED) > 0:
        say(f"passed over: {one.name}: and {unnamed} more")
    for url in one.revisited[:_NAMED]:
        say(f"passed over: {one.name}: {url}: a revisit record")
    if (unnamed := one.revisits - _NAMED) > 0:
        say(f"passed over: {one.name}: and {counted(unnamed, 'more revisit record', 'more revisit records')}")


def _tell(imported: Imported) -> None:
    totals, documents = imported.report.totals, imported.documents
    seldom = {"updated": totals.updated, "off topic": totals.off_topic}
    told = {"new": totals.new, "known before": totals.unchanged + totals.duplicate}
    told |= {name: count for name, count in seldom.items() if count} | {"failed": totals.failed}
    source = counted(len(documents), "document")
    print_lines(f"{', '.join(f'{count} {name}' for name, count in told.items())}, from {source}.")
    if imported.further_runs:
        runs = counted(len(imported.further_runs), "more run")
        say(f"Further captures of {counted(imported.waited_pages, 'page')}: {runs}.")
    if passed_over := sum(one.passed_over for one in documents):
        say(f"Passed over: {counted(passed_over, OLDER_CAPTURE, OLDER_CAPTURES)}, counted as known before.")
    if revisits := sum(one.revisits for one in documents):
        say(f"Passed over: {counted(revisits, REVISIT, REVISITS)}, not counted.")
    if totals.off_topic:
        say("What is off topic is kept, and hidden unless asked for: search --include-off-topic.")
    if totals.failed:
        unread = counted(totals.failed, "page or document", "pages or documents")
        some = f"{sum(one.counts.failed > 0 for one in documents)} of {source}"
        say(f"NOT IN THE ARCHIVE: {unread} that could not be read, in {some}. Each is named above.", is_bad=True)
