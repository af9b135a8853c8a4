"""`climate-archive evaluate`: quality as numbers, against labels by hand and against floors."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from config.settings import load_settings
from config.topics import load_topics
from flows.cli.options import json_option
from flows.cli.output.terminal import print_json, print_lines, print_table, progress, say
from flows.cli.quality.gold import BadGold, read_gold
from flows.cli.quality.topic_quality import Judged, below_floors, quality, value_of, worst
from flows.steps.classify import Classifier
from models.wording import counted

WORST_SHOWN: Final = 20
# Beside the code in a checkout; an installed program measures without floors unless it is given some.
_FLOORS: Final = Path(__file__).parents[3] / "tests" / "quality" / "floors.json"


@click.group()
def evaluate() -> None:
    """Measure quality against labels by hand; the exit code is 1 below the floors."""


@evaluate.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--floors", "floors_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON file."
)
@json_option
def topics(file: Path, floors_file: Path | None, *, as_json: bool) -> None:
    """Measure the topics and the gate on labelled stories.

    FILE holds JSON lines, perhaps gzipped: {"id", "title", "text", "climate_relevant": true|false|null, "primary",
    "topics": [...]}. `label` exports corrections in this form. Floors are looked up by the file's name, else those of
    "default" hold.

    \b
    climate-archive evaluate topics corrections.jsonl
    climate-archive evaluate topics corrections.jsonl --json
    """  # noqa: D301 (\b is click's mark, not Python's)
    taxonomy = load_topics(load_settings().topics_file)
    classifier = Classifier(taxonomy)
    gold = list(read_gold(file, {topic.id for topic in taxonomy.topics}))
    if not gold:
        raise BadGold(f"{file.name} holds no story.")
    judged = [
        Judged(gold=one, found=classifier.classify(one.title, one.text, feed_topics=one.tags, url=one.url))
        for one in progress(gold, len(gold), "judging")
    ]
    measured = quality(judged, [topic.id for topic in taxonomy.topics if topic.terms])
    floors = _floors(floors_file or _FLOORS, file.name.partition(".")[0])
    below = below_floors(measured, floors)
    report = {
        "classifier_version": classifier.version,
        **measured,
        "worst": [_worst_json(one) for one in worst(judged, WORST_SHOWN)],
        "floors": floors,
        "below": below,
    }
    print_json(report) if as_json else _print(report)
    for name in below:
        say(f"{name} is {value_of(measured, name):.3f}, below its floor of {floors[name]:.3f}.")
    sys.exit(1 if below else 0)


def _floors(path: Path, name: str) -> dict[str, float]:
    if not path.is_file():
        return {}
    given: dict[str, dict[str, float]] = json.loads(path.read_text())["topics"]
    return given.get(name, given["default"])


def _worst_json(one: Judged) -> dict[str, Any]:
    labels = [{"id": topic.id, "score": topic.score} for topic in one.found.topics]
    evidence = [("gate", mark) for mark in one.found.evidence]
    evidence += [(topic.id, mark) for topic in one.found.topics for mark in topic.evidence]
    return {
        "id": one.gold.id,
        "title": one.gold.title,
        "gold": {"climate_relevant": one.gold.is_relevant, "topics": list(one.gold.topics)},
        "found": {"relevance": one.found.relevance, "topics": labels},
        "evidence": [{"for": speaks_for, **asdict(mark)} for speaks_for, mark in evidence],
    }


def _print(report: Mapping[str, Any]) -> None:
    stories = f"{counted(report['stories'], 'story', 'stories')}, {report['labelled']} of them with topics"
    print_lines(f"{stories}; classifier {report['classifier_version']}", "")
    names = ("macro_f1", "micro_f1", "primary", "primary_exact", "needs_review", "gate.precision", "gate.recall")
    rows = [(name, value_of(report, name), report["floors"].get(name)) for name in names]
    shown = [(name, f"{value:.3f}", "" if floor is None else floor) for name, value, floor in rows if value is not None]
    print_table(("measure", "value", "floor"), shown)
    if report["labelled"]:
        print_lines("")
        print_table(("topic", "precision", "recall", "f1", "stories"), _topic_rows(report["topics"]))
        print_lines("", "Of the labels of this confidence, how many are right:")
        print_table(("from", "labels", "confidence", "right"), [list(band.values()) for band in report["calibration"]])
    if report["worst"]:
        print_lines("", "The worst errors:")
        print_table(("story", "by hand", "found", "because of"), map(_worst_row, report["worst"]))


def _topic_rows(topics_measured: Mapping[str, Mapping[str, Any]]) -> list[list[object]]:
    return [[topic, *rates.values()] for topic, rates in topics_measured.items()]


def _worst_row(one: Mapping[str, Any]) -> list[str]:
    by_hand = ", ".join(one["gold"]["topics"]) or (
        "about climate" if one["gold"]["climate_relevant"] else "not climate"
    )
    labels = ", ".join(f"{topic['id']} {topic['score']:.2f}" for topic in one["found"]["topics"])
    relevance = f"relevance {one['found']['relevance']:.2f}"
    terms = dict.fromkeys(mark["term"] for mark in one["evidence"] if mark["term"])
    return [f"{one['id']}: {one['title']}", by_hand, f"{relevance}; {labels}", ", ".join(list(terms)[:6])]
