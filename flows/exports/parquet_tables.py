"""A folder of Parquet tables: stories, on request a folder a month, and their versions, labels, evidence, clusters."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.exports.parquet import parquet_row, require_pyarrow, story_schema, write_rows
from models.queries.stories import StoryRecord
from models.storage.database import BATCH_ROWS, batches

if TYPE_CHECKING:
    import pyarrow as pa

# Of a table, the rows of some stories.
Rows = Callable[[Sequence[int]], Iterator[Mapping[str, Any]]]


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
        _write(rows, _schemas()[name], folder / f"{name}.parquet")
    return len(ids)


def month_of(story: StoryRecord) -> str:
    """Return the month of UTC by which a story is sorted."""
    return f"{min(story.published_at or story.first_seen_at, story.first_seen_at):%Y-%m}"


def _write(rows: Iterable[Mapping[str, Any]], schema: "pa.Schema", path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        write_rows(rows, schema, out)


def _schemas() -> Mapping[str, "pa.Schema"]:
    import pyarrow as pa

    story, text, number, whole = ("story_id", pa.int64()), pa.string(), pa.float64(), pa.int64()
    texts = ("reason", "source", "feed_id")
    return {
        "versions": pa.schema(
            [
                story,
                ("number", pa.int32()),
                *((name, text) for name in texts),
                ("run_id", whole),
                ("created_at", pa.timestamp("us", tz="UTC")),
                *((name, text) for name in ("title", "text", "method")),
                ("confidence", number),
                *((name, text) for name in ("extractor_version", "sha256")),
            ]
        ),
        "labels": pa.schema(
            [
                story,
                ("topic", text),
                ("score", number),
                ("primary", pa.bool_()),
                *((name, text) for name in ("origin", "classifier_version")),
                ("needs_review", pa.bool_()),
            ]
        ),
        "evidence": pa.schema(
            [
                story,
                *((name, text) for name in ("topic", "kind", "term", "field")),
                ("weight", number),
                ("start", whole),
                ("end", whole),
            ]
        ),
        "clusters": pa.schema(
            [
                story,
                ("cluster_id", whole),
                ("agency", text),
                ("copied_from", whole),
                *((name, number) for name in ("jaccard", "kept", "changed", "cut", "added")),
            ]
        ),
    }
