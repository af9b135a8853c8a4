"""Find when a page's article was published: declared, shown beside its headline, or, marked as one, a guess."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from typing import Any, Final

from htmldate import find_date
from lxml.html import HtmlElement
from msgspec import Struct, field

from flows.steps._extracting.json_ld import Node, listed, strings
from flows.steps._extracting.regions import is_aside, is_beside_article, line_of
from flows.steps._extracting.shown_dates import CHANGED, LONGEST_DATELINE, shown_dates
from flows.steps._parsing.dates import read_date
from flows.steps._parsing.origin import Origin

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
_MODIFIED_TAGS = ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified")

DECLARED: Final = 1.0  # in the page's data
SHOWN: Final = 0.8  # beside the headline, for readers
_IN_ADDRESS: Final = 0.5
_GUESSED: Final = 0.3
BELIEVED: Final = SHOWN  # a story is dated from here on

_EARLIEST, _LATEST = date(1990, 1, 1), date(2100, 1, 1)
_ISO = re.compile(r"\d{4}-?\d\d-?\d\d(?:[T ]|\Z)")
_CLOCK = re.compile(r"\d:\d\d|T\d{2}(?:\d\d|Z|\Z|[+-])|\A\d{9,13}\Z")
_ADDRESS = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|\Z)")
_IMAGE = re.compile(r"\.(?:avif|gif|jpe?g|png|svg|webp)\b", re.IGNORECASE)

_LONGEST_LONE_DATE: Final = 30
_SENTENCE_WORDS: Final = 5
_RIGHTS = re.compile(
    r"©|copyright|\(c\)\s*(?:19|20)\d\d|all rights reserved|alle rechte|tous droits|版权|著作権", re.IGNORECASE
)
_TEXTS = frozenset({"blockquote", "dd", "figcaption", "li", "p", "td"})
_MISLEADING = frozenset(
    {"script", "style", "time", "img", "picture", "source", "figure", "video", "iframe", "svg", "noscript"}
)
_TELLING = frozenset({"class", "content", "datetime", "id", "itemprop", "name", "property", "pubdate"})
_NOWHERE: Final = Origin()


class PageDates(Struct, frozen=True, kw_only=True):
    """When an article was published and changed, as its publisher wrote it."""

    published: datetime | date | None = None  # in the zone that the publisher wrote; a day where no time was given
    confidence: float = 0.0  # 1 declared, 0.8 shown, less for a guess, 0 for none
    modified: datetime | date | None = None


class DateSources(Struct, frozen=True, kw_only=True):
    """Where a page's dates may stand."""

    tree: HtmlElement
    article: Node
    metas: Mapping[str, Sequence[str]] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()
    language: str = ""  # the page's, a tag of BCP 47
    not_after: datetime | None = None  # no article was published after this moment


def read_dates(sources: DateSources) -> PageDates:
    """Return the dates of a page; a day that only its text names is none."""
    origin = Origin(language=sources.language or None)
    ways = (
        (DECLARED, _declared(sources.article, sources.metas)),
        (SHOWN, chain(strings(sources.article.get("coverageStartTime")), shown_dates(sources.tree))),
        (_IN_ADDRESS, _in_addresses(sources.addresses)),
        (_GUESSED, _guessed(sources)),
    )
    modified = [*strings(sources.article.get("dateModified")), *_of(sources.metas, _MODIFIED_TAGS)]
    changed = next((moment for raw in modified if (moment := parse_moment(raw, origin)) is not None), None)
    for confidence, raws in ways:
        for raw in raws:
            moment = parse_moment(raw, origin)
            if moment is not None and not _is_after(moment, sources.not_after):
                return PageDates(published=moment, confidence=confidence, modified=changed)
    return PageDates(modified=changed)


def parse_moment(raw: str, origin: Origin = _NOWHERE) -> datetime | date | None:
    """Return a date as written: a moment with or without a zone, or a day; None where it is none that news can have.

    origin decides which of 03/04/2026 is the day.
    """
    raw = raw.strip()
    try:
        moment = datetime.fromisoformat(raw) if _ISO.match(raw) else _as_written(raw, origin)
    except ValueError:
        moment = _as_written(raw, origin)
    if moment is None or not _EARLIEST <= moment.date() <= _LATEST:
        return None
    return moment if _CLOCK.search(raw) else moment.date()


