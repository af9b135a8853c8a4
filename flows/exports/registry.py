"""The export formats. To add one, write its module beside this one and give it a line here."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from typing import BinaryIO, Final

from msgspec import Struct

from flows.exports.atom import write_atom
from flows.exports.context import ExportContext
from flows.exports.csv import write_csv
from flows.exports.json_feed import write_json_feed
from flows.exports.jsonl import write_jsonl
from flows.exports.parquet import write_parquet
from flows.exports.warc import write_warc
from models.queries.stories import StoryRecord


class ExportFormat(Struct, frozen=True, kw_only=True):
    """An export format: it writes stories as they come and holds no more than some of them in memory."""

    summary: str
    write: Callable[[Iterable[StoryRecord], BinaryIO, ExportContext], int]  # returns how many stories were written
    endings: tuple[str, ...]  # of files' names
    is_newest_first: bool = False  # as readers of feeds want it


DEFAULT_FORMAT: Final = "jsonl"
FORMATS: Final[Mapping[str, ExportFormat]] = {
    "jsonl": ExportFormat(
        summary="a story a line, for programs",
        write=lambda stories, out, _: write_jsonl(stories, out),
        endings=(".jsonl", ".ndjson"),
    ),
    "csv": ExportFormat(
        summary="a table for spreadsheets", write=lambda stories, out, _: write_csv(stories, out), endings=(".csv",)
    ),
    "parquet": ExportFormat(
        summary="typed columns, for notebooks and databases (needs the extra [parquet])",
        write=lambda stories, out, _: write_parquet(stories, out),
        endings=(".parquet",),
    ),
    "atom": ExportFormat(
        summary="a feed, the newest first", write=write_atom, endings=(".atom", ".xml"), is_newest_first=True
    ),
    "jsonfeed": ExportFormat(
        summary="a feed in JSON, the newest first",
        write=write_json_feed,
        endings=(".jsonfeed", ".json"),
        is_newest_first=True,
    ),
    "warc": ExportFormat(
        summary="the original documents as web archives keep them", write=write_warc, endings=(".warc.gz", ".warc")
    ),
}
ENDINGS: Final = tuple(ending for one in FORMATS.values() for ending in one.endings)


def format_of(file: str) -> str | None:
    """Return the format that a file's name asks for by its ending; None where no format has that."""
    name = PurePath(file).name.lower()
    return next((kind for kind, one in FORMATS.items() if name.endswith(one.endings)), None)
