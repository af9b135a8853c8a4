"""Data sets: a release, a folder of tables, and the document that says how a notebook reads them."""

import hashlib
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from flows.steps.clean import content_hash
from models.storage.database import write_transaction
from models.tables.feeds import Feed
from models.tables.keys import table_of
from models.tables.stories import Story
from tests.builders import NOON
from tests.markdown import ROOT, Document

pytest.importorskip("pyarrow", reason="the extra [parquet] is not installed")
from pyarrow import parquet

Command = Callable[..., Any]


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a Parquet file."""
    return list(parquet.read_table(path).to_pylist())


def test_a_release_has_the_stories_of_the_query(full: Command, tmp_path: Path) -> None:
    """As many as the query, the same in both files, each with the digest of its text; the sums fit the files."""
    folder = tmp_path / "set"
    answer = full("release", folder, "--topic", "science", "--author", 'Ada "A" Lind', "--json")
    lines = [json.loads(line) for line in (folder / "stories.jsonl").read_text("utf-8").splitlines()]
    rows = rows_of(folder / "stories.parquet")
    expected = [json.loads(line) for line in full("export", "--topic", "science").out.splitlines()]
    assert [line | {"rights": "full"} for line in expected] == lines
    assert answer.document["stories"] == len(expected) == len(rows) == 1
    assert [row["sha256"] for row in rows] == [content_hash(row["title"], row["text"]) for row in rows]
    lines_of_sums = (line.split("  ") for line in (folder / "SHA256SUMS").read_text().splitlines())
    sums = {name: digest for digest, name in lines_of_sums}
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    assert sums == {name: digest for name, digest in files.items() if name != "SHA256SUMS"}
    assert '  - name: "Ada \\"A\\" Lind"' in (folder / "CITATION.cff").read_text()
    package = json.loads((folder / "datapackage.json").read_text())
    assert [one["hash"].removeprefix("sha256:") for one in package["resources"]] == [
        files["stories.jsonl"],
        files["stories.parquet"],
    ]
    assert package["choice"] == {"topic": ["science"]}
    kinds = {one["name"]: one["type"] for one in package["resources"][0]["schema"]["fields"]}
    assert [kinds[name] for name in ("id", "title", "topics", "extraction", "off_topic", "published_at")] == [
        "integer",
        "string",
        "array",
        "object",
        "boolean",
        "datetime",
    ]


def test_a_release_says_what_was_chosen_as_it_is_typed(full: Command, tmp_path: Path) -> None:
    """Each option with its value, so that the same choice can be made again."""
    words = ("--topic", "science", "--topic", "energy", "--since", "2026-07-01", "--by", "seen")
    assert full("release", tmp_path / "set", *words, "--include-off-topic", "--unique").code == 0
    readme = (tmp_path / "set" / "README.md").read_text().splitlines()
    begin = readme.index("## What was chosen") + 2
    assert readme[begin : readme.index("", begin)] == [
        "- `--topic science`",
        "- `--topic energy`",
        "- `--since 2026-07-01`",
        "- `--by seen`",
        "- `--include-off-topic`",
        "- `--unique`",
    ]


@pytest.mark.parametrize("rights", ["full", "excerpt", "metadata"])
def test_a_release_keeps_the_rights_of_each_feed(
    full: Command, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rights: str
) -> None:
    """The strictest of a story's feeds decides; title, address and labels stay."""
    monkeypatch.setattr("flows.exports.release.EXCERPT", 9)
    with write_transaction(engine) as connection:
        feeds = table_of(Feed)
        connection.execute(update(feeds).where(feeds.c.id == "two").values(rights=rights))
    assert full("release", tmp_path / "set").code == 0
    first, second, third = rows_of(tmp_path / "set" / "stories.parquet")
    assert (first["rights"], third["rights"], second["rights"]) == (rights, rights, "full")
    assert (first["title"], len(second["text"]) > 9) == ("Sea level rises", True)
    shown = {"full": first["text"], "excerpt": "The sea …", "metadata": ""}[rights]
    assert first["text"] == shown
    assert third["topics"]


