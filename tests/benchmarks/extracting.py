"""What reading a page's story costs, against trafilatura's own time for the page: its text and its metadata.

The pages are those of the demo. Run as a module it reads the pages (.html, .html.gz) of a folder instead, such as saved
ones: `python -m tests.benchmarks.extracting FOLDER`.
"""

import gzip
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from trafilatura import bare_extraction

from flows.demo.content import load_content
from flows.demo.edition import Edition
from flows.demo.render_pages import render_article
from flows.steps.extract import extract_page
from models.errors import BadResponse
from tests.benchmarks.costs import cost_of, interleaved
from tests.benchmarks.measures import Measurement

NAME = "extract"
_MOST_RATIO: Final = 1.3
_MOST: Final = 60  # pages of a folder, taken from all over it


def measure(rounds: int) -> Iterator[Measurement]:
    """Read the demo's pages both ways."""
    yield from _measured(_demo_pages(), rounds)


def _measured(pages: Sequence[bytes], rounds: int) -> Iterator[Measurement]:
    works = {
        "ours": lambda: cost_of(partial(_read, _ours, pages)),
        "theirs": lambda: cost_of(partial(_read, _theirs, pages)),
    }
    interleaved(1, works)  # the first page compiles patterns
    costs = interleaved(rounds, works)
    ours, theirs = ([cost[name].cpu_s / len(pages) for cost in costs] for name in ("ours", "theirs"))
    yield Measurement(benchmark=NAME, what="a page", values=tuple(1000 * one for one in ours), unit="ms")
    ratios = tuple(one / other for one, other in zip(ours, theirs, strict=True))
    yield Measurement(benchmark=NAME, what="to trafilatura's own time", values=ratios, unit="x", aim=_MOST_RATIO)


def _read(read: Callable[[bytes], None], pages: Sequence[bytes]) -> None:
    for page in pages:
        read(page)


def _ours(page: bytes) -> None:
    with suppress(BadResponse):
        extract_page(page, url=None)


def _theirs(page: bytes) -> None:
    bare_extraction(page, include_comments=False, with_metadata=True)


def _demo_pages() -> list[bytes]:
    edition = Edition(load_content(), "http://news.example", night=1)
    return [render_article(edition, outlet, story) for outlet in edition.content.outlets for story in outlet.stories]


def _saved_pages(folder: Path) -> list[bytes]:
    files = sorted([*folder.rglob("*.html"), *folder.rglob("*.html.gz")])
    chosen = files[:: max(1, len(files) // _MOST)][:_MOST]
    return [gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes() for file in chosen]


if __name__ == "__main__":
    for measurement in _measured(_saved_pages(Path(sys.argv[1])), 3):
        sys.stdout.write(f"{measurement.what}: {' '.join(f'{one:.2f}' for one in measurement.values)}\n")
