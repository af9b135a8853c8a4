"""What runs inside the worker processes: parse, clean, extract and classify, on bytes that may be hostile."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from flows.steps.classify import Classifier
from flows.steps.clean import clean_entry, content_hash
from flows.steps.documents import read_documents
from flows.steps.extract import extract_page
from flows.steps.parse import parse_feed
from models.errors import Permanent
from models.stages import (
    ClassifiedStory,
    CleanStory,
    Entry,
    EntryFailure,
    ParsedFeed,
    Problem,
    Source,
    Taxonomy,
)

_classifiers: Final[list[Classifier]] = []  # one, once prepare() has run in this process


def prepare(taxonomy: Taxonomy) -> None:
    """Give this process its topics; the pool's initializer."""
    _classifiers[:] = [Classifier(taxonomy)]


def parse_document(body: bytes, content_type: str, url: str) -> ParsedFeed:
    """Parse a feed document. Raise NotAFeed."""
    return parse_feed(body, content_type=content_type, url=url)


def read_import(body: bytes, name: str) -> tuple[Entry, ...]:
    """Read a document that was handed in. Raise BadResponse."""
    return read_documents(body, name=name)


def clean_entries(
    entries: Sequence[Entry], language: str | None, source: Source
) -> list[ClassifiedStory | EntryFailure]:
    """Clean and classify entries, in their order; one that cannot be read is a failure among the others."""
    return [_clean(entry, language, source) for entry in entries]


def read_page(body: bytes, url: str, content_type: str, title: str) -> ClassifiedStory:
    """Extract and classify an article page. The story's own title, where it has one, stands above the page's."""
    page = extract_page(body, url=url, content_type=content_type)
    own, title = page.title, title or page.title
    return _classified(replace(page, title=title, page_title=own, content_hash=content_hash(title, page.text)))


def _clean(entry: Entry, language: str | None, source: Source) -> ClassifiedStory | EntryFailure:
    try:
        return _classified(clean_entry(entry, language=language, source=source))
    except Permanent as error:
        problem = Problem(error=type(error).__name__, message=str(error))
        return EntryFailure(position=entry.position, stage="clean", digest=entry.digest, problem=problem)


def _classified(story: CleanStory) -> ClassifiedStory:
    return ClassifiedStory(
        story=story, classification=_classifiers[0].classify(story.title, story.text, feed_topics=story.tags)
    )
