"""Atom (RFC 4287): any query as a feed that readers and other archives can follow."""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final
from xml.sax.saxutils import escape, quoteattr

from flows.exports.context import ExportContext
from flows.exports.shape import iso
from models.queries.stories import StoryRecord
from models.wording import UNSAFE_CHARACTERS

# What XML 1.0 cannot hold, and a terminal should not.
_UNSAFE: Final = re.compile(f"[{UNSAFE_CHARACTERS}\ufffe\uffff]")


def write_atom(stories: Iterable[StoryRecord], out: BinaryIO, context: ExportContext) -> int:
    """Write an entry a story; return how many."""
    out.write("".join(_head(context)).encode())
    count = 0
    for story in stories:
        out.write("".join(_entry(story)).encode())
        count += 1
    out.write(b"</feed>\n")
    return count


def uri_of(story: StoryRecord) -> str:
    """Return the name of a story that never changes, as a URI."""
    return f"urn:climate-archive:story:{story.uid}"


def web_url(url: str | None) -> str | None:
    """Return an address of the web; None for any other, which a reader of feeds might run."""
    return url if url is not None and url.lower().startswith(("http://", "https://")) else None


def _head(context: ExportContext) -> Iterator[str]:
    head = context.head
    yield '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
    yield f"<id>{_safe(head.id)}</id>\n<title>{_safe(head.title)}</title>\n"
    if head.url is not None:
        yield f'<link rel="self" type="application/atom+xml" href={quoteattr(head.url)}/>\n'
    yield f"<author><name>{_safe(head.author)}</name></author>\n<updated>{iso(context.made_at)}</updated>\n"


def _entry(story: StoryRecord) -> Iterator[str]:
    yield f"<entry>\n<id>{uri_of(story)}</id>\n<title>{_safe(story.title)}</title>\n"
    yield f"<updated>{iso(story.first_seen_at)}</updated>\n"
    if story.published_at is not None:
        yield f"<published>{iso(story.published_at)}</published>\n"
    if url := web_url(story.url):
        yield f'<link rel="alternate" href={quoteattr(_UNSAFE.sub("", url))}/>\n'
    yield from (f"<author><name>{_safe(name)}</name></author>\n" for name in story.authors)
    yield from (f'<category term="{topic.id}"/>\n' for topic in story.topics)
    language = f" xml:lang={quoteattr(_UNSAFE.sub('', story.language))}" if story.language else ""
    yield f'<content type="text"{language}>{_safe(story.text)}</content>\n</entry>\n'


def _safe(text: str) -> str:
    return escape(_UNSAFE.sub("", text))
