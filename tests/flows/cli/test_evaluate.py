"""`evaluate topics` measures labels against those by hand, shows the worst errors and keeps to the floors."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from config.topics import load_topics
from flows.cli.quality.evaluate import evaluate

STORIES: list[dict[str, Any]] = [
    {
        "id": "wind",
        "title": "Wind farm opens off the coast",
        "text": "Its turbines cut emissions of carbon dioxide.",
        "climate_relevant": True,
        "primary": "clean-energy",
        "topics": ["clean-energy"],
    },
    {"id": "coal", "title": "Coal mine closes", "climate_relevant": True, "topics": ["fossil-fuels"]},
    {"id": "match", "title": "Striker ends his title drought", "climate_relevant": False, "topics": []},
    {"id": "maybe", "title": "A walk in the park", "text": None, "climate_relevant": None},
]


def run(tmp_path: Path, stories: list[dict[str, Any]], *options: str, floors: object = None) -> Result:
    """Run the command over a file of these stories."""
    path = tmp_path / "stories.jsonl"
    path.write_text("\n".join(map(json.dumps, stories)) + "\n\n")
    file = tmp_path / "floors.json"
    file.write_text(json.dumps({"topics": {"default": {} if floors is None else floors}}))
    return CliRunner().invoke(evaluate, ["topics", str(path), "--floors", str(file), *options])


def test_the_measures_are_those_of_the_labels(tmp_path):
    """Right labels make 1; a story that nobody could judge does not count for the gate."""
    result = run(tmp_path, STORIES, "--json")
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (report["stories"], report["labelled"]) == (4, 2)
    assert report["gate"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "stories": 2}
    assert (report["macro_f1"], report["primary"], report["primary_exact"]) == (1.0, 1.0, 1.0)
    assert sum(band["labels"] for band in report["calibration"]) == 2
    assert report["worst"] == []
    assert set(report["topics"]) == {topic.id for topic in load_topics().topics if topic.terms}


def test_errors_are_shown_with_their_evidence(tmp_path):
    """The surer the classifier was, the higher an error stands."""
    wrong = [STORIES[0] | {"topics": ["health"], "primary": "health"}, STORIES[1] | {"climate_relevant": False}]
    report = json.loads(run(tmp_path, wrong, "--json").stdout)
    assert report["primary"] == 0.5
    assert {one["id"] for one in report["worst"]} == {"wind", "coal"}
    wind = next(one for one in report["worst"] if one["id"] == "wind")
    assert ("clean-energy", "wind farm") in {(mark["for"], mark["term"]) for mark in wind["evidence"]}
    text = run(tmp_path, wrong).stdout
    assert "wind: Wind farm opens" in text
    assert ", \n" not in text
    assert "health" in text


@pytest.mark.parametrize(
    ("floors", "exit_code", "named"),
    [
        pytest.param({"macro_f1": 0.9, "gate.precision": 1.0}, 0, None, id="all reached"),
        pytest.param({"macro_f1": 1.01}, 1, "macro_f1 is 1.000, below its floor of 1.010", id="one below"),
        pytest.param({"topics.health.f1": 0.5}, 1, "topics.health.f1", id="the floor of one topic"),
    ],
)
def test_the_exit_code_tells_whether_the_floors_hold(tmp_path, floors, exit_code, named):
    """The measure that fell is named."""
    result = run(tmp_path, STORIES, floors=floors)
    assert result.exit_code == exit_code
    assert named is None or named in result.stderr


def test_a_measure_that_the_labels_do_not_give_has_no_floor(tmp_path):
    """A file for the gate alone says nothing of topics, and the other way round."""
    assert run(tmp_path, STORIES[2:3], floors={"macro_f1": 0.9}).exit_code == 0
    unjudged = [{"id": 1, "title": "Coal mine closes", "topics": ["fossil-fuels"]}]
    assert run(tmp_path, unjudged, floors={"gate.recall": 0.9}).exit_code == 0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param("{", "stories.jsonl:1: this is not JSON:", id="no JSON"),
        pytest.param("\n[1]", "stories.jsonl:2: this is not an object with an id.", id="a list"),
        pytest.param('{"title": "x"}', "stories.jsonl:1: this is not an object with an id.", id="no id"),
        pytest.param('{"id": null}', "stories.jsonl:1: this is not an object with an id.", id="an id that is null"),
        pytest.param('{"id": 1, "title": 5}', "stories.jsonl:1: title is not a text.", id="a number for a title"),
        pytest.param('{"id": 1, "topics": "science"}', "1: topics is not a list of texts.", id="a text for topics"),
        pytest.param('{"id": 1, "topics": ["x"]}', "1: 'x' is no topic of topics.yaml.", id="an unknown topic"),
        pytest.param(
            '{"id": 1, "topics": ["policy"], "primary": "health"}',
            "1: its primary topic, 'health', is not among its topics.",
            id="another primary",
        ),
        pytest.param(
            '{"id": 1, "climate_relevant": "no"}', "1: climate_relevant is not true, false or null.", id="a word"
        ),
        pytest.param("", "stories.jsonl holds no story.", id="nothing"),
    ],
)
def test_a_file_that_cannot_be_measured_is_refused(tmp_path, line, reason):
    """With the line in one sentence, and never with a figure that would mean nothing."""
    path = tmp_path / "stories.jsonl"
    path.write_text(line)
    result = CliRunner().invoke(evaluate, ["topics", str(path)])
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert reason in result.stderr


@pytest.mark.parametrize(
    "content",
    [b"no gzip", gzip.compress(b"x" * 99)[:-9], gzip.compress(b"x")[:12] + b"??"],
    ids=["another form", "cut off", "damaged"],
)
def test_a_damaged_gzip_is_named(tmp_path, content):
    """It is the file that cannot be read, and no fault of the output or of the program."""
    path = tmp_path / "stories.jsonl.gz"
    path.write_bytes(content)
    result = CliRunner().invoke(evaluate, ["topics", str(path)])
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: stories.jsonl.gz cannot be read: ")


def test_a_gzipped_file_is_read_too_and_the_checkout_has_floors(tmp_path):
    """They are looked up by the file's name."""
    path = tmp_path / "any.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, STORIES)).encode()))
    report = json.loads(CliRunner().invoke(evaluate, ["topics", str(path), "--json"]).stdout)
    assert report["floors"]["macro_f1"] > 0.5


@pytest.mark.parametrize("name", ["dev", "general_wire_dev"])
def test_the_labelled_stories_stay_above_their_floors(shared_path, name):
    """The floors of the stories that taught the weights; held-out ones are measured by `make train`."""
    result = CliRunner().invoke(evaluate, ["topics", str(shared_path / "topics" / f"{name}.jsonl.gz")])
    assert (result.exit_code, result.stderr) == (0, "")
