"""JSON Feed 1.1: any query as a feed, for readers that take no XML."""

from collections.abc import Iterable
from typing import Any, BinaryIO

from flows.exports.atom import uri_of, web_url
from flows.exports.context import ExportContext
from flows.exports.safe_json import json_text
from flows.exports.shape import iso
from models.queries.stories import StoryRecord


def write_json_feed(stories: Iterable[StoryRecord], out: BinaryIO, context: ExportContext) -> int:
    """Write an item a story; return how many."""
    head = {"version": "https://jsonfeed.org/version/1.1", "title": context.head.title}
    head |= {"feed_url": context.head.url} if context.head.url is not None else {}
    out.write(f'{json_text(head)[:-1]}, "items": ['.encode())
    count = 0
    for count, story in enumerate(stories, 1):
        out.write((",\n" if count > 1 else "\n").encode() + json_text(_item(story)).encode())
    out.write(b"\n]}\n")
    return count


def _item(story: StoryRecord) -> dict[str, Any]:
    optional = {
        "url": web_url(story.url),
        "date_published": iso(story.published_at),
        "authors": [{"name": name} for name in story.authors],
        "tags": [topic.id for topic in story.topics],
        "language": story.language,
    }
    item = {"id": uri_of(story), "title": story.title, "content_text": story.text}
    return item | {name: value for name, value in optional.items() if value}
