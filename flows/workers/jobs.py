"""The jobs that worker processes run: parse, clean, extract and classify input that may be hostile.

Each imports its step when it runs. The process of a night only names the jobs, and would load all parsers for nothing.
"""

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from msgspec.structs import replace

from config.topics import forget_what_was_learnt, read_topics, with_what_was_learnt
from flows.steps.text.fingerprint import content_hash
from flows.workers.chunks import in_chunks
from models.copies import CopyMarks, Likeness
from models.corrections import Correction, Revised
from models.errors import BadResponse, ConfigError, Permanent
from models.search_words import Wording, words_for
from models.stages import (
    ClassifiedStory,
    CleanStory,
    Entry,
    EntryFailure,
    FeedKind,
    Heading,
    ParsedFeed,
    Problem,
    Source,
    Taxonomy,
)

if TYPE_CHECKING:
    from flows.steps.captures import CaptureBatch, PageCapture
    from flows.steps.classify import Classifier

_classifiers: "Final[list[Classifier]]" = []  # one, once prepare() has run in this process, or before it was forked
_guessed: "Final[list[tuple[Taxonomy, Mapping[str, bool]]]]" = []  # what it was made by, before that was told
_databases: Final[list[str]] = []  # the kind of the archive's, where the words of its index are to be found


def prepare_for_archive(taxonomy: Taxonomy, readers: Mapping[str, bool], database: str) -> None:
    """Tell this process and those forked from it the topics, without what was learnt, and the archive's database.

    The pool's initializer. Of the database only its kind is told: sqlite or postgresql. The second reader, where there
    is one, reads later: `flows.workers.meaning`.
    """
    if _guessed != [(taxonomy, readers)]:
        prepare(with_what_was_learnt(taxonomy, **readers))
    _databases[:] = [database]


def prepare_for_pages(taxonomy: Taxonomy, readers: Mapping[str, bool], database: str) -> None:
    """Do as prepare_for_archive does, for a run that reads more than feeds."""
    from flows.workers.preloaded import load_page_steps

    prepare_for_archive(taxonomy, readers, database)
    load_page_steps()


def prepare_early(topics_file: str | None, readers: Mapping[str, bool]) -> None:
    """Prepare by the topics of a file, which are likely to be those that will be told."""
    with suppress(ConfigError):  # who is to tell the topics reads the file too, and says what is wrong with it
        taxonomy = read_topics(Path(topics_file) if topics_file else None)
        prepare(with_what_was_learnt(taxonomy, **readers))
        _guessed[:] = [(taxonomy, readers)]


def prepare(taxonomy: Taxonomy) -> None:
    """Give this process its topics, and load the steps before the time of a first call runs."""
    from flows.steps.classify import Classifier
    from flows.workers.preloaded import load_steps

    load_steps()
    _guessed.clear()
    _classifiers[:] = [Classifier(taxonomy, reads_meaning=False)]
    forget_what_was_learnt()


def parse_document(
    body: bytes, content_type: str, url: str, language: str | None = None, country: str | None = None
) -> ParsedFeed:
    """Parse a feed document; language and country are what feeds.yaml says of its feed. Raise NotAFeed."""
    from flows.steps.parse import parse_feed

    return parse_feed(body, content_type=content_type, url=url, language=language, country=country)


def parse_sitemap_document(
    body: bytes, content_type: str, url: str, language: str | None = None, country: str | None = None
) -> ParsedFeed:
    """Parse a sitemap or an index of them, as parse_document does a feed. Raise NotAFeed."""
    from flows.steps.parse import parse_news_sitemap

    return parse_news_sitemap(body, content_type=content_type, url=url, language=language, country=country)


PARSERS: Final = {FeedKind.FEED: parse_document, FeedKind.SITEMAP: parse_sitemap_document}


def read_import(body: bytes, name: str, now: datetime) -> tuple[Entry, ...]:
    """Read a document that was handed in now. Raise BadResponse."""
    from flows.steps.documents import read_documents

    return read_documents(body, name=name, not_after=now)


def read_feed(
    kind: FeedKind, facts: tuple[bytes, str, str, str | None, str | None]
) -> tuple[ParsedFeed, list[ClassifiedStory | EntryFailure]]:
    """Parse a document of which nothing is known, and read its first entries, as many as one call may.

    The facts are what PARSERS take. Raise NotAFeed.
    """
    parsed = PARSERS[kind](*facts)
    chunks, language = in_chunks(parsed.entries), facts[3]
    return parsed, read_entries(chunks[0], language, Source.FEED) if chunks else []


