"""Stories with labels by hand: JSON lines of id, title, text, climate_relevant, primary, topics; perhaps gzipped."""

import gzip
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

import click

from flows.cli.output.story_lines import read_story, texts_of
from flows.cli.quality.topic_quality import Gold


class BadGold(click.ClickException):
    """A file holds no stories with labels by hand."""

    exit_code = 2  # 1 says that the labels are below their floors


def read_gold(path: Path, known: Collection[str] | None = None) -> Iterator[Gold]:
    """Yield the stories of a file; `known` are the topics that they may have.

    Raises:
        BadGold: A line is none, with its number; or the file cannot be read.

    """
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _gold(line, known, f"{path.name}:{number}")
    except (OSError, EOFError, zlib.error) as error:
        raise BadGold(f"{path.name} cannot be read: {error}.") from None


def _gold(line: bytes, known: Collection[str] | None, where: str) -> Gold:
    try:
        return _read(line, known)
    except ValueError as error:
        raise BadGold(f"{where}: {error}") from None


def _read(line: bytes, known: Collection[str] | None) -> Gold:
    story = read_story(line)
    topics = texts_of(story, "topics")
    if strange := [topic for topic in topics if known is not None and topic not in known]:
        raise ValueError(f"{strange[0]!r} is no topic of topics.yaml.")
    is_relevant, primary = story.get("climate_relevant"), story.get("primary") or next(iter(topics), None)
    if not isinstance(is_relevant, bool | None):
        raise ValueError("climate_relevant is not true, false or null.")  # noqa: TRY004  (every mistake of a line is one kind)
    if primary is not None and primary not in topics:
        raise ValueError(f"its primary topic, {primary!r}, is not among its topics.")
    return Gold(
        id=str(story["id"]),
        title=story["title"],
        text=story["text"],
        tags=tuple(story["feed_topics"]),
        is_relevant=is_relevant,
        primary=primary,
        topics=topics,
        url=story["url"] or None,
        language=story.get("language") or None,
        feed_share=story.get("feed_share"),
    )
