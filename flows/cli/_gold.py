"""Stories with labels by hand: JSON lines of id, title, text, climate_relevant, primary, topics; perhaps gzipped."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from flows.cli._topic_quality import Gold


def read_gold(path: Path) -> Iterator[Gold]:
    """Yield the stories of a file.

    Raises:
        ClickException: A line is none, with its number.

    """
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _gold(line, f"{path.name}:{number}")


def _gold(line: bytes, where: str) -> Gold:
    try:
        given: dict[str, Any] = json.loads(line)
        topics = tuple(given.get("topics") or ())
        return Gold(
            id=str(given["id"]),
            title=given.get("title") or "",
            text=given.get("text") or "",
            tags=tuple(given.get("feed_topics") or ()),
            is_relevant=given.get("climate_relevant"),
            primary=given.get("primary") or next(iter(topics), None),
            topics=topics,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise click.ClickException(f"{where}: this is no labelled story: {type(error).__name__}: {error}.") from None
