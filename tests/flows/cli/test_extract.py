"""The `extract` command on saved pages."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flows.cli.quality.extract import extract

TEXT = (
    "The valley will heat its homes with water from the lake, the council decided on Tuesday after a long evening.",
    "A pump at forty metres lifts water of seven degrees, and a plant beside the station takes the warmth out of it.",
    "The first twelve hundred homes are connected in the spring; their bills stay what they are, the mayor promised.",
)
PAGE = (
    "<!DOCTYPE html><html lang='en'><head><title>Lake heat</title><meta name='author' content='Ana Marsh'>"
    "<meta property='article:published_time' content='2024-05-02T08:00:00+02:00'></head>"
    f"<body><article><p>{TEXT[0]}</p><p>{TEXT[1]}</p><p>{TEXT[2]}</p></article></body></html>"
)
LINE = {
    "title": "Lake heat",
    "authors": ["Ana Marsh"],
    "published_at": "2024-05-02T08:00:00+02:00",
    "published_confidence": 1.0,
    "modified_at": None,
    "text": "\n\n".join(TEXT),
    "method": "trafilatura",
    "confidence": 0.9,
}


def run(*arguments: object) -> Result:
    """Run the command."""
    return CliRunner().invoke(extract, [str(argument) for argument in arguments])


def manifest(folder: Path, rows: list[Any]) -> Path:
    """Write a manifest of rows into folder."""
    path = folder / "manifest.jsonl"
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
    return path


def lines_of(result: Result) -> list[dict[str, Any]]:
    """Return the JSON lines of stdout."""
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def page(tmp_path):
    """Save a page."""
    path = tmp_path / "lake.html"
    path.write_text(PAGE, "utf-8")
    return path


def test_a_file_is_shown_to_people(page):
    """Without --json the title, the facts and the text are printed."""
    result = run(page)
    assert result.exit_code == 0
    facts = "Ana Marsh · 2024-05-02T08:00:00+02:00 · trafilatura 0.90"
    assert result.stdout.splitlines()[:4] == ["Lake heat", facts, "", TEXT[0]]


def test_a_file_is_shown_to_programs(page):
    """With --json a file gives a manifest's line, its path as the id."""
    assert lines_of(run("--json", page)) == [{"id": str(page), **LINE}]


def test_a_manifest_gives_a_line_for_each_of_its_pages(tmp_path, page):
    """Relative paths stand on the manifest's folder, absolute ones by themselves, .gz files are unpacked."""
    (tmp_path / "lake.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    rows = [
        {"id": "a", "path": "lake.html", "url": "https://news.example/lake"},
        "",
        {"id": "b", "path": str(page), "url": None},
        {"id": 3, "path": "lake.html.gz"},
    ]
    result = run("--manifest", manifest(tmp_path, rows))
    assert result.exit_code == 0
    assert lines_of(result) == [{"id": name, **LINE} for name in ("a", "b", "3")]


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        pytest.param("none.html", None, "FileNotFoundError", id="a file that is not there"),
        pytest.param("empty.html", b"", "the file is empty", id="an empty file"),
        pytest.param("words.html", b"only words", "no HTML", id="a file that is no page"),
        pytest.param("bad.html.gz", b"no gzip", "BadGzipFile", id="a broken .gz"),
        pytest.param("cut.html.gz", gzip.compress(PAGE.encode())[:-20], "EOFError", id="a cut .gz"),
        pytest.param("bent.html.gz", gzip.compress(PAGE.encode())[:12] + b"\xff" * 90, "error", id="a bent .gz"),
        pytest.param("bomb.html.gz", gzip.compress(b" " * 20_000_001), "TooLarge", id="a .gz that unpacks to too much"),
    ],
)
def test_a_page_that_fails_is_a_line_with_its_error(tmp_path, page, name, content, error):
    """The others are read, the message is on stderr, and the line has no text."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    result = run("--manifest", manifest(tmp_path, [{"id": "x", "path": name}, {"id": "a", "path": page.name}]))
    failed, read = lines_of(result)
    assert result.exit_code == 0
    assert (failed["id"], failed["text"], failed["authors"]) == ("x", "", [])
    assert error in failed["error"]
    assert result.stderr.startswith("x: ")
    assert read == {"id": "a", **LINE}


def test_a_single_file_that_fails_is_a_failure(tmp_path):
    """A person who names a file that cannot be read gets exit code 1 and nothing on stdout."""
    result = run(tmp_path / "none.html")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "none.html" in result.stderr


def test_many_pages_are_read_side_by_side_in_order(tmp_path, page):
    """Beyond a few pages worker processes read; the order is the manifest's."""
    rows = [{"id": str(number), "path": page.name} for number in range(60)]
    lines = lines_of(run("--manifest", manifest(tmp_path, rows)))
    assert [line["id"] for line in lines] == [str(number) for number in range(60)]
    assert all(line["text"] == LINE["text"] for line in lines)


@pytest.mark.parametrize("row", ["{", '{"id": "a"}', "[]", '"x"'])
def test_a_wrong_line_of_a_manifest_is_named(tmp_path, row):
    """A manifest that cannot be read is a mistake of usage, with its line."""
    result = run("--manifest", manifest(tmp_path, ["", row]))
    assert result.exit_code == 2
    assert "line 2" in result.stderr


def test_a_missing_manifest_and_no_page_at_all_are_mistakes(tmp_path):
    """Without anything to read there is a message and exit code 2."""
    assert run("--manifest", tmp_path / "none.jsonl").exit_code == 2
    assert "name a FILE" in run().stderr


@pytest.mark.parametrize("arguments", [[], ["--json"]], ids=["for people", "for programs"])
def test_a_hostile_page_acts_on_no_terminal(tmp_path, arguments):
    """Neither form prints a character that a terminal obeys, whatever the page holds."""
    path = tmp_path / "hostile.html"
    path.write_text(PAGE.replace("Lake heat", "Lake\x9b31m \u202eheat").replace("valley", "val\x9bley\u202e"), "utf-8")
    result = run(*arguments, path)
    assert result.exit_code == 0
    assert "Lake" in result.stdout
    assert not {"\x1b", "\x9b", "\u202e"} & set(result.stdout)


def test_the_command_does_not_import_prefect(page):
    """Reading a page costs no start of Prefect."""
    program = f"""
import sys
from flows.cli.quality.extract import extract
extract(["--json", {str(page)!r}], standalone_mode=False)
assert not {{"prefect", "sqlalchemy"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
