"""The `extract` command: what the archive sees on saved pages."""

import asyncio
import gzip
import json
import sys
import zlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from flows.cli.output.terminal import print_lines, say
from flows.exports.safe_json import json_text
from flows.workers.pool import JobPool
from models.errors import ArchiveError, BadResponse, TooLarge, WorkerKilled

_LARGEST_PAGE = 20_000_000  # bytes, decompressed; a saved page may hold its pictures
_ALONE = 50  # pages up to which starting worker processes costs more than it brings
_TIMEOUT_S = 30.0  # for one page
BELIEVED_DATE = 0.8  # page_dates.BELIEVED, which takes trafilatura's half second to import

Line = dict[str, Any]  # of the output, as the manifest form of the contract has it


class Page(Struct, frozen=True):
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
    as_text = json_text if as_json or manifest is not None else _readable
    failed = asyncio.run(_print_all(pages, as_text))
    if failed and manifest is None:
        sys.exit(1)


async def _print_all(pages: list[Page], as_text: Callable[[Line], str]) -> int:
    """Print what is on each page and return how many could not be read."""
    failed = 0
    async for line in _lines(pages):
        if "error" in line:
            failed += 1
            say(f"{line['id']}: {line['error']}")
        if "error" not in line or as_text is json_text:
            print_lines(as_text(line))
    return failed


def read_saved_page(page: Page) -> Line:
    """Read one page. A page that fails is a line too: with an empty text and its error."""
    from flows.steps.extract import read_page  # takes half a second that no other command shall pay

    try:
        reading = read_page(_bytes_of(page.path), url=page.url, not_after=datetime.now(UTC))
    except (ArchiveError, OSError, EOFError, zlib.error) as error:
        return _line(page.id) | {"error": f"{type(error).__name__}: {error}"}
    except Exception as error:  # noqa: BLE001  (a bug costs one page, not those behind it)
        return _line(page.id) | {"error": f"a bug: {type(error).__name__}: {error}"}
    story = reading.story
    found: Line = {"title": story.title, "authors": list(story.authors), "published_at": reading.published}
    found |= {"published_confidence": reading.published_confidence, "modified_at": reading.modified}
    found |= {"text": story.text, "method": story.method, "confidence": story.confidence}
    return _line(page.id) | found


def _line(page_id: str) -> Line:
    empty: Line = {"title": "", "authors": [], "published_at": None, "published_confidence": 0.0}
    empty |= {"modified_at": None, "text": ""}
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


async def _lines(pages: list[Page]) -> AsyncIterator[Line]:
    """Yield a line for each page, in their order."""
    if len(pages) <= _ALONE:
        for page in pages:
            yield read_saved_page(page)
        return
    async with JobPool() as pool:
        tasks = [asyncio.create_task(_in_worker(pool, page)) for page in pages]
        for task in tasks:
            yield await task


async def _in_worker(pool: JobPool, page: Page) -> Line:
    try:
        return await pool.call(read_saved_page, page, timeout_s=_TIMEOUT_S)
    except WorkerKilled as error:
        return _line(page.id) | {"error": f"{type(error).__name__}: {error}"}


def _bytes_of(path: Path) -> bytes:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        body = file.read(_LARGEST_PAGE + 1)
    if len(body) > _LARGEST_PAGE:
        raise TooLarge(f"more than {_LARGEST_PAGE} bytes")
    if not body.strip():
        raise BadResponse("the file is empty")
    return body


def _readable(line: Line) -> str:
    facts = [", ".join(line["authors"]), _date_of(line), f"{line['method']} {line['confidence']:.2f}"]
    return "\n".join([line["title"], " · ".join(filter(None, facts)), "", line["text"], ""])


def _date_of(line: Line) -> str:
    """Return a page's date, marked where it is a guess."""
    date, confidence = line["published_at"] or "", line["published_confidence"]
    return f"{date} (a guess, {confidence:.1f})" if date and confidence < BELIEVED_DATE else date
