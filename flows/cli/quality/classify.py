"""`climate-archive classify`: label stories of a JSON lines file, without an archive."""

import sys
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import click
from msgspec.structs import asdict

from config.settings import load_settings
from config.topics import load_topics
from flows.cli.output.story_lines import read_story
from flows.cli.output.terminal import print_lines, say
from flows.exports.safe_json import json_text
from flows.steps.classify import Classifier
from models.stages import Classification, Evidence


@click.command(epilog="Example: climate-archive classify stories.jsonl")
@click.argument("file", type=click.File("rb"))
def classify(file: BinaryIO) -> None:
    """Label the stories of FILE, one JSON object a line with id, title, text and perhaps feed_topics, url and
    feed_share (the part of its feed's earlier stories that are about climate, from 0 to 1).

    "-" is stdin. Prints one JSON line a story. Lines that cannot be read are named on stderr and make the exit code 1.
    """
    settings = load_settings()
    classifier = Classifier(load_topics(settings.topics_file, **settings.meaning.readers))
    bad_lines = 0
    for number, result in _classify_lines(classifier, file):
        if isinstance(result, ValueError):
            bad_lines += 1
            say(f"line {number}: {result}")
        else:
            print_lines(json_text(result))
    if bad_lines:
        say(f"{bad_lines} of the lines could not be read.")
        sys.exit(1)


def _classify_lines(
    classifier: Classifier, lines: Iterable[bytes]
) -> Iterator[tuple[int, dict[str, Any] | ValueError]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            story = read_story(line)
        except ValueError as error:
            yield number, error
            continue
        labels = classifier.classify(
            story["title"],
            story["text"],
            feed_topics=story["feed_topics"],
            url=story["url"],
            feed_share=story.get("feed_share"),
        )
        yield number, {"id": story["id"], **_as_json(labels)}


def _as_json(labels: Classification) -> dict[str, Any]:
    evidence = [_mark("gate", one) for one in labels.evidence]
    evidence += [_mark(topic.id, one) for topic in labels.topics for one in topic.evidence]
    return {
        "relevance": labels.relevance,
        "relevant": labels.is_relevant,
        "topics": [{"id": topic.id, "score": topic.score, "primary": topic.primary} for topic in labels.topics],
        "evidence": evidence,
    }


def _mark(speaks_for: str, evidence: Evidence) -> dict[str, Any]:
    return {"for": speaks_for, **asdict(evidence)}
