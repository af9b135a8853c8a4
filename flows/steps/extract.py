"""Find the story on a saved page: trafilatura's default for the text, the page's own data for the rest."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import datetime

from lxml.etree import _Element
from lxml.html import HtmlElement
from msgspec import Struct
from trafilatura import bare_extraction, load_html
from trafilatura.htmlprocessing import build_html_output
from trafilatura.metadata import extract_author, extract_title
from trafilatura.settings import DEFAULT_CONFIG, Document

from flows.steps._extracting.bodies import join_bodies
from flows.steps._extracting.cut_pages import cut_within
from flows.steps._extracting.declared_body import whole_text
from flows.steps._extracting.decode import decode_html
from flows.steps._extracting.headline import is_same_title
from flows.steps._extracting.leads import find_leads, missing_leads
from flows.steps._extracting.live_entries import with_entries
from flows.steps._extracting.metadata import Guesses, PageMetadata, read_metadata
from flows.steps._extracting.page_dates import BELIEVED, in_utc
from flows.steps._extracting.page_state import scripts_of, text_of_state
from flows.steps._extracting.prepare import prepare
from flows.steps._extracting.regions import line_of
from flows.steps._notices import notice
from flows.steps.clean import CleanHtml, clean_html, clean_title, content_hash, weighted_length
from flows.steps.text.language import resolve_language
from models.errors import BadResponse
from models.stages import CleanStory, Source

# How far an extraction is believed is the sum of what speaks for it. A page under 250 characters (CJK counts 2.5) is a
# teaser more often than a story; a title and a date are what navigation pages lack.
_CONFIDENCE_ANY_TEXT = 0.3
_CONFIDENCE_BY_LENGTH = ((250, 0.3), (1000, 0.1))
_CONFIDENCE_TITLE = 0.15
_CONFIDENCE_DATE = 0.15
_HIGHEST_HEADLINE = 3  # blocks of a text among which its headline may stand again
_LONGEST_KICKER = 40  # characters
_LONGEST_DESCRIPTION = 5_000  # characters
_FEWEST_SHOWN = 250  # weighted characters; a page that shows fewer may be built by script
_CONFIDENCE_PAYWALLED = 0.5  # at most: the rest of the text may be missing
# An article of Chinese, Japanese or Korean is whole in fewer characters than trafilatura asks for before it takes what
# else is on the page. A page is one of these languages where its characters weigh so much more than letters do.
_DENSE = deepcopy(DEFAULT_CONFIG)
_DENSE.set("DEFAULT", "MIN_EXTRACTED_SIZE", "100")
_LEAST_WEIGHT = 1.5


class ExtractedPage(Struct, frozen=True, kw_only=True):
    """A page's story, with what a story does not keep."""

    story: CleanStory
    url: str | None  # what the page says is its address: rel=canonical, else og:url
    published: str | None  # ISO 8601 as the publisher wrote it: a day, or a moment with or without a zone
    published_confidence: float  # 1 declared, 0.8 shown beside the headline; less is a guess, which dates no story
    modified: str | None  # ISO 8601 as the publisher wrote it
    is_zone_assumed: bool  # the date named no zone and was read as UTC


def extract_page(body: bytes, *, url: str | None, content_type: str = "") -> CleanStory:
    """Return the story on a page. A page without one gives an empty text, method "none" and confidence 0.

    Raises BadResponse if body is not HTML at all.
    """
    return read_page(body, url=url, content_type=content_type).story


def read_page(
    body: bytes, *, url: str | None, content_type: str = "", not_after: datetime | None = None
) -> ExtractedPage:
    """Return what extract_page returns, with the date as the publisher wrote it.

    not_after is when the page was there to be read: a later day is not when it was published.
    """
    return _read(decode_html(body, content_type=content_type), url, not_after)


def read_file(body: bytes, *, url: str | None, not_after: datetime | None, content_type: str = "") -> ExtractedPage:
    """Read a page that is a file, of which no server says how long it is. Raise BadResponse also where it was cut."""
    html = decode_html(body, content_type=content_type)
    if place := cut_within(html):
        raise BadResponse(f"the page ends within {place}, and without </html>: it was cut")
    return _read(html, url, not_after)


def _read(html: str, url: str | None, not_after: datetime | None) -> ExtractedPage:
    tree = _parsed(html)
    metadata = read_metadata(tree, url=url, guesses=_guesses(tree), not_after=not_after)
    leads = find_leads(tree, metadata.title, metadata.descriptions)
    scripts = scripts_of(tree)
    document = _extracted(tree, url, metadata)
    content = _content(document, metadata.title, leads, url or "") if document else CleanHtml(html="", text="")
    content = whole_text(content, metadata.article, is_paywalled=metadata.is_paywalled, base_url=url or "")
    content = with_entries(content, metadata.article, is_paywalled=metadata.is_paywalled, base_url=url or "")
    content = _with_state(content, scripts, metadata, url or "")
    dates = metadata.dates
    published = dates.published
    return ExtractedPage(
        story=_story(content, metadata),
        url=metadata.canonical_url or metadata.shared_url,
        published=published.isoformat() if published else None,
        published_confidence=dates.confidence,
        modified=dates.modified.isoformat() if dates.modified else None,
        is_zone_assumed=published is not None and getattr(published, "tzinfo", None) is None,
    )


