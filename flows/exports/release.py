"""A release: a frozen, citable data set in a folder, with each feed's rights kept.

The same stories as Parquet and as JSON lines, a description for people and one for tools, a citation, and digests.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from flows.exports.parquet import parquet_row, require_pyarrow, story_schema, write_rows
from flows.exports.safe_json import json_text
from flows.exports.shape import iso, story_shape
from models.queries.stories import StoryRecord
from models.stages import Rights
from models.storage.database import BATCH_ROWS, batches

EXCERPT: Final = 300  # characters
_FILES: Final = ("stories.jsonl", "stories.parquet")


class Release(Struct, frozen=True, kw_only=True):
    """What a data set says of itself."""

    title: str
    authors: tuple[str, ...]
    made_at: datetime
    choice: Mapping[str, Any]  # what its stories were narrowed to, as the command was told
    rights_of: Callable[[Sequence[int]], Mapping[int, Rights]] = lambda _ids: {}


class ReleaseContents(Struct):
    """What a release holds."""

    stories: int = 0
    rights: Counter[str] = field(default_factory=Counter)  # how many stories have their texts whole, in part, not


def write_release(folder: Path, stories: Iterable[StoryRecord], release: Release) -> ReleaseContents:
    """Fill a folder; the stories are read once. Return what is in it."""
    import pyarrow as pa

    require_pyarrow()
    written = ReleaseContents()
    schema = story_schema().append(pa.field("rights", pa.string()))
    with (folder / _FILES[0]).open("wb") as lines, (folder / _FILES[1]).open("wb") as table:
        write_rows(_rows(stories, release, lines.write, written), schema, table)
    _describe(folder, release, written, schema)
    names = sorted(path.name for path in folder.iterdir())
    sums = "".join(f"{_sha256(folder / name)}  {name}\n" for name in names)
    (folder / "SHA256SUMS").write_text(sums, "utf-8")
    return written


def allowed(story: StoryRecord, rights: Rights) -> StoryRecord:
    """Return a story with as much of its text as may be released."""
    if rights is Rights.FULL:
        return story
    text = "" if rights is Rights.METADATA else _excerpt(story.text)
    return replace(story, text=text)


def _excerpt(text: str) -> str:
    if len(text) <= EXCERPT:
        return text
    words, space, _ = text[: EXCERPT + 1].rpartition(" ")
    return f"{words if space else text[:EXCERPT]} …"


def _rows(
    stories: Iterable[StoryRecord], release: Release, write_line: Callable[[bytes], object], written: ReleaseContents
) -> Iterator[dict[str, Any]]:
    """Give the table's rows; each story is written as a line on its way."""
    for batch in batches(stories, BATCH_ROWS):
        rights = release.rights_of([story.id for story in batch])
        for story in batch:
            own = rights.get(story.id, Rights.FULL)
            shown = allowed(story, own)
            write_line(json_text(story_shape(shown) | {"rights": own.value}).encode() + b"\n")
            written.stories += 1
            written.rights[own.value] += 1
            yield parquet_row(shown) | {"rights": own.value}


def _describe(folder: Path, release: Release, written: ReleaseContents, schema: Any) -> None:  # noqa: ANN401 (pyarrow has no types)
    (folder / "README.md").write_text(_readme(release, written), "utf-8")
    (folder / "CITATION.cff").write_text(_citation(release), "utf-8")
    package = _package(folder, release, written, schema)
    (folder / "datapackage.json").write_text(json.dumps(package, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _readme(release: Release, written: ReleaseContents) -> str:
    choice = [f"- `{option}`" for option in _options(release.choice)] or ["- every story about climate"]
    texts = [f"- {written.rights[one.value]} {_RIGHTS_SAY[one]}" for one in Rights]
    lines = [
        f"# {release.title}",
        "",
        f"{written.stories} stories of a climate news archive, as it stood on {iso(release.made_at)}.",
        "",
        *("## What was chosen", "", *choice, ""),
        *("## Texts", "", *texts, ""),
        "Withdrawn stories are not in it. `sha256` is that of the whole text, also where less of it is here.",
        "",
        *("## Files", ""),
        "- `stories.parquet`, `stories.jsonl`: the same stories, one a row and one a line",
        "- `datapackage.json`: files and fields for tools (Frictionless Data)",
        "- `CITATION.cff`: how to cite it",
        "- `SHA256SUMS`: `sha256sum -c SHA256SUMS` checks the files",
        "",
    ]
    return "\n".join(lines)


def _options(choice: Mapping[str, Any]) -> Iterator[str]:
    """Give what the stories were narrowed to as a person would type it again."""
    for name, value in choice.items():
        option = f"--{name.replace('_', '-')}"
        yield from [option] if value is True else (f"{option} {one}" for one in _listed(value))


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 (an option's value)
    return value if isinstance(value, list) else [value]


_RIGHTS_SAY: Final[Mapping[Rights, str]] = {
    Rights.FULL: "with the whole text",
    Rights.EXCERPT: f"with the first {EXCERPT} characters of it",
    Rights.METADATA: "without it: title, address, moments and labels alone",
}


def _citation(release: Release) -> str:
    quoted = json.dumps  # a JSON string is a YAML string
    authors = [f"  - name: {quoted(name, ensure_ascii=False)}" for name in release.authors]
    lines = [
        "cff-version: 1.2.0",
        'message: "If you use this data set, please cite it as below."',
        "type: dataset",
        f"title: {quoted(release.title, ensure_ascii=False)}",
        "authors:",
        *authors,
        f"version: {quoted(f'{release.made_at:%Y-%m-%d}')}",
        f"date-released: {quoted(f'{release.made_at:%Y-%m-%d}')}",
    ]
    return "\n".join(lines) + "\n"


def _package(folder: Path, release: Release, written: ReleaseContents, schema: Any) -> dict[str, Any]:  # noqa: ANN401 (as above)
    fields = [{"name": one.name, "type": _TYPES[str(one.type).partition("<")[0]]} for one in schema]
    resources = [
        {
            "name": f"stories-{path.suffix[1:]}",
            "path": path.name,
            "format": path.suffix[1:],
            "bytes": path.stat().st_size,
            "hash": f"sha256:{_sha256(path)}",
            "schema": {"fields": fields, "primaryKey": "id"},
        }
        for path in (folder / name for name in _FILES)
    ]
    return {
        "profile": "data-package",
        "name": "climate-news-archive",
        "title": release.title,
        "created": iso(release.made_at),
        "contributors": [{"title": name, "role": "author"} for name in release.authors],
        "stories": written.stories,
        "texts": dict(sorted(written.rights.items())),
        "choice": dict(release.choice),
        "resources": resources,
    }


# By the type in Parquet, without what a list or struct is of.
_TYPES: Final = {
    "string": "string",
    "list": "array",
    "struct": "object",
    "int64": "integer",
    "int32": "integer",
    "double": "number",
    "bool": "boolean",
    "timestamp[us, tz=UTC]": "datetime",
}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
