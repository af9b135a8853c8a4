"""Read what a page says about itself: JSON-LD first, then meta tags, then what stands on it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from lxml.html import HtmlElement

from flows.steps._cleaning.safe_html import absolute
from flows.steps._extracting.bylines import author_list
from flows.steps._extracting.headline import best_title
from flows.steps._extracting.json_ld import Node, article_of, author_names, read_json_ld, site_names, strings
from flows.steps._parsing.dates import read_date

# Meta tags by name, property or itemprop, in the order of trust.
_DATE_TAGS = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "article.published",
    "pubdate",
    "publishdate",
    "publish-date",
    "publication_date",
    "citation_publication_date",
    "dcterms.created",
    "dc.date.issued",
    "dcterms.date",
    "dc.date",
    "date",
)
_AUTHOR_TAGS = ("author", "article:author", "parsely-author", "sailthru.author", "byl", "citation_author", "dc.creator")
_TITLE_TAGS = ("og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title", "headline")
_SITE_TAGS = ("og:site_name", "application-name", "apple-mobile-web-app-title")
_LANGUAGE_TAGS = ("og:locale", "content-language", "language", "dc.language")
_EARLIEST = date(1990, 1, 1)
_LATEST = date(2100, 1, 1)
_ISO = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMetadata:
    """What a page says about its article."""

    title: str
    authors: tuple[str, ...]
    published: datetime | date | None  # in the zone that the publisher wrote; a day where no time was given
    languages: tuple[str, ...]  # declared, the most trusted first
    canonical_url: str | None
    shared_url: str | None  # og:url, the address that the page wants to be shared by
    is_paywalled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesses:
    """What an extractor made of the page itself, used where the page declares nothing."""

    title: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""


def read_metadata(tree: HtmlElement, *, url: str | None, guesses: Guesses) -> PageMetadata:
    """Return the metadata of a page that was fetched from url."""
    nodes = read_json_ld(tree)
    article = article_of(nodes)
    metas = _metas(tree)
    sites = [*_of(metas, _SITE_TAGS), *site_names(nodes)]
    declared = [*strings(article.get("headline")), *_of(metas, _TITLE_TAGS)]
    dates = [*strings(article.get("datePublished")), *_of(metas, _DATE_TAGS), *strings(article.get("dateCreated"))]
    return PageMetadata(
        title=best_title(tree, declared=declared, guess=guesses.title, sites=sites),
        authors=author_list(author_names(article, nodes), _of(metas, _AUTHOR_TAGS), guesses.authors, sites=sites),
        published=next((moment for raw in [*dates, guesses.date] if (moment := parse_moment(raw)) is not None), None),
        languages=(*_html_language(tree), *strings(article.get("inLanguage")), *_of(metas, _LANGUAGE_TAGS)),
        canonical_url=_canonical_url(tree, url or ""),
        shared_url=_web_address(_of(metas, ["og:url"]), url or ""),
        is_paywalled=_is_paywalled(article),
    )


def parse_moment(raw: str) -> datetime | date | None:
    """Return a date as written: a moment with or without a zone, or a day; None where it is none that news can have."""
    raw = raw.strip()
    try:
        moment = datetime.fromisoformat(raw) if _ISO.match(raw) else read_date(raw).at
    except ValueError:
        moment = read_date(raw).at
    if moment is None or not _EARLIEST <= moment.date() <= _LATEST:
        return None
    return moment if ":" in raw else moment.date()


def in_utc(published: datetime | date | None) -> datetime | None:
    """Return a moment in UTC; one without a zone, and the midnight of a day, are read as UTC."""
    if published is None:
        return None
    if not isinstance(published, datetime):
        published = datetime.combine(published, time())
    return published.replace(tzinfo=UTC) if published.tzinfo is None else published.astimezone(UTC)


def _metas(tree: HtmlElement) -> dict[str, list[str]]:
    """Return the contents of the meta tags, and of <time itemprop>, by their lower-case names."""
    metas: dict[str, list[str]] = {}
    for tag in tree.xpath("//meta[@content] | //time[@itemprop][@datetime]"):
        names = {str(tag.get(key, "")).strip().lower() for key in ("name", "property", "itemprop", "http-equiv")}
        content = " ".join(str(tag.get("content") or tag.get("datetime")).split())
        for name in names - {""} if content else ():
            metas.setdefault(name, []).append(content)
    return metas


def _of(metas: dict[str, list[str]], names: Iterable[str]) -> list[str]:
    return [content for name in names for content in metas.get(name, ())]


def _html_language(tree: HtmlElement) -> tuple[str, ...]:
    return tuple(str(value) for value in tree.xpath("/html/@lang | /html/@xml:lang"))


def _canonical_url(tree: HtmlElement, url: str) -> str | None:
    links = tree.xpath("//link[@rel][@href]")
    return _web_address((link.get("href") for link in links if "canonical" in link.get("rel").lower().split()), url)


def _web_address(addresses: Iterable[str], base_url: str) -> str | None:
    urls = (absolute(address, base_url=base_url) for address in addresses)
    return next((url for url in urls if url is not None and url.startswith("http")), None)


def _is_paywalled(article: Node) -> bool:
    return str(article.get("isAccessibleForFree", "")).strip().lower() in {"false", "no"}