def read_entries(
    entries: Sequence[Entry], language: str | None, source: Source
) -> list[ClassifiedStory | EntryFailure]:
    """Clean entries, classify each under its own heading and find what shown stories need, in their order.

    Step by step for all of them, not story by story: a processor that stays at one step's code and tables takes a
    tenth less time.
    """
    cleaned = clean_entries(entries, language, source)
    stories = [
        (entry, story) for entry, story in zip(entries, cleaned, strict=True) if not isinstance(story, EntryFailure)
    ]
    read = iter(_with_findings([judge(story, own_heading(entry, story)) for entry, story in stories]))
    return [one if isinstance(one, EntryFailure) else next(read) for one in cleaned]


def own_heading(entry: Entry, story: CleanStory) -> Heading:
    """Return what an entry's text is judged together with where its story is this feed's alone, as most are."""
    return Heading(title=story.title, tags=story.tags, url=entry.url)


def find_captures(path: str, offset: int, hosts: tuple[str, ...]) -> "CaptureBatch":
    """Find where the next pages of a web archive stand. Raise BadResponse."""
    from flows.steps import captures

    with _web_archive(path) as file:
        return captures.find_captures(file, offset, hosts)


def read_captured_page(path: str, offset: int) -> "PageCapture":
    """Read a page of a web archive, whose record begins there. Raise BadResponse."""
    from flows.steps.captures import read_page

    with _web_archive(path) as file:
        return read_page(file, offset)


@contextmanager
def _web_archive(path: str) -> Iterator[BinaryIO]:
    """Open a web archive. Raise BadResponse where it cannot be read."""
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise BadResponse("it is no ordinary file")
            yield file
    except OSError as error:
        raise BadResponse(f"it cannot be read: {error.strerror or error}") from error


def read_capture(capture: "PageCapture") -> Entry:
    """Read the story of a captured page. Raise BadResponse."""
    from flows.steps.captures import page_entry

    return page_entry(capture)


def clean_entries(entries: Sequence[Entry], language: str | None, source: Source) -> list[CleanStory | EntryFailure]:
    """Clean entries, in their order; one that cannot be read is a failure among the others."""
    return [_clean(entry, language, source) for entry in entries]


def read_page(body: bytes, url: str, content_type: str, heading: Heading) -> ClassifiedStory:
    """Extract and classify an article page. The story's own title, where it has one, stands above the page's."""
    from flows.steps.extract import extract_page

    page = extract_page(body, url=url, content_type=content_type)
    own, title = page.title, heading.title or page.title
    story = replace(page, title=title, page_title=own, content_hash=content_hash(title, page.text))
    return _with_findings([judge(story, replace(heading, title=title))])[0]


def judge_texts(texts: Sequence[tuple[CleanStory, Heading]]) -> list[ClassifiedStory]:
    """Classify texts under the headings that they are kept with, in their order."""
    return [judge(story, heading) for story, heading in texts]


def judge(story: CleanStory, heading: Heading) -> ClassifiedStory:
    """Classify a text under the heading that it is kept with, which need not be its own."""
    labels = _classifiers[0].classify(heading.title, story.text, feed_topics=heading.tags, url=heading.url)
    return ClassifiedStory(story=story, classification=labels, heading=heading)


def read_corrections(revisions: Sequence[Revised]) -> list[list[Correction]]:
    """Return what each revision changed, in their order."""
    from flows.steps.changes import corrections_between

    return [corrections_between(one) for one in revisions]


def read_copy_marks(stories: Sequence[tuple[str, Sequence[str]]]) -> list[CopyMarks]:
    """Return what each story, a text and its authors, is known by among others."""
    from flows.steps.copies import copy_marks

    return [copy_marks(text, authors) for text, authors in stories]


def compare_stories(pairs: Sequence[tuple[str, str]]) -> list[Likeness | None]:
    """Compare originals with what may be their copies; None where they are none."""
    from flows.steps.copies import likeness_of

    return [likeness_of(original, copy) for original, copy in pairs]


def _with_findings(texts: Sequence[ClassifiedStory]) -> list[ClassifiedStory]:
    """Find the words for the search, and by what copies are known, of the texts that are about climate, in their order.

    Others are not shown, but for a few.
    """
    from flows.steps.copies import copy_marks

    shown = {at: text for at, text in enumerate(texts) if _databases and text.classification.is_relevant}
    wordings = {at: Wording(text.heading.title, text.story.text, text.story.language) for at, text in shown.items()}
    words = {at: words_for(_databases[0], wording) for at, wording in wordings.items()}
    marks = {at: copy_marks(text.story.text, text.story.authors) for at, text in shown.items()}
    return [replace(text, words=words[at], marks=marks[at]) if at in shown else text for at, text in enumerate(texts)]


def _clean(entry: Entry, language: str | None, source: Source) -> CleanStory | EntryFailure:
    from flows.steps.clean import clean_entry

    try:
        return clean_entry(entry, language=language, source=source)
    except Permanent as error:
        problem = Problem(error=type(error).__name__, message=str(error))
        return EntryFailure(position=entry.position, stage="clean", digest=entry.digest, problem=problem)
