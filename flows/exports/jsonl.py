"""JSON lines: a story a line, everything in it."""

from collections.abc import Iterable
from typing import BinaryIO

from flows.exports.safe_json import json_text
from flows.exports.shape import story_shape
from models.queries.stories import StoryRecord


def write_jsonl(stories: Iterable[StoryRecord], out: BinaryIO) -> int:
    """Write a story a line, in UTF-8; return how many."""
    count = 0
    for story in stories:
        out.write(json_text(story_shape(story)).encode() + b"\n")
        count += 1
    return count
