"""The classify command reads JSON lines, writes JSON lines and names the lines that it cannot read."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.cli.quality.classify import classify

STORY = {
    "id": "a",
    "title": "Wind farm opens off the coast",
    "text": "Its turbines cut emissions of carbon dioxide, the ministry said.",
}


def run(tmp_path: Path, *lines: object) -> Result:
    """Run the command over a file of these lines."""
    path = tmp_path / "stories.jsonl"
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines))
    return CliRunner().invoke(classify, [str(path)])


def test_a_line_a_story_comes_out_with_its_labels(tmp_path):
    """Each story gets the keys of the contract, and exactly one primary topic."""
    result = run(tmp_path, STORY, {**STORY, "id": 2})
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert (result.exit_code, result.stderr) == (0, "")
    assert [row["id"] for row in rows] == ["a", 2]
    for row in rows:
        assert list(row) == ["id", "relevance", "relevant", "topics", "evidence"]
        assert row["relevant"] is True
        assert 0.5 <= row["relevance"] <= 1
        assert [set(topic) for topic in row["topics"]] == [{"id", "score", "primary"}] * len(row["topics"])
        assert [topic["primary"] for topic in row["topics"]] == [True] + [False] * (len(row["topics"]) - 1)
        assert row["topics"][0]["id"] == "clean-energy"


def test_evidence_says_for_what_it_speaks_and_where_it_stands(tmp_path):
    """The offsets of every piece of evidence cut its words out of the title or the text."""
    row = json.loads(run(tmp_path, STORY).stdout)
    found = {
        (one["for"], (STORY["title"] if one["field"] == "title" else STORY["text"])[one["start"] : one["end"]].lower())
        for one in row["evidence"]
    }
    assert ("gate", "carbon dioxide") in found
    assert ("clean-energy", "wind farm") in found


def test_title_text_and_tags_may_be_missing(tmp_path):
    """A story of which only the title is known is labelled, and so is one with tags alone."""
    result = run(
        tmp_path, {"id": 1, "title": "Coral bleaching spreads"}, {"id": 2, "text": None, "feed_topics": ["Coal"]}
    )
    topics = [json.loads(line)["topics"][0]["id"] for line in result.stdout.splitlines()]
    assert topics == ["nature-water", "fossil-fuels"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(b"{", "not JSON", id="cut short"),
        pytest.param(b'{"id": "\xff"}', "not JSON in UTF-8", id="not UTF-8"),
        pytest.param(b"[" * 100_000, "not JSON", id="nested without end"),
        pytest.param([1], "not an object with an id", id="a list"),
        pytest.param({"title": "x"}, "not an object with an id", id="no id"),
        pytest.param({"id": None}, "not an object with an id", id="an id that is null"),
        pytest.param({"id": 1, "title": 5}, "title is not a text", id="a number for a title"),
        pytest.param({"id": 1, "text": ["x"]}, "text is not a text", id="a list for a text"),
        pytest.param({"id": 1, "feed_topics": "Coal"}, "feed_topics is not a list", id="a text for tags"),
        pytest.param({"id": 1, "feed_topics": [1]}, "feed_topics is not a list", id="a number for a tag"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_labelled(tmp_path, line, reason):
    """Its number counts blank lines too; the exit code is 1 at the end."""
    result = run(tmp_path, STORY, b"", line, STORY)
    assert result.exit_code == 1
    assert result.stderr.startswith("line 3: ")
    assert reason in result.stderr
    assert len(result.stdout.splitlines()) == 2


def test_a_dash_reads_standard_input():
    """The command can stand in a pipe."""
    result = CliRunner().invoke(classify, ["-"], input=json.dumps(STORY))
    assert json.loads(result.stdout)["id"] == "a"


def test_hostile_characters_in_an_id_are_given_back(tmp_path):
    """A lone surrogate, which no encoding takes, does not stop the command."""
    result = run(tmp_path, b'{"id": "\\ud800", "title": "x"}')
    assert result.exit_code == 0
    assert json.loads(result.stdout)["id"] == "\ud800"


def test_the_command_does_not_import_prefect():
    """It reads a file and writes lines: nothing of a night is needed."""
    code = "import sys, flows.cli.quality.classify; sys.exit('prefect' in sys.modules or 'sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
