"""From the raw fields of an item, whatever its format, to an Entry: identity, links, text and digest in one way."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeVar

from msgspec import Struct

from flows.steps._parsing.dates import ParsedDate, read_date
from flows.steps._parsing.encoding import storable
from flows.steps._parsing.links import is_nowhere
from flows.steps._parsing.meant import meant_address
from flows.steps._parsing.origin import Origin
from flows.steps._parsing.proxies import publishers_address
from flows.steps.text.digest import entry_digest
from flows.steps.text.language import language_tag
from flows.steps.text.markup import without_markup, without_section_marks
from flows.steps.text.urls import absolute_http_url, url_key
from models.stages import Entry, EntryFailure, Problem

# What an item of the wrong shape can raise. A mistake of ours beyond these is a bug of the whole feed, and loud.
ENTRY_TROUBLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)

Item = TypeVar("Item")

_BARE_AMPERSAND = re.compile(r"&(?!#?\w+;)")
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
# It begins where a word begins: a search from every letter of a long word would cost the square of its length.
_MAIL = re.compile(r"(?<![^\s@()<>,;])[^\s@()<>,;]+@[^\s@()<>,;]+\.[^\s@()<>,;]+")
_PAGE = re.compile(r"https?://\S+", re.IGNORECASE)
# What programs write where they have nothing to write.
_NOTHING = frozenset({"null", "NULL", "(null)", "undefined", "None", "nil", "NaN", "nan", "[object Object]"})
_LONGEST_NAME = 300  # characters of an author or a tag; what is longer is neither


class RawEntry(Struct, frozen=True, kw_only=True):
    """An item's fields as the format's reader found them; nothing here is checked yet."""

    guid: str = ""
    link: str = ""
    link_base: str
    title_html: str = ""
    html: str = ""
    html_base: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()  # the best first
    languages: tuple[str, ...] = ()  # that the item itself declares, the best first
    document_language: str = ""


def build_entries(
    items: Iterable[Item], raw_of: Callable[[Item], RawEntry], origin: Origin
) -> tuple[tuple[Entry, ...], tuple[EntryFailure, ...]]:
    """Make the entries of a document's items; one that cannot be read becomes a failure, and the others live."""
    entries: list[Entry] = []
    failures: list[EntryFailure] = []
    for position, item in enumerate(items):
        try:
            entries.append(build_entry(raw_of(item), position, origin))
        except ENTRY_TROUBLE as error:
            reason = f"item {position + 1} could not be read: {error}"
            problem = Problem(error=type(error).__name__, message=reason)
            # Under its digest the item is known again on another night.
            failures.append(EntryFailure(position=position, stage="parse", digest=_item_digest(item), problem=problem))
    return tuple(entries), tuple(failures)


def build_entry(raw: RawEntry, position: int, origin: Origin) -> Entry:
    """Make the entry, with its digest over all that identifies and tells it; dates are not part of that."""
    url = _address(_said(storable(raw.link)), raw.link_base)
    guid = _said(storable(raw.guid).strip()) or None
    key = url_key(url) if url else None
    title, text = (_said(storable(without_section_marks(said)).strip()) for said in (raw.title_html, raw.html))
    authors = _unique(_said(author_name(name)[:_LONGEST_NAME].strip()) for name in raw.authors)
    tags = _unique(_said(plain_text(tag)[:_LONGEST_NAME].strip()) for tag in raw.tags)
    own, around = (
        next(filter(None, map(language_tag, said)), None) for said in (raw.languages, [raw.document_language])
    )
    published_raw, reading = _first_readable(raw.dates, origin.in_document(around))
    return Entry(
        position=position,
        guid=guid,
        url=url,
        url_key=key,
        title_html=title,
        html=text,
        base_url=absolute_http_url(raw.html_base, raw.link_base) or url or raw.link_base,
        authors=authors,
        tags=tags,
        published_raw=published_raw,
        published_at=reading.at,
        is_zone_assumed=reading.is_zone_assumed,
        language=own or around,
        is_language_default=own in {None, around} and around is not None,
        digest=entry_digest(title_html=title, html=text, guid=guid, url_key=key, authors=authors, tags=tags),
    )


def link_in_guid(guid: str) -> str:
    """Give the guid if it is an address by itself; `1234` is none, whatever isPermaLink says."""
    return guid if guid.strip().lower().startswith(("http://", "https://")) else ""


def plain_to_html(text: str) -> str:
    """Write plain text as HTML: blank lines part paragraphs; references stand, as feeds escape once too often."""
    escaped = _BARE_AMPERSAND.sub("&amp;", text.strip()).replace("<", "&lt;").replace(">", "&gt;")
    paragraphs = _BLANK_LINE.split(escaped)
    return escaped if len(paragraphs) == 1 else "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


@lru_cache(maxsize=1000)
def plain_text(markup: str) -> str:
    """Give a short field (a name, a tag) without markup, references and runs of white space."""
    return " ".join(without_markup(storable(markup)).split())


@lru_cache(maxsize=1000)  # a feed has few authors, and each is asked for several times
def author_name(name: str) -> str:
    """Give the name in `mail (Name)` and `Name <mail>`; empty where there is an address alone, of mail or of a page."""
    without_mail = _MAIL.sub("", plain_text(_MAIL.sub("", name)))
    if _PAGE.fullmatch(without_mail.strip(" ()")):
        return ""
    return " ".join(re.sub(r"\(\s*\)|^\s*\((.*)\)\s*$", r"\1", without_mail).split()).strip(" ,;")


def _address(link: str, base: str) -> str | None:
    if is_nowhere(link):
        return None
    address = absolute_http_url(meant_address(link, base), base)
    own = publishers_address(address) if address else None
    return absolute_http_url(own, base) if own and own != address else address


def _said(field: str) -> str:
    return "" if field.strip() in _NOTHING else field


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, names)))


def _first_readable(dates: tuple[str, ...], origin: Origin) -> tuple[str | None, ParsedDate]:
    """Pair the first date that can be read with its reading; where none can, keep the first as it was."""
    given = [storable(date).strip() for date in dates if date.strip()]
    readings = [(date, read_date(date, origin)) for date in given]
    unreadable = (given[0] if given else None, ParsedDate(None))
    return next((pair for pair in readings if pair[1].at), unreadable)


def _item_digest(content: object) -> str:
    canonical = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
