"""`climate-archive classify`: label stories of a JSON lines file, without an archive."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any, BinaryIO

import click

from config.settings import load_settings
from config.topics import load_topics
from flows.steps.classify import Classifier
from models.stages import Classification, Evidence


@click.command()
@click.argument("file", type=click.File("rb"))
def classify(file: BinaryIO) -> None:
    """Label the stories of FILE, one JSON object a line with id, title, text and perhaps feed_topics ("-" is stdin).

    Prints one JSON line a story. Lines that cannot be read are named on stderr and make the exit code 1.
    """
    classifier = Classifier(load_topics(load_settings().topics_file))
    bad_lines = 0
    for number, result in _classify_lines(classifier, file):
        if isinstance(result, ValueError):
            bad_lines += 1
            click.echo(f"line {number}: {result}", err=True)
        else:
            click.echo(json.dumps(result))
    if bad_lines:
        click.echo(f"{bad_lines} of the lines could not be read.", err=True)
        sys.exit(1)


def _classify_lines(
    classifier: Classifier, lines: Iterable[bytes]
) -> Iterator[tuple[int, dict[str, Any] | ValueError]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            story = _read_story(line)
        except ValueError as error:
            yield number, error
            continue
        labels = classifier.classify(story["title"], story["text"], feed_topics=story["feed_topics"])
        yield number, {"id": story["id"], **_as_json(labels)}


def _read_story(line: bytes) -> dict[str, Any]:
    try:
        story = json.loads(line)
    except (UnicodeDecodeError, RecursionError):
        raise ValueError("this is not JSON in UTF-8.") from None
    except ValueError as error:
        raise ValueError(f"this is not JSON: {error}.") from None
    if not isinstance(story, dict) or "id" not in story:
        raise ValueError("this is not an object with an id.")
    # A title alone is a story too; null is what other tools write for a text that they do not have.
    story = {"title": "", "text": "", "feed_topics": []} | {key: v for key, v in story.items() if v is not None}
    for key in ("title", "text"):
        if not isinstance(story[key], str):
            raise ValueError(f"{key} is not a text.")  # noqa: TRY004  (every mistake of a line is one kind)
    tags = story["feed_topics"]
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise ValueError("feed_topics is not a list of texts.")
    return story


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
