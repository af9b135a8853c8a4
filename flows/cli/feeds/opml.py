"""Lists of feeds as OPML, which feed readers exchange. What it has no word for is in attributes of our own."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Final
from urllib.parse import urlsplit

from lxml import etree
from msgspec import Struct

from config.feeds import dump_feeds, parse_feeds
from flows.cli.feeds.outlines import OURS, outlines_of
from flows.steps.text.urls import url_key
from models.errors import ConfigError
from models.stages import FeedKind, FeedSpec, Relevance, Rights

_LONGEST_ID: Final = 60
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_NO_WORD: Final = re.compile(r"[^a-z0-9]+")


class Outline(Struct, frozen=True):
    """A feed as an OPML file names it."""

    url: str
    name: str
    language: str | None
    own: dict[str, str]  # our attributes, of a file that this program wrote


class Refused(Struct, frozen=True):
    """A feed that cannot be added, and why."""

    url: str
    reason: str


class OutlineChoice(Struct, frozen=True):
    """What an OPML file brings to a list of feeds."""

    new: tuple[FeedSpec, ...]
    known: int
    refused: tuple[Refused, ...]


def read_opml(document: bytes) -> list[Outline]:
    """Return the feeds of an OPML document, folders left aside. Raise ConfigError where it is none."""
    return [_outline(one) for one in outlines_of(document) if one.get("xmlurl", "").strip()]


def choose_new(outlines: Iterable[Outline], there: Sequence[FeedSpec]) -> OutlineChoice:
    """Choose the feeds that a list does not have yet, each with an id of its own."""
    addresses = {_address(spec.url) for spec in there}
    ids = {spec.id for spec in there}
    new: list[FeedSpec] = []
    refused: list[Refused] = []
    known = 0
    for outline in outlines:
        if _address(outline.url) in addresses:
            known += 1
            continue
        try:
            spec = _checked(outline, _free_id(outline, ids))
        except ConfigError as error:
            # The id is of our making: to the person it names nothing.
            reason = str(error).splitlines()[-1].partition(": ")[2]
            refused.append(Refused(outline.url, reason.partition(": ")[2] or reason))
            continue
        new.append(spec)
        ids.add(spec.id)
        addresses.add(_address(spec.url))
    return OutlineChoice(tuple(new), known, tuple(refused))


def write_opml(specs: Iterable[FeedSpec], now: datetime) -> bytes:
    """Return feeds as an OPML 2.0 document."""
    root = etree.Element("opml", {"version": "2.0"}, nsmap={"archive": OURS})
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = "Feeds of a climate archive"
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    body = etree.SubElement(root, "body")
    for spec in specs:
        etree.SubElement(body, "outline", _attributes(spec))
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _outline(attributes: dict[str, str]) -> Outline:
    names = ("id", "country", "relevance", "full_text", "min_entries", "rights", "kind")
    own = {name: attributes.get(f"archive:{name}") for name in names}
    return Outline(
        url=_web_address(attributes["xmlurl"].strip()),
        name=" ".join((attributes.get("title") or attributes.get("text") or "").split()),
        language=attributes.get("language"),
        own={name: value for name, value in own.items() if value},
    )


def _web_address(url: str) -> str:
    """Return an address as the web knows it: feed://X is http://X, and feed:https://X is https://X."""
    scheme, _, rest = url.partition(":")
    if scheme.lower() != "feed":
        return url
    return f"http:{rest}" if rest.startswith("//") else rest


def _attributes(spec: FeedSpec) -> dict[str, str]:
    own = {
        "id": spec.id,
        "country": spec.country,
        "relevance": spec.relevance.value,
        "full_text": "true" if spec.full_text else "false",
        "min_entries": None if spec.min_entries is None else str(spec.min_entries),
        "rights": None if spec.rights is Rights.FULL else spec.rights.value,
        "kind": None if spec.kind is FeedKind.FEED else spec.kind.value,
    }
    shown = {"type": "rss", "text": spec.name, "title": spec.name, "xmlUrl": spec.url, "language": spec.language}
    ours = {f"{{{OURS}}}{name}": value for name, value in own.items()}
    return {name: value for name, value in (shown | ours).items() if value is not None}


def _address(url: str) -> str:
    return url_key(url) or url


def _free_id(outline: Outline, taken: set[str]) -> str:
    wanted = outline.own.get("id") or _slug(outline.name) or _slug(_host(outline.url)) or "feed"
    number = 2
    free = wanted
    while free in taken:
        free = f"{wanted}-{number}"
        number += 1
    return free


def _slug(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return _NO_WORD.sub("-", letters).strip("-")[:_LONGEST_ID].strip("-")


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _checked(outline: Outline, feed_id: str) -> FeedSpec:
    """Make a feed as feeds.yaml would take it. Raise ConfigError where it would not."""
    own = outline.own
    entries = own.get("min_entries", "")
    spec = FeedSpec(
        id=feed_id,
        name=outline.name or _host(outline.url),
        url=outline.url,
        position=0,
        relevance=Relevance.ASSUME if own.get("relevance") == Relevance.ASSUME else Relevance.GATE,
        full_text=own.get("full_text") == "true",
        # "unknown" and "English" are said too, and are no reason to refuse a feed.
        language=outline.language if _LANGUAGE.fullmatch(outline.language or "") else None,
        country=own.get("country"),
        min_entries=int(entries) if entries.isdecimal() else None,
        rights=Rights(own["rights"]) if own.get("rights") in list(Rights) else Rights.FULL,
        kind=FeedKind(own["kind"]) if own.get("kind") in list(FeedKind) else FeedKind.FEED,
    )
    return parse_feeds("OPML", "feeds:\n" + dump_feeds([spec]))[0]
