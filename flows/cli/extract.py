"""The `extract` command: what the archive sees on saved pages."""

import gzip
import json
import os
import sys
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from flows.cli._terminal import print_lines, say
from flows.exports.safe_json import json_text
from models.errors import ArchiveError, BadResponse, TooLarge

_LARGEST_PAGE = 20_000_000  # bytes, decompressed; a saved page may hold its pictures
_ALONE = 50  # pages up to which starting worker processes costs more than it brings
_CHUNK = 8  # pages a worker takes at once


Line = dict[str, Any]  # of the output, as the manifest form of the contract has it


@dataclass(frozen=True, slots=True)
class Page:
    """One saved page of the task."""

    id: str
    path: Path
    url: str | None = None


@click.command(epilog="Example: climate-archive extract saved-page.html")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@click.option("--manifest", type=click.Path(path_type=Path, dir_okay=False), help='JSON lines {"id", "path", "url"}.')
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line for each page.")
def extract(files: tuple[Path, ...], manifest: Path | None, *, as_json: bool) -> None:
    """Show what the archive sees on saved pages: title, authors, date and text.

    Lines of --manifest, {"id", "path", "url"}, give JSON lines; so does --json for a FILE. No archive is needed.
    """
    if not files and manifest is None:
        raise click.UsageError("name a FILE or a --manifest")
    pages = [Page(str(path), path) for path in files]
    pages += _manifest_pages(manifest) if manifest is not None else []
    has_failed = False
    for line in _lines(pages):
        if "error" in line:
            has_failed = True
            say(f"{line['id']}: {line['error']}")
        if as_json or manifest is not None:
            print_lines(json_text(line))
        elif "error" not in line:
            print_lines(_readable(line))
    if has_failed and manifest is None:
        sys.exit(1)


def read_saved_page(page: Page) -> Line:
    """Read one page. A page that fails is a line too: with an empty text and its error."""
    from flows.steps.extract import read_page  # takes half a second that no other command shall pay

    try:
        reading = read_page(_bytes_of(page.path), url=page.url)
    except (ArchiveError, OSError, EOFError, zlib.error) as error:
        return _line(page.id) | {"error": f"{type(error).__name__}: {error}"}
    story = reading.story
    found: Line = {"title": story.title, "authors": list(story.authors), "published_at": reading.published}
    found |= {"text": story.text, "method": story.method, "confidence": story.confidence}
    return _line(page.id) | found


def _line(page_id: str) -> Line:
    empty: Line = {"title": "", "authors": [], "published_at": None, "text": ""}
    return {"id": page_id, **empty, "method": "none", "confidence": 0.0}


def _manifest_pages(manifest: Path) -> list[Page]:
    try:
        lines = manifest.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{manifest}: {error}") from error
    rows = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    return [_manifest_page(line, manifest, number) for number, line in rows]


def _manifest_page(line: str, manifest: Path, number: int) -> Page:
    try:
        row = json.loads(line)
        return Page(str(row["id"]), manifest.parent / row["path"], row.get("url"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f'{manifest}, line {number}: no {{"id", "path", "url"}}: {error}'
        raise click.UsageError(message) from error


def _lines(pages: list[Page]) -> Iterator[Line]:
    """Yield a line for each page, in their order."""
    if len(pages) <= _ALONE:
        yield from map(read_saved_page, pages)
        return
    with ProcessPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
        yield from pool.map(read_saved_page, pages, chunksize=_CHUNK)


def _bytes_of(path: Path) -> bytes:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        body = file.read(_LARGEST_PAGE + 1)
    if len(body) > _LARGEST_PAGE:
        raise TooLarge(f"more than {_LARGEST_PAGE} bytes")
    if not body.strip():
        raise BadResponse("the file is empty")
    return body


def _readable(line: Line) -> str:
    facts = [", ".join(line["authors"]), line["published_at"] or "", f"{line['method']} {line['confidence']:.2f}"]
    return "\n".join([line["title"], " · ".join(filter(None, facts)), "", line["text"], ""])
