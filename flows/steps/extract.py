"""Find the story on a saved page: trafilatura's default for the text, the page's own data for the rest."""

from dataclasses import dataclass
from datetime import datetime

from lxml.etree import LxmlError
from lxml.html import HtmlElement
from trafilatura import bare_extraction, load_html
from trafilatura.htmlprocessing import build_html_output
from trafilatura.settings import Document

from flows.steps._extracting.decode import decode_html
from flows.steps._extracting.headline import is_same_title
from flows.steps._extracting.metadata import Guesses, PageMetadata, in_utc, read_metadata
from flows.steps._language import resolve_language
from flows.steps.clean import CleanHtml, clean_html, clean_title, content_hash, weighted_length
from models.errors import BadResponse
from models.stages import CleanStory, Source

# Raise it when the same page would come out with another text: stored pages are then read again before comparing.
EXTRACTOR_VERSION = 1

# How far an extraction is believed is the sum of what speaks for it. A page under 250 characters (CJK counts 2.5) is a
# teaser more often than a story; a title and a date are what navigation pages lack.
_CONFIDENCE_ANY_TEXT = 0.3
_CONFIDENCE_BY_LENGTH = ((250, 0.3), (1000, 0.1))
_CONFIDENCE_TITLE = 0.15
_CONFIDENCE_DATE = 0.15
_CONFIDENCE_PAYWALLED = 0.5  # at most: the rest of the text may be missing


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedPage:
    """A page's story, with what a story does not keep."""

    story: CleanStory
    url: str | None  # what the page says is its address: rel=canonical, else og:url
    published: str | None  # ISO 8601 as the publisher wrote it: a day, or a moment with or without a zone
    is_zone_assumed: bool  # the date named no zone and was read as UTC


def extract_page(body: bytes, *, url: str | None, content_type: str = "") -> CleanStory:
    """Return the story on a page. A page without one gives an empty text, method "none" and confidence 0.

    Raises BadResponse if body is not HTML at all.
    """
    return read_page(body, url=url, content_type=content_type).story


def read_page(body: bytes, *, url: str | None, content_type: str = "") -> ExtractedPage:
    """Return what extract_page returns, with the date as the publisher wrote it."""
    tree = _parsed(decode_html(body, content_type=content_type))
    document = _extracted(tree, url)
    metadata = read_metadata(tree, url=url, guesses=_guesses(document) if document else Guesses())
    content = _content(document, metadata.title, url or "") if document else CleanHtml(html="", text="")
    published = metadata.published
    return ExtractedPage(
        story=_story(content, metadata),
        url=metadata.canonical_url or metadata.shared_url,
        published=published.isoformat() if published else None,
        is_zone_assumed=published is not None and getattr(published, "tzinfo", None) is None,
    )


def _parsed(html: str) -> HtmlElement:
    tree = load_html(html) if html.strip() else None
    if tree is None:
        raise BadResponse("the page holds no HTML")
    return tree


def _extracted(tree: HtmlElement, url: str | None) -> Document | None:
    try:
        document = bare_extraction(tree, url=url, include_comments=False, with_metadata=True)
    except (RecursionError, ValueError, LxmlError) as error:  # a tree too deep for it, text that lxml takes for none
        raise BadResponse(f"the page cannot be read: {type(error).__name__} {error}") from error
    return document if isinstance(document, Document) else None  # a dict only by an option that is not used


def _guesses(document: Document) -> Guesses:
    authors = tuple((document.author or "").split("; "))
    return Guesses(title=document.title or "", authors=authors, date=document.date or "")


def _content(document: Document, title: str, base_url: str) -> CleanHtml:
    """Return the text without the headline where that stands on top of it again."""
    first = next(iter(document.body), None)
    if first is not None and is_same_title("".join(first.itertext()), title) and len(document.body) > 1:
        first.clear(keep_tail=True)
    return clean_html(build_html_output(document), base_url=base_url)


def _story(content: CleanHtml, metadata: PageMetadata) -> CleanStory:
    title = clean_title(metadata.title)
    length = weighted_length(content.text)
    published_at = in_utc(metadata.published)
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
