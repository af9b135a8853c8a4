"""What flows through a night, stage by stage, in the order of the data. Frozen values.

FeedSpec -> FetchResult -> ParsedFeed of Entry -> CleanStory -> ClassifiedStory; then models.reports

What a story is made of is not `kw_only`, though nobody makes one by position: else it would travel from a
worker with the names of its fields, and take twice as long.
"""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from models.copies import CopyMarks
from models.evidence import Evidence as Evidence
from models.learnt import LinearWeights as LinearWeights
from models.learnt import MeaningWeights as MeaningWeights


class Relevance(StrEnum):
    """Whether all stories of a feed count as relevant, or each must pass the gate."""

    ASSUME = "assume"
    GATE = "gate"


class Rights(StrEnum):
    """How much of a feed's texts a release may hold; the first that fits among a story's feeds, from the end."""

    FULL = "full"
    EXCERPT = "excerpt"
    METADATA = "metadata"


class FeedKind(StrEnum):
    """What stands at a feed's address."""

    FEED = "feed"
    SITEMAP = "sitemap"


class FeedSpec(Struct, frozen=True, kw_only=True):
    """One block of feeds.yaml."""

    id: str
    name: str
    url: str
    position: int  # place in the file; the earlier feed wins among equals
    relevance: Relevance = Relevance.GATE
    full_text: bool = False  # follow its entries to their article pages
    language: str | None = None  # BCP 47, "en" or "pt-BR"
    country: str | None = None  # ISO 3166-1 alpha-2; "XX" is international, "EU" the Union
    min_entries: int | None = None  # fewer entries in a document than this is worth a warning
    rights: Rights = Rights.FULL  # what of its texts a release may hold
    kind: FeedKind = FeedKind.FEED


class Term(Struct, frozen=True, kw_only=True):
    """A word or phrase that speaks for (or, in the gate's negatives, cancels) something."""

    text: str
    weight: float
    is_prefix: bool = False  # "decarboni*"
    is_case_sensitive: bool = False  # terms with an upper-case letter: COP, EPA, Greens


class Topic(Struct, frozen=True, kw_only=True):
    """One topic of topics.yaml."""

    id: str
    name: str
    definition: str
    terms: tuple[Term, ...]
    examples: tuple[str, ...] = ()  # sentences of our own that it must be given to
    tags: tuple[Term, ...] = ()  # the publishers' own tags, and sections of their addresses, that speak for it


# The label of a story that no topic fits: the last topic of every taxonomy, without terms.
GENERAL_TOPIC = "general"

# Relevance from which a story that the gate turns away came near it: most that are about something else lie far below.
NEAR_MISS = 0.1


class Gate(Struct, frozen=True, kw_only=True):
    """What makes a story one about climate."""

    threshold: float
    terms: tuple[Term, ...]
    negatives: tuple[Term, ...]  # what they overlap does not count, for the gate and for topics
    tags: tuple[Term, ...] = ()  # as a topic's


class Taxonomy(Struct, frozen=True, kw_only=True):
    """topics.yaml as a whole, with what was learnt for it."""

    version: int
    digest: str  # sha256 of the parsed content; part of classifier_version
    topics: tuple[Topic, ...]
    gate: Gate
    weights: LinearWeights | None = None  # without them the terms decide alone
    meaning: MeaningWeights | None = None  # without them, or their encoder, there is no second reader


class Problem(Struct, frozen=True, kw_only=True):
    """Expected trouble as a value: the class of models.errors it came from, and one sentence."""

    error: str
    message: str
    is_transient: bool = False
    retry_at: datetime | None = None  # do not ask again before (Retry-After)


class Request(Struct, frozen=True, kw_only=True):
    """One HTTP request that was made, redirect hops included."""

    url: str
    attempt: int  # 1 for the first try
    started_at: datetime
    elapsed_ms: int
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    digest: str | None = None  # sha256 of the decoded body
    size_bytes: int = 0  # decoded bytes read
    problem: Problem | None = None


