"""Read what a page says about itself: JSON-LD first, then meta tags, then what stands on it."""

from collections.abc import Callable, Iterable
from datetime import datetime

from lxml.html import HtmlElement
from msgspec import Struct

from flows.steps._cleaning.safe_html import absolute
from flows.steps._extracting.bylines import Byline, author_list
from flows.steps._extracting.headline import best_title
from flows.steps._extracting.json_ld import Node, author_names, read_json_ld, site_names, strings
from flows.steps._extracting.own_article import PageFacts, own_article
from flows.steps._extracting.page_dates import DateSources, PageDates, read_dates
from flows.steps._extracting.paywall import is_paywalled
from flows.steps._extracting.shown_bylines import linked_authors

_AUTHOR_TAGS = ("author", "article:author", "parsely-author", "sailthru.author", "byl", "citation_author", "dc.creator")
_TITLE_TAGS = ("og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title", "headline")
_SITE_TAGS = ("og:site_name", "application-name", "apple-mobile-web-app-title")
_LANGUAGE_TAGS = ("og:locale", "content-language", "language", "dc.language")
_DESCRIPTION_TAGS = ("description", "og:description", "twitter:description", "dc.description")
_BESIDE = frozenset({"comment", "review", "itemreviewed", "citation"})  # itemprops below which others are described


class PageMetadata(Struct, frozen=True, kw_only=True):
    """What a page says about its article."""

    article: Node  # what the page's JSON-LD says of it
    title: str
    authors: tuple[str, ...]
    dates: PageDates
    languages: tuple[str, ...]  # declared, the most trusted first
    canonical_url: str | None
    shared_url: str | None  # og:url, the address that the page wants to be shared by
    descriptions: tuple[str, ...]
    is_paywalled: bool


class Guesses(Struct, frozen=True, kw_only=True):
    """What an extractor makes of the page itself, asked where the page declares nothing: it looks everywhere."""

    title: Callable[[], str]
    authors: Callable[[], Iterable[str]]


def read_metadata(
    tree: HtmlElement, *, url: str | None, guesses: Guesses, not_after: datetime | None = None
) -> PageMetadata:
    """Return the metadata of a page that was fetched from url, at not_after where that is known."""
    found, metas = read_json_ld(tree), _metas(tree)
    nodes = tuple(one.node for one in found)
    canonical_url, shared_url = _canonical_url(tree, url or ""), _web_address(_of(metas, ["og:url"]), url or "")
    addresses = tuple(address for address in (url, canonical_url, shared_url) if address)
    article = own_article(found, PageFacts(addresses=addresses, titles=_titles(tree, metas)))
    sites = [*_of(metas, _SITE_TAGS), *site_names(nodes)]
    languages = (*_html_language(tree), *strings(article.get("inLanguage")), *_of(metas, _LANGUAGE_TAGS))
    declared = [*strings(article.get("headline")), *_of(metas, _TITLE_TAGS)]
    bylines = (
        [Byline(*name) for name in author_names(article, nodes)],
        [Byline(content) for content in _of(metas, _AUTHOR_TAGS)],
    )
    language = next(iter(languages), "")
    dates = DateSources(
        tree=tree, article=article, metas=metas, addresses=addresses, language=language, not_after=not_after
    )
    return PageMetadata(
        article=article,
        title=best_title(tree, declared=declared, guess=guesses.title, sites=sites),
        authors=author_list(
            *bylines, guesses=lambda: linked_authors(tree) or guesses.authors(), sites=sites, language=language
        ),
        dates=read_dates(dates),
        languages=languages,
        canonical_url=canonical_url,
        shared_url=shared_url,
        descriptions=tuple(dict.fromkeys([*_of(metas, _DESCRIPTION_TAGS), *strings(article.get("description"))])),
        is_paywalled=is_paywalled(article, found, metas),
    )


def _titles(tree: HtmlElement, metas: dict[str, list[str]]) -> tuple[str, ...]:
    headings = (tag.text_content() for tag in tree.xpath("//h1"))
    return (*_of(metas, _TITLE_TAGS), str(tree.findtext(".//title") or ""), *headings)


def _metas(tree: HtmlElement) -> dict[str, list[str]]:
    """Return the contents of the meta tags, and of other tags with an itemprop, by their lower-case names."""
    metas: dict[str, list[str]] = {}
    for tag in tree.xpath("//meta[@content] | //*[@itemprop][@content or @datetime] | //time[@pubdate][@datetime]"):
        names = {str(tag.get(key, "")).strip().lower() for key in ("name", "property", "itemprop", "http-equiv")}
        names |= {"pubdate"} if tag.get("pubdate") is not None else set()
        content = " ".join(str(tag.get("content") or tag.get("datetime")).split())
        for name in names - {""} if content and not _is_of_another(tag) else ():
            metas.setdefault(name, []).append(content)
    return metas


def _is_of_another(tag: HtmlElement) -> bool:
    """Tell a tag that describes a comment or a cited work."""
    around = (str(one.get("itemprop", "")).lower() for one in tag.iterancestors())
    return not _BESIDE.isdisjoint(around)


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
