"""`climate-archive evaluate`: quality as numbers, against labels by hand and against floors."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
from msgspec.structs import asdict, replace

from config.settings import load_settings
from config.topics import load_topics
from flows.cli.options import json_option
from flows.cli.output.terminal import print_json, print_lines, print_table, progress, say
from flows.cli.quality.gold import BadGold, read_gold
from flows.cli.quality.topic_chance import MEASURES, agreement, by_language, intervals
from flows.cli.quality.topic_quality import Gold, Judged, below_floors, quality, value_of, worst
from flows.steps.classify import Classifier, is_read_twice
from models.stages import Classification
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
    "topics": [...]}, perhaps with "language" and "feed_share" (from 0 to 1). `label` exports corrections in this
    form. Floors are looked up by the file's name, else those of "default" hold.

    \b
    climate-archive evaluate topics corrections.jsonl
    climate-archive evaluate topics corrections.jsonl --json
    """  # noqa: D301 (\b is click's mark, not Python's)
    settings = load_settings()
    taxonomy = load_topics(settings.topics_file, **settings.meaning.readers)
    classifier, alone = Classifier(taxonomy), Classifier(replace(taxonomy, meaning=None))
    gold = list(read_gold(file, {topic.id for topic in taxonomy.topics}))
    if not gold:
        raise BadGold(f"{file.name} holds no story.")
    judged = [Judged(gold=one, found=_judge(classifier, one)) for one in progress(gold, len(gold), "judging")]
    first = [Judged(gold=one, found=_judge(alone, one)) for one in gold]
    known = [topic.id for topic in taxonomy.topics if topic.terms]
    measured = quality(judged, known)
    floors = _floors(floors_file or _FLOORS, file.name.partition(".")[0])
    below = below_floors(measured, floors)
    report = {
        "classifier_version": classifier.version,
        **measured,
        "intervals": intervals(judged, known),
        "languages": by_language(judged, known),
        "readers": agreement(first, judged, [is_read_twice(one.found) for one in judged]),
        "worst": [_worst_json(one) for one in worst(judged, WORST_SHOWN)],
        "floors": floors,
        "below": below,
    }
    print_json(report) if as_json else _print(report)
    for name in below:
        say(f"{name} is {value_of(measured, name):.3f}, below its floor of {floors[name]:.3f}.")
    sys.exit(1 if below else 0)


def _judge(classifier: Classifier, gold: Gold) -> Classification:
    return classifier.classify(gold.title, gold.text, feed_topics=gold.tags, url=gold.url, feed_share=gold.feed_share)


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
    shown = [
        (name, f"{value:.3f}", _interval(report["intervals"].get(name)), "" if floor is None else floor)
        for name, value, floor in rows
        if value is not None
    ]
    print_table(("measure", "value", "90 % of draws", "floor"), shown)
    _print_readers(report["readers"])
    if report["languages"]:
        print_lines("")
        print_table(("language", "stories", *MEASURES), _language_rows(report["languages"]))
    if report["labelled"]:
        print_lines("")
        print_table(("topic", "precision", "recall", "f1", "stories"), _topic_rows(report["topics"]))
        print_lines("", "Of the labels of this confidence, how many are right:")
        print_table(("from", "labels", "confidence", "right"), [list(band.values()) for band in report["calibration"]])
    if report["worst"]:
        print_lines("", "The worst errors:")
        print_table(("story", "by hand", "found", "because of"), map(_worst_row, report["worst"]))


def _interval(bounds: Sequence[float] | None) -> str:
    return f"{bounds[0]:.3f} - {bounds[1]:.3f}" if bounds else ""


def _print_readers(readers: Mapping[str, Any]) -> None:
    if not readers["read_twice"]:
        print_lines("", "The first reader read them alone.")
        return
    agree = ", ".join(
        f"{what} in {readers[name]:.0%}"
        for name, what in (
            ("same_relevance", "the gate"),
            ("same_primary", "the first topic"),
            ("same_topics", "all topics"),
        )
    )
    print_lines(
        "", f"Read by both readers: {readers['read_twice']} of {readers['stories']}; the second left as it was {agree}."
    )


def _language_rows(languages: Mapping[str, Mapping[str, Any]]) -> list[list[object]]:
    return [
        [name, own["stories"], *(f"{own[one]:.3f}" if one in own else "" for one in MEASURES)]
        for name, own in languages.items()
    ]


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
