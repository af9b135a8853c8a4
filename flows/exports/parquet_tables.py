"""A folder of Parquet tables: stories, on request a folder a month, and their versions, labels, evidence, clusters."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flows.exports.parquet import parquet_row, require_pyarrow, story_schema, write_rows
from models.queries.stories import StoryRecord
from models.storage.database import BATCH_ROWS, batches

if TYPE_CHECKING:
    import pyarrow as pa

# Of a table, the rows of some stories.
Rows = Callable[[Sequence[int]], Iterator[Mapping[str, Any]]]
_MOMENT: Final = "moment"
# Of each table, the kinds of its columns behind that of the story, as Arrow names them.
_COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    "versions": {
        "number": "int32",
        **dict.fromkeys(("reason", "source", "feed_id"), "string"),
        "run_id": "int64",
        "created_at": _MOMENT,
        **dict.fromkeys(("title", "text", "method"), "string"),
        "confidence": "double",
        **dict.fromkeys(("extractor_version", "sha256"), "string"),
    },
    "labels": {
        "topic": "string",
        "score": "double",
        "primary": "bool",
        **dict.fromkeys(("origin", "classifier_version"), "string"),
        "needs_review": "bool",
    },
    "evidence": {
        **dict.fromkeys(("topic", "kind", "term", "field"), "string"),
        "weight": "double",
        **dict.fromkeys(("start", "end"), "int64"),
    },
    "clusters": {
        "cluster_id": "int64",
        "agency": "string",
        "copied_from": "int64",
        **dict.fromkeys(("jaccard", "kept", "changed", "cut", "added"), "double"),
    },
}


def write_tables(stories: Iterable[StoryRecord], folder: Path, tables: Mapping[str, Rows], *, by_month: bool) -> int:
    """Fill a folder; stories come newest first where they are parted by month. Return how many there are."""
    require_pyarrow()
    ids: list[int] = []

    def noted() -> Iterator[StoryRecord]:
        for story in stories:
            ids.append(story.id)
            yield story

    parts = groupby(noted(), month_of) if by_month else [(None, noted())]
    for month, part in parts:
        place = folder / "stories" / f"month={month}" / "part-0.parquet" if month else folder / "stories.parquet"
        _write(map(parquet_row, part), story_schema(), place)
    for name, rows_of in tables.items():
        rows = (row for batch in batches(ids, BATCH_ROWS) for row in rows_of(batch))
        _write(rows, _schema(name), folder / f"{name}.parquet")
    return len(ids)


def month_of(story: StoryRecord) -> str:
    """Return the month of UTC by which a story is sorted."""
    return f"{min(story.published_at or story.first_seen_at, story.first_seen_at):%Y-%m}"


def _write(rows: Iterable[Mapping[str, Any]], schema: "pa.Schema", path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        write_rows(rows, schema, out)


def _schema(table: str) -> "pa.Schema":
    import pyarrow as pa

    moment = pa.timestamp("us", tz="UTC")
    columns = {"story_id": "int64", **_COLUMNS[table]}
    return pa.schema([(name, moment if kind == _MOMENT else pa.type_for_alias(kind)) for name, kind in columns.items()])
