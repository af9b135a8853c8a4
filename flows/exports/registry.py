"""The export formats. To add one, write its module beside this one and give it a line here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO, Final

from flows.exports.csv import write_csv
from flows.exports.jsonl import write_jsonl
from models.queries.stories import StoryRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFormat:
    """An export format: it writes stories one by one and holds no more than one in memory."""

    summary: str
    write: Callable[[Iterable[StoryRecord], BinaryIO], int]  # returns how many stories were written


DEFAULT_FORMAT: Final = "jsonl"
FORMATS: Final[Mapping[str, ExportFormat]] = {
    "jsonl": ExportFormat(summary="a story a line, for programs", write=write_jsonl),
    "csv": ExportFormat(summary="a table for spreadsheets", write=write_csv),
}


def format_of(file: str | None) -> str:
    """Return the format that a file's name asks for by its ending; the default where it asks for none."""
    ending = PurePath(file or "").suffix[1:].lower()
    return ending if ending in FORMATS else DEFAULT_FORMAT