def _as_written(raw: str, origin: Origin) -> datetime | None:
    read = read_date(raw, origin)
    return read.at.replace(tzinfo=None) if read.at and read.is_zone_assumed else read.at


def in_utc(published: datetime | date | None) -> datetime | None:
    """Return a moment in UTC; one without a zone, and the midnight of a day, are read as UTC."""
    if published is None:
        return None
    if not isinstance(published, datetime):
        published = datetime.combine(published, time())
    return published.replace(tzinfo=UTC) if published.tzinfo is None else published.astimezone(UTC)


def _is_after(moment: datetime | date, limit: datetime | None) -> bool:
    at = in_utc(moment)
    return limit is not None and at is not None and at > limit + timedelta(days=1)


def _declared(article: Node, metas: Mapping[str, Sequence[str]]) -> list[str]:
    return [
        *_moments(article.get("datePublished")),
        *_of(metas, _DATE_TAGS),
        *strings(article.get("dateCreated")),
    ]


def _moments(value: Any) -> list[str]:  # noqa: ANN401  (JSON may hold anything)
    """Return the dates of a value of JSON-LD; a number counts seconds, or milliseconds, since 1970."""
    return [*strings(value), *(str(one) for one in listed(value) if isinstance(one, int) and not isinstance(one, bool))]


def _in_addresses(addresses: Iterable[str]) -> Iterator[str]:
    for address in addresses:
        if not _IMAGE.search(address):
            yield from ("-".join(found) for found in _ADDRESS.findall(address))


def _guessed(sources: DateSources) -> Iterator[str]:
    """Yield lines that are a date, then what htmldate makes of the page without the places where other days stand."""
    lines = (line_of(one) for one in sources.tree.iter("p", "div") if len(one) == 0 and not is_beside_article(one))
    yield from (line for line in lines if _is_lone_date(line))
    tree = deepcopy(sources.tree)
    for element in [one for one in tree.iterdescendants() if not isinstance(one.tag, str) or _may_mislead(one)]:
        if element.getparent() is not None:
            element.drop_tree()
    for element in tree.iterdescendants():
        for name in set(element.attrib) - _TELLING:  # the addresses of pictures and links hold days of their own
            del element.attrib[name]
    latest = sources.not_after or datetime.combine(_LATEST, time())
    try:
        guess = find_date(tree, original_date=True, extensive_search=True, max_date=latest.strftime("%Y-%m-%d"))
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):  # a guess is no reason to fail
        return
    if guess and not guess.endswith("-01-01"):  # of which only the year was found
        yield guess


def _is_lone_date(line: str) -> bool:
    is_of_that_length = 8 <= len(line) <= _LONGEST_LONE_DATE and sum(map(str.isdigit, line)) >= 4
    return is_of_that_length and not (_RIGHTS.search(line) or CHANGED.search(line) or _is_sentence(line))


def _is_sentence(text: str) -> bool:
    """Tell a sentence that names a day from a dateline."""
    words = [word for word in text.split() if any(map(str.isalpha, word))]
    return len(words) >= _SENTENCE_WORDS or (text[-1:] in {*".!?…。！？"} and len(words) >= _SENTENCE_WORDS - 1)


def _may_mislead(element: HtmlElement) -> bool:
    if element.tag in _MISLEADING:
        return True
    if element.tag in {"html", "head", "body"}:
        return False
    if element.tag in {"meta", "link"}:
        said = " ".join(str(value) for value in element.attrib.values())
        return CHANGED.search(said) is not None or "image" in said.lower() or _IMAGE.search(said) is not None
    if is_aside(element) or _RIGHTS.search(f"{element.text or ''} {element.tail or ''}"):
        return True
    text = line_of(element) if element.tag in _TEXTS or not len(element) else ""
    if CHANGED.search(text[:LONGEST_DATELINE]):
        return True
    return len(text) > LONGEST_DATELINE or _is_sentence(text)


def _of(metas: Mapping[str, Sequence[str]], names: Iterable[str]) -> list[str]:
    return [content for name in names for content in metas.get(name, ())]
