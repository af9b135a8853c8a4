"""`export`: which stories, in which form, into which file."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


def test_export_writes_a_story_a_line(full: Command) -> None:
    """JSON lines, the first story first; what is not about climate only when asked."""
    rows = [json.loads(line) for line in full("export", "--format", "jsonl").out.splitlines()]
    assert [row["id"] for row in rows] == [1, 2, 3]
    assert len(full("export", "--include-off-topic").out.splitlines()) == 4
    assert len(full("export", "--topic", "energy").out.splitlines()) == 2
    assert len(full("export", "--feed", "two", "--needs-review").out.splitlines()) == 0


def test_export_to_a_file_leaves_stdout_alone(full: Command, tmp_path: Path) -> None:
    """The file holds what stdout would; how many is said on stderr."""
    path = tmp_path / "stories.csv"
    answer = full("export", "--format", "csv", "-o", path)
    assert (answer.code, answer.out) == (0, "")
    assert answer.err == f"3 stories written to {path}.\n"
    assert (
        path.read_bytes().decode()
        == full("export", "--format", "csv").out
        == full("export", "--format", "csv", "-o", "-").out
    )


@pytest.mark.parametrize(
    ("name", "arguments", "begins"),
    [
        ("stories.csv", [], b"\xef\xbb\xbfid,uid,"),
        ("STORIES.CSV", [], b"\xef\xbb\xbfid,uid,"),
        ("stories.csv", ["--format", "jsonl"], b'{"id": 1'),
        ("stories.jsonl", [], b'{"id": 1'),
        ("stories.ndjson", [], b'{"id": 1'),
        ("stories", [], b'{"id": 1'),
        ("stories.txt", ["--format", "csv"], b"\xef\xbb\xbfid,uid,"),
        ("stories.warc.gz", [], b"\x1f\x8b"),
        ("Stories.WARC", [], b"WARC/1.1"),
    ],
)
def test_the_format_follows_the_file_name(
    full: Command, tmp_path: Path, name: str, arguments: list[str], begins: bytes
) -> None:
    """What is named by hand counts before the file's ending; without either it is jsonl."""
    assert full("export", "-o", tmp_path / name, *arguments).code == 0
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_export_to_no_place_is_an_error(full: Command) -> None:
    """Exit 1 and the path."""
    answer = full("export", "-o", "/no/such/folder/x")
    assert answer.code == 1
    assert "/no/such/folder/x cannot be written" in answer.err


@pytest.mark.parametrize("name", ["stories.jsonl.gz", "stories.gz", "csv.d", "stories.txt"])
@pytest.mark.parametrize("changes", [[], ["--changed-since", "1"]], ids=["stories", "changes"])
def test_an_ending_that_no_format_has_is_a_usage_error(
    full: Command, tmp_path: Path, name: str, changes: list[str]
) -> None:
    """Exit 2, with those that there are; nothing is written."""
    answer = full("export", "-o", tmp_path / name, *changes)
    assert (answer.code, list(tmp_path.glob("*s*"))) == (2, [])
    assert "Known are .jsonl, .ndjson, .csv, .parquet, .atom, .xml, .jsonfeed, .json, .warc.gz, .warc;" in answer.err
    assert ("into a packer" in answer.err) is name.endswith(".gz")


@pytest.mark.parametrize(
    ("name", "as_told"),
    [("a.jsonl", ", as csv in spite of its name"), ("a.csv.gz", ", as csv in spite of its name"), ("a.txt", "")],
)
@pytest.mark.parametrize("changes", [[], ["--changed-since", "1"]], ids=["stories", "changes"])
def test_a_file_named_for_another_form_is_told(
    full: Command, tmp_path: Path, name: str, as_told: str, changes: list[str]
) -> None:
    """A format that is named by hand is written, whatever the file is called."""
    answer = full("export", "--format", "csv", "-o", tmp_path / name, *changes)
    assert answer.code == 0
    assert f"written to {tmp_path / name}{as_told}." in answer.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--format", "csv", "-o", "tables"], "--tables writes parquet, and no csv"),
        (["-o", "x.parquet"], "--tables makes a folder, and x.parquet is a file's name: -o x."),
        (["-o", "x.csv"], "x.csv is a file's name"),
        (["-o", "-"], "--tables needs a folder"),
        ([], "--tables needs a folder"),
    ],
)
def test_tables_of_no_folder_are_a_usage_error(
    full: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    """Exit 2, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    answer = full("export", "--tables", *arguments)
    assert (answer.code, sorted(tmp_path.iterdir())) == (2, before)
    assert sentence in " ".join(answer.err.split())


def test_what_unique_leaves_out_is_in_the_help(full: Command) -> None:
    """By the field that copies share, and which of them is shown where."""
    assert "Copies of one text have the same cluster_id." in " ".join(full("export", "--help").out.split())
    for name in ("search", "export", "release"):
        said = " ".join(full(name, "--help").out.split())
        assert "that which a search shows first; of an export or release, the earliest." in said


@pytest.mark.parametrize(
    "line",
    ["{} -m pip install pyarrow", "uv pip install --python {} pyarrow"],
    ids=["with pip", "without, as uv leaves it"],
)
@pytest.mark.parametrize(
    "arguments", [["export", "-o", "x.parquet"], ["export", "--tables", "-o", "x"], ["release", "x"]]
)
def test_what_parquet_needs_is_a_line_to_type(
    full: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], line: str
) -> None:
    """It names the Python that runs, from where a person stands; exit 2, and nothing is written."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pip", None if line.startswith("uv") else sys)
    answer = full(*arguments)
    assert (answer.code, list(tmp_path.rglob("*x*"))) == (2, [])
    assert answer.err.strip().endswith(f"the extra [parquet]: {line.format(sys.executable)}")
    monkeypatch.setattr(sys, "executable", str(Path.cwd() / ".venv" / "bin" / "python"))
    assert full(*arguments).err.strip().endswith(f"the extra [parquet]: {line.format('.venv/bin/python')}")
