"""CSV for spreadsheets: UTF-8 with a byte order mark, without which Excel reads another encoding; lines end by CRLF.

A list is one cell with "; " between; a semicolon within a name becomes a comma. Programs are better served by jsonl.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from flows.exports.shape import iso, shown_url
from models.queries.changes import ChangedStory
from models.queries.stories import StoryRecord
from models.stages import TopicScore
from models.wording import UNSAFE_CHARACTERS

COLUMNS: Final = (
    "id",
    "uid",
    "url",
    "canonical_url",
    "title",
    "text",
    "authors",
    "language",
    "published_at",
    "first_seen_at",
    "feeds",
    "outlets",
    "tags",
    "off_topic",
    "relevance",
    "primary_topic",
    "topics",
    "topic_scores",
    "classifier_version",
    "labelled_by",
    "revisions",
    "cluster_id",
    "extraction_method",
    "extraction_confidence",
    "sha256",
    "run_id",
)

# A spreadsheet runs a cell that begins like this. A cell that begins with the mark against it is marked once more, so
# that taking one mark away always gives the original.
_RUNS: Final = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
# Where a comma is the decimal sign, spreadsheets split lines at semicolons and heed no quotes that stand within: a cell
# of theirs begins behind each of these. Marked, and undone, likewise, where what follows could call or fetch anything.
_RUNS_WITHIN: Final = re.compile(r"(?<=[;\t\r\n])(?=['\" ]*[=+\-@＝＋－＠][^;\t\r\n]*[(|!])")
# Dropped: controls, and marks that turn the direction of writing; JSON can escape them, a table cannot.
_UNSAFE: Final = re.compile(f"[{UNSAFE_CHARACTERS}]")


# In front of those, where changes are written.
CHANGE_COLUMNS: Final = ("standing", "kinds", "changed_at", "changed_by_run", "cursor", "reason", "merged_into")


def write_csv(stories: Iterable[StoryRecord], out: BinaryIO) -> int:
    """Write a header and a row for each story; return how many."""
    return _write(out, COLUMNS, map(_cells, stories))


def write_changes_csv(changes: Iterable[ChangedStory], out: BinaryIO) -> int:
    """Write a header and a row for each change; return how many."""
    return _write(out, (*CHANGE_COLUMNS, *COLUMNS), map(_change_cells, changes))


def _write(out: BinaryIO, header: Iterable[str], rows: Iterable[Iterable[object]]) -> int:
    out.write("\ufeff".encode())
    out.write(_line(header))
    count = 0
    for cells in rows:
        out.write(_line(cells))
        count += 1
    return count


def _change_cells(change: ChangedStory) -> Iterator[object]:
    yield from (change.standing.value, _joined(change.kinds), iso(change.changed_at), change.run_id)
    yield from (change.cursor, change.reason, change.merged_into)
    if change.story is not None:
        yield from _cells(change.story)
    else:
        yield from (change.id, change.uid, *[None] * (len(COLUMNS) - 2))


def _line(cells: Iterable[object]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow([_safe(cell) for cell in cells])
    return buffer.getvalue().encode()


def _safe(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    cell = _RUNS_WITHIN.sub("'", _UNSAFE.sub("", cell))
    return f"'{cell}" if _RUNS.match(cell) else cell


def _cells(story: StoryRecord) -> Iterator[object]:
    yield from (story.id, story.uid, story.url, shown_url(story.url), story.title, story.text)
    yield from (_joined(story.authors), story.language, iso(story.published_at), iso(story.first_seen_at))
    yield from (_joined(story.feeds), _joined(story.outlets), _joined(story.tags))
    yield from ("yes" if story.relevant_at is None else "no", story.relevance)
    yield _primary(story.topics)
    yield _joined(topic.id for topic in story.topics)
    yield _joined(str(topic.score) for topic in story.topics)
    yield from (story.classifier_version, story.labelled_by, story.revisions, story.cluster_id)
    yield from (story.method, story.confidence)
    yield from (story.content_hash, story.run_id)


def _primary(topics: Iterable[TopicScore]) -> str | None:
    return next((topic.id for topic in topics if topic.primary), None)


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(part.replace(";", ",") for part in parts)