class FetchResult(Struct, frozen=True, kw_only=True):
    """What came of asking for one address, with all its tries and hops."""

    url: str  # as asked
    final_url: str  # after redirects
    moved_to: str | None = None  # where permanent redirects alone led; None if none or if a temporary one came first
    status: int | None = None  # of the last answer
    content_type: str = ""
    body: bytes | None = None  # decoded; None on 304 and on failure
    digest: str | None = None  # sha256 of body, also where that was set down
    size_bytes: int = 0  # the same
    etag: str | None = None
    last_modified: str | None = None
    is_complete: bool = True  # the framing ended as declared
    problem: Problem | None = None
    requests: tuple[Request, ...] = ()

    @property
    def is_not_modified(self) -> bool:
        """Tell whether the server said 304."""
        return self.status == 304 and self.problem is None

    @property
    def attempts(self) -> int:
        """Count the tries, redirect hops not counted."""
        return max((request.attempt for request in self.requests), default=0)

    @property
    def elapsed_ms(self) -> int:
        """Sum the time spent in requests, waits not counted."""
        return sum(request.elapsed_ms for request in self.requests)


class Entry(Struct, frozen=True):
    """One item of a feed document, parsed and not yet cleaned: all its text is untrusted."""

    position: int  # in the document, from 0
    guid: str | None
    url: str | None  # the publisher's own absolute http(s) link
    url_key: str | None  # canonical form for identity, never fetched or shown; None where it cannot identify
    title_html: str
    html: str  # content, else summary; may be empty
    base_url: str  # what relative links in html stand on
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    published_raw: str | None = None
    published_at: datetime | None = None  # aware UTC; None where unknowable
    is_zone_assumed: bool = False  # the date named no zone and was read as UTC, or letters of several meanings
    language: str | None = None  # declared by the entry or the document
    is_language_default: bool = False  # it is the document's, of which the entry says nothing else
    digest: str = ""  # over title, html, guid, url_key, authors, tags; not dates


class EntryFailure(Struct, frozen=True, kw_only=True):
    """An entry that could not be read: kept as a reason, never dropped in silence."""

    position: int
    stage: str  # parse | clean | classify | load
    digest: str
    problem: Problem


class ParsedFeed(Struct, frozen=True, kw_only=True):
    """A parsed feed document."""

    kind: str  # rss20, atom10, json11, ...: the format and its version
    title: str
    language: str | None
    home_url: str | None
    is_complete: bool  # well-formed to its end; only then are its validators trusted
    entries: tuple[Entry, ...]
    failures: tuple[EntryFailure, ...] = ()
    warnings: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()  # those that an index names, the latest first
    older_url: str | None = None  # where older entries are: rel=next, prev-archive, next_url, or WordPress' next page


class Source(StrEnum):
    """Where a text came from."""

    FEED = "feed"
    PAGE = "page"
    IMPORT = "import"


class CleanStory(Struct, frozen=True):
    """A story's text, safe to store and to show."""

    source: Source
    title: str
    text: str  # paragraphs a line, blank lines between blocks
    html: str  # safe subset; empty where text alone is known
    content_hash: str  # NFC title + text, white space collapsed, pure time stamps dropped
    length: float  # in characters, a CJK character counts 2.5; decides the length class
    language: str | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    published_at: datetime | None = None
    canonical_url: str | None = None  # rel=canonical of a page
    page_title: str | None = None  # the page's own title, where the story's was set above it
    description: str = ""  # what a page's head says that it is about
    method: str = "feed"  # how the text was found: feed, trafilatura, ...
    confidence: float = 1.0  # 0..1
    is_paywalled: bool = False


class TopicScore(Struct, frozen=True):
    """One label of a story."""

    id: str
    score: float
    primary: bool
    evidence: tuple[Evidence, ...] = ()


class Classification(Struct, frozen=True):
    """What a story is about and why."""

    relevance: float  # 0..1
    is_relevant: bool
    needs_review: bool
    topics: tuple[TopicScore, ...]  # 1 to 3, the strongest first
    evidence: tuple[Evidence, ...]  # of the gate
    classifier_version: str
    vector: bytes | None = None  # of title and text, where the second reader made it: as story_vectors keeps it
    encoder: str = ""  # that made it


class Heading(Struct, frozen=True):
    """What a text is judged together with: the title, tags and address of the story that it is kept for."""

    title: str
    tags: tuple[str, ...] = ()
    url: str | None = None


class ClassifiedStory(Struct, frozen=True):
    """A cleaned story with its labels, ready to load."""

    story: CleanStory
    classification: Classification
    heading: Heading  # that it was judged under
    words: tuple[str, ...] = ()  # as the search index keeps them; none where nobody looked
    marks: CopyMarks | None = None  # by which copies are known; None where nobody looked