def test_a_release_overwrites_nothing(full: Command, tmp_path: Path) -> None:
    """A folder that holds anything is refused, and is left as it is."""
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "mine").touch()
    answer = full("release", tmp_path / "set")
    assert (answer.code, "is there already" in answer.err) == (2, True)
    assert [path.name for path in (tmp_path / "set").iterdir()] == ["mine"]


@pytest.mark.parametrize("by_month", [(), ("--by-month",)])
def test_tables_hold_what_belongs_to_the_stories(full: Command, tmp_path: Path, by_month: tuple[str, ...]) -> None:
    """Every version, label and piece of evidence of the query's stories, and of no other."""
    folder = tmp_path / "tables"
    assert full("export", "--format", "parquet", "--tables", *by_month, "-o", folder, "--feed", "one").code == 0
    place = folder / "stories" / "month=2026-07" / "part-0.parquet" if by_month else folder / "stories.parquet"
    stories = {row["id"] for row in rows_of_file(place)}
    tables = {name: rows_of(folder / f"{name}.parquet") for name in ("versions", "labels", "evidence", "clusters")}
    assert {row["story_id"] for row in tables["versions"]} == stories == {1, 2}
    assert [(row["story_id"], row["number"]) for row in tables["versions"]] in (
        [(1, 1), (1, 2), (2, 1)],
        [(2, 1), (1, 1), (1, 2)],
    )
    assert {(row["story_id"], row["topic"]) for row in tables["labels"]} == {
        (1, "science"),
        (2, "energy"),
        (2, "policy"),
    }
    assert {row["topic"] for row in tables["evidence"] if row["story_id"] == 1} == {None, "science"}
    assert len(tables["clusters"]) == 2


def rows_of_file(path: Path) -> list[dict[str, Any]]:
    """Return the rows of this very file, whatever its folders' names say."""
    return list(parquet.read_table(io.BytesIO(path.read_bytes())).to_pylist())


@pytest.mark.parametrize("words", [("--tables",), ("--by-month", "-o", "x")])
def test_tables_need_a_folder(full: Command, words: tuple[str, ...]) -> None:
    """Exit 2."""
    assert full("export", "--format", "parquet", *words).code == 2


NOTEBOOK = Document(ROOT / "docs" / "notebook.md")


@pytest.mark.parametrize("library", ["pandas", "polars", "duckdb"])
def test_a_notebook_reads_a_release(
    full: Command, engine: Engine, library: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines of docs/notebook.md run as they stand, find every topic, and count by month as `counts` does."""
    pytest.importorskip(library, reason=f"{library} is not installed")
    stories = table_of(Story)
    with write_transaction(engine) as connection:
        published = connection.scalars(select(stories.c.id).where(stories.c.published_at.is_not(None))).first()
        late = update(stories).where(stories.c.id == published)
        connection.execute(late.values(first_seen_at=NOON + timedelta(days=60)))
    assert full("release", "climate-news").code == 0
    text = NOTEBOOK.path.read_text("utf-8")
    (code,) = [
        block.partition("```")[0] for block in text.split("```python\n")[1:] if f"import {library}" in block[:40]
    ]
    assert len([line for line in code.splitlines() if line]) <= 6
    names: dict[str, Any] = {}
    exec(compile(code, "notebook.md", "exec"), names)
    shown = capsys.readouterr().out
    assert all(topic in shown for topic in ("energy", "policy", "science", "2026-07"))
    rows = full("counts", "--by", "month", "--json").document["rows"]
    assert _by_month[library](names["by_month"]) == {row["month"]: row["stories"] for row in rows}


_by_month: dict[str, Callable[[Any], dict[str, int]]] = {
    "pandas": lambda found: found.to_dict(),
    "polars": lambda found: dict(found.rows()),
    "duckdb": lambda found: dict(found.fetchall()),
}