def _parsed(html: str) -> HtmlElement:
    tree = load_html(html) if html.strip() else None
    if tree is None:
        raise BadResponse("the page holds no HTML")
    return tree


def _extracted(tree: HtmlElement, url: str | None, metadata: PageMetadata) -> Document | None:
    prepare(tree, metadata.article)
    whole = deepcopy(tree)
    document = _bare(tree, url)
    if document is not None and join_bodies(whole, " ".join(" ".join(document.body.itertext()).split())):
        joined = _bare(whole, url)
        document = joined if joined is not None and len(joined.text or "") > len(document.text or "") else document
    return document


def _bare(tree: HtmlElement, url: str | None) -> Document | None:
    try:
        config = _DENSE if _is_dense(tree) else DEFAULT_CONFIG
        document = bare_extraction(tree, url=url, include_comments=False, config=config)
    except Exception as error:  # a tree too deep for it, text that lxml takes for none, or what nobody foresaw there
        raise BadResponse(f"the page cannot be read: {type(error).__name__} {error}") from error
    return document if isinstance(document, Document) else None  # a dict only by an option that is not used


def _is_dense(tree: HtmlElement) -> bool:
    text = "".join(line_of(one) for one in tree.iter("h1", "p"))
    return weighted_length(text) > _LEAST_WEIGHT * len(text)


def _guesses(tree: HtmlElement) -> Guesses:
    def guessed(guess: Callable[[HtmlElement], str | None]) -> str:
        try:
            return guess(tree) or ""
        except Exception:  # noqa: BLE001  (no guess is a reason to lose a page)
            return ""

    return Guesses(title=lambda: guessed(extract_title), authors=lambda: guessed(extract_author).split("; "))


def _content(document: Document, title: str, leads: Sequence[str], base_url: str) -> CleanHtml:
    """Return the text with its standfirst, and without the headline where that stands on top of it again."""
    _drop_headline(document.body, title)
    for lead in reversed(missing_leads(leads, "\n".join(document.body.itertext()))):
        paragraph = document.body.makeelement("p", {})
        paragraph.text = lead
        document.body.insert(0, paragraph)
    return clean_html(build_html_output(document), base_url=base_url)


def _with_state(content: CleanHtml, scripts: Sequence[str], metadata: PageMetadata, base_url: str) -> CleanHtml:
    """Return content, or the text in the page's data where a script has yet to show it."""
    is_shown = weighted_length(content.text) >= _FEWEST_SHOWN and notice(content.text) is None
    if is_shown or metadata.is_paywalled:
        return content
    told = clean_html(text_of_state(scripts, metadata.title), base_url=base_url)
    return told if len(told.text) > max(len(content.text), _FEWEST_SHOWN) else content


def _drop_headline(body: _Element, title: str) -> None:
    """Take the headline out of the beginning of a text, also behind a kicker."""
    for block in list(body)[: _HIGHEST_HEADLINE if len(body) > 1 else 0]:
        said = "".join(block.itertext())
        if is_same_title(said, title):
            rest = body.makeelement("p", {})
            rest.text = block.tail
            body.replace(block, rest)
            if not (rest.text or "").strip():
                body.remove(rest)
        elif len(said) > _LONGEST_KICKER:
            return


def _story(content: CleanHtml, metadata: PageMetadata) -> CleanStory:
    title = clean_title(metadata.title)
    length = weighted_length(content.text)
    published_at = in_utc(metadata.dates.published) if metadata.dates.confidence >= BELIEVED else None
    return CleanStory(
        source=Source.PAGE,
        title=title,
        text=content.text,
        html=content.html,
        content_hash=content_hash(title, content.text),
        length=length,
        language=resolve_language(*metadata.languages, text=f"{title}\n{content.text}"),
        authors=metadata.authors,
        published_at=published_at,
        canonical_url=metadata.canonical_url,
        description="\n".join(metadata.descriptions)[:_LONGEST_DESCRIPTION],
        method="trafilatura" if content.text else "none",
        confidence=_confidence(length, title, published_at, is_paywalled=metadata.is_paywalled),
        is_paywalled=metadata.is_paywalled,
    )


def _confidence(length: float, title: str, published_at: datetime | None, *, is_paywalled: bool) -> float:
    if length == 0:
        return 0.0
    parts = [_CONFIDENCE_ANY_TEXT, *(gain for least, gain in _CONFIDENCE_BY_LENGTH if length >= least)]
    parts += [_CONFIDENCE_TITLE] if title else []
    parts += [_CONFIDENCE_DATE] if published_at else []
    return round(min(sum(parts), _CONFIDENCE_PAYWALLED if is_paywalled else 1.0), 2)
