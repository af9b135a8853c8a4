"""Hostile documents, as they lie in tests/golden/fuzz and mixed: always an answer, and nothing active or unstorable."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.steps.clean import clean_entry, clean_html, clean_title
from flows.steps.parse import parse_feed
from models.errors import NotAFeed
from models.stages import CleanStory, Entry
from tests.site.nights.kept import active_parts

GOLDEN = Path(__file__).parents[2] / "golden"
CORPUS = sorted((GOLDEN / "fuzz").iterdir())
SEEDS = [path.read_bytes() for path in CORPUS] + [
    path.read_bytes() for path in sorted((GOLDEN / "feeds").iterdir()) if ".expected" not in path.name
]
URL = "https://feeds.example/news/feed.xml"
CONTENT_TYPES = ("", "text/xml", "text/xml; charset=utf-16", "application/json; charset=latin-1", "\x00;=\x7f")
# Seconds differ with the machine: the limits of a night stand around the workers.
fuzzed = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def mixed(draw: st.DrawFn) -> bytes:
    """Draw a document made of pieces of the corpus, some of them cut, doubled or damaged."""
    pieces = []
    for _ in range(draw(st.integers(1, 4))):
        seed = draw(st.sampled_from(SEEDS))
        start, end = sorted(draw(st.tuples(st.integers(0, len(seed)), st.integers(0, len(seed)))))
        piece = draw(st.sampled_from((seed, seed[:end], seed[start:], seed[start:end])))
        pieces += [piece, draw(st.sampled_from((b"", piece[:40], b"\x00", b"]]>", b"<![CDATA[", b"</item>", b"\xff")))]
    return b"".join(pieces)


def read(body: bytes, content_type: str = "text/xml") -> list[CleanStory]:
    """Parse and clean a document; one that is no feed holds no story."""
    try:
        parsed = parse_feed(body, content_type=content_type, url=URL)
    except NotAFeed as error:
        assert_storable(str(error))
        return []
    for entry in parsed.entries:
        assert_entry(entry)
    for failure in parsed.failures:
        assert_storable(failure.problem.message, failure.digest)
    assert [entry.position for entry in parsed.entries] == sorted({entry.position for entry in parsed.entries})
    return [clean_entry(entry, language=parsed.language) for entry in parsed.entries]


def assert_entry(entry: Entry) -> None:
    """Hold an entry to what every later stage relies on."""
    assert_storable(entry.title_html, entry.html, entry.guid or "", entry.url or "", entry.published_raw or "")
    assert entry.url is None or entry.url.startswith(("http://", "https://"))
    assert entry.published_at is None or entry.published_at.tzinfo is not None
    assert len(entry.digest) == 64


def assert_harmless(story: CleanStory) -> None:
    """Hold a story to what may be stored and shown."""
    assert_storable(story.title, story.text, story.html, *story.authors, *story.tags)
    assert "\n" not in story.title
    assert active_parts(story.html) == []
    assert active_parts(clean_html(story.html, base_url="").html) == []


def assert_storable(*texts: str) -> None:
    """Hold texts to what both databases take."""
    for text in texts:
        assert "\x00" not in text
        text.encode("utf-8")


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_the_corpus(path: Path) -> None:
    """Each document that once hurt somebody is answered, as a feed and as the text of an entry."""
    for story in read(path.read_bytes()):
        assert_harmless(story)
    cleaned = clean_html(path.read_bytes().decode("utf-8", "surrogateescape"), base_url=URL)
    assert_storable(cleaned.text, cleaned.html)
    assert active_parts(cleaned.html) == []


@fuzzed
@given(mixed(), st.sampled_from(CONTENT_TYPES))
def test_any_mixture_is_answered(body: bytes, content_type: str) -> None:
    """Whatever is made of the corpus is a feed or NotAFeed, and its stories are harmless."""
    for story in read(body, content_type):
        assert_harmless(story)


@fuzzed
@given(mixed())
def test_the_same_bytes_are_read_alike(body: bytes) -> None:
    """A document read twice gives the same stories: an unchanged night finds nothing new."""
    assert read(body) == read(body)


@fuzzed
@given(mixed())
def test_any_html_is_cleaned(body: bytes) -> None:
    """Whatever stands in an entry, its text can be stored and its HTML does nothing."""
    source = body.decode("utf-8", "surrogateescape")
    cleaned = clean_html(source, base_url=URL)
    assert_storable(cleaned.text, cleaned.html, clean_title(source))
    assert active_parts(cleaned.html) == []
