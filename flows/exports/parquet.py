"""Parquet: typed columns for notebooks and databases, some stories at a time. Needs the extra [parquet]."""

import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from flows.exports.shape import story_shape
from models.errors import ConfigError
from models.queries.stories import StoryRecord
from models.storage.database import batches

if TYPE_CHECKING:
    import pyarrow as pa

ROW_GROUP: Final = 5_000  # stories held at once


def write_parquet(stories: Iterable[StoryRecord], out: BinaryIO) -> int:
    """Write a row a story, in groups of ROW_GROUP; return how many."""
    return write_rows(map(parquet_row, stories), story_schema(), out)


def write_rows(rows: Iterable[Mapping[str, Any]], schema: "pa.Schema", out: BinaryIO) -> int:
    """Write rows under a schema, in groups of ROW_GROUP; return how many."""
    from pyarrow import Table, parquet  # a third of a second that only this format pays

    count = 0
    with parquet.ParquetWriter(out, schema, compression="zstd", store_schema=True) as writer:
        for batch in batches(rows, ROW_GROUP):
            writer.write_table(Table.from_pylist([_valid(row) for row in batch], schema=schema))
            count += len(batch)
    return count


def require_pyarrow() -> None:
    """Raise ConfigError where the extra is not installed."""
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise ConfigError(f"Parquet needs pyarrow, the extra [parquet]: {_install('pyarrow')}") from error


def _install(package: str) -> str:
    """Return the line that installs a package beside this program: an environment that uv made has no pip."""
    here, found = Path.cwd(), Path(sys.executable)
    python = shlex.quote(str(found.relative_to(here) if found.is_relative_to(here) else found))
    has_pip = find_spec("pip") is not None
    return f"{python} -m pip install {package}" if has_pip else f"uv pip install --python {python} {package}"


def story_schema() -> "pa.Schema":
    """Return the columns of a story: those of jsonl, with moments as such."""
    require_pyarrow()
    import pyarrow as pa

    text, texts, moment = pa.string(), pa.list_(pa.string()), pa.timestamp("us", tz="UTC")
    topic = pa.struct([("id", text), ("score", pa.float64()), ("primary", pa.bool_())])
    extraction = pa.struct([("method", text), ("confidence", pa.float64())])
    return pa.schema(
        [
            pa.field("id", pa.int64(), nullable=False),
            pa.field("uid", text, nullable=False),
            *((name, text) for name in ("url", "canonical_url", "title", "text")),
            ("authors", texts),
            ("language", text),
            ("published_at", moment),
            pa.field("first_seen_at", moment, nullable=False),
            *((name, texts) for name in ("feeds", "outlets", "tags")),
            ("off_topic", pa.bool_()),
            ("relevance", pa.float64()),
            ("topics", pa.list_(topic)),
            *((name, text) for name in ("classifier_version", "labelled_by")),
            ("revisions", pa.int32()),
            ("cluster_id", pa.int64()),
            ("extraction", extraction),
            ("sha256", text),
            ("run_id", pa.int64()),
        ]
    )


def parquet_row(story: StoryRecord) -> dict[str, Any]:
    """Return a story as its row: that of jsonl, with moments as such."""
    return story_shape(story) | {"published_at": story.published_at, "first_seen_at": story.first_seen_at}


def _valid(value: Any) -> Any:  # noqa: ANN401 (a row, a cell or a part of one)
    """Replace halves of characters, which UTF-8 cannot hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {name: _valid(one) for name, one in value.items()}
    return [_valid(one) for one in value] if isinstance(value, Sequence) and not isinstance(value, bytes) else value
