"""From an item's element to its raw fields. Only its own children speak for it, each field in a fixed order."""

import base64
import binascii
import re
from collections.abc import Sequence
from urllib.parse import urljoin

from msgspec import Struct

from flows.steps._parsing.bodies import fullest, has_letters
from flows.steps._parsing.entry import RawEntry, author_name, link_in_guid, plain_to_html
from flows.steps._parsing.links import Link, leads_to_no_article, own_link
from flows.steps._parsing.origin import Origin
from flows.steps._parsing.xml.elements import Element
from flows.steps._parsing.xml.namespaces import ATOM, RSS
from flows.steps._parsing.xml.told_item import Told, authors_of, body_of, tags_of, title_of

Field = tuple[str, str]  # namespace and name

_TITLES: tuple[Field, ...] = (("dc", "title"), ("media", "title"), ("itunes", "title"))
# What an item says itself, the fullest form first; then what is said of its pictures and sounds.
_OWN_TEXTS: tuple[Field, ...] = (
    ("content", "encoded"), (RSS, "encoded"), (ATOM, "content"), (RSS, "content"), ("yandex", "full-text"),
    ("turbo", "content"), (RSS, "full-text"), (RSS, "fulltext"), ("xhtml", "body"), ("xhtml", "div"),
    (RSS, "body"), (RSS, "div"), (RSS, "description"), (ATOM, "summary"), (RSS, "summary"), (RSS, "abstract"),
    ("dc", "description"), ("dcterms", "abstract"), ("itunes", "summary"), ("googleplay", "description"),
)  # fmt: skip
_MEDIA_TEXTS: tuple[Field, ...] = (("media", "description"), ("media", "text"), ("itunes", "subtitle"))
# The moment of publication. A moment of change is none, but for Atom's `updated`: the format demands it of every entry,
# and many have no other date.
_DATES: tuple[Field, ...] = (
    (RSS, "pubdate"), (ATOM, "published"), (ATOM, "issued"), (RSS, "published"), (RSS, "issued"), ("dcterms", "issued"),
    ("dc", "date"), ("prism", "publicationdate"), ("dcterms", "date"), ("dcterms", "available"), (RSS, "date"),
    (ATOM, "pubdate"),
    (ATOM, "created"), ("dcterms", "created"), (RSS, "created"),
)  # fmt: skip
_LANGUAGES: tuple[Field, ...] = (("dc", "language"), (RSS, "language"), ("dcterms", "language"))
_HTML_TITLE = re.compile(
    r"</?(?:a|abbr|b|br|cite|code|del|div|em|font|i|img|ins|mark|p|q|s|small|span|strong|sub|sup|u)\b", re.IGNORECASE
)
_TAG = re.compile(r"<[a-zA-Z/!]")
_TEXT_KIND = re.compile(r"(?:text|html|xhtml|escaped|xml|plain|)$|text/|application/(?:xhtml\+)?xml", re.IGNORECASE)
_DIV = re.compile(r"<(/?)div\b", re.IGNORECASE)
_WRAPPED = re.compile(r"<div\b[^<>]*>(.*)</div\s*>", re.IGNORECASE | re.DOTALL)
# Whoever else is credited, or has no role, took the picture.
_WRITERS = frozenset({"author", "writer", "reporter", "journalist", "correspondent", "columnist", "text"})
_HTML_KINDS = frozenset({"html", "text/html"})
_ESCAPED_TAG = re.compile(r"&lt;/?[a-z](?:[^<>&]|&(?!lt;|gt;))*+&gt;", re.IGNORECASE)
_PLAIN = frozenset({"text", "text/plain", "plain"})


class DocumentFacts(Struct, frozen=True):
    """What an item takes from its document where it says nothing itself."""

    home_or_url: str
    language: str
    inherited_languages: frozenset[str]  # that stand on the elements around the items
    authors: tuple[str, ...]
    origin: Origin


def raw_entry(item: Element, told: Told, around: DocumentFacts) -> RawEntry:
    """Read an item's own fields; what feedparser tells of it serves where place and order do not matter."""
    fields = Fields(item)
    title = fields.first((ATOM, "title"), (RSS, "title"), *_TITLES)
    body = _body(fields)
    guid = fields.first((RSS, "guid"), (ATOM, "id"), (RSS, "id"), (ATOM, "guid"))
    inherited = [part.language for part in (body, title, item) if part]
    own = (fields.text(*_LANGUAGES), *(one for one in inherited if one not in around.inherited_languages))
    return RawEntry(
        guid=guid.value if guid else item.attributes.get("about", ""),
        link=_link(fields, guid, around),
        link_base=around.home_or_url,
        title_html=as_html(title, is_title=True) if title else title_of(told),
        html=as_html(body) if body else body_of(told)[0],
        html_base=body.base if body else item.base,
        authors=_authors(fields) or authors_of(told) or around.authors,
        tags=_tags(item, told),
        dates=_dates(fields, item),
        languages=own,
        document_language=around.language,
    )


class Fields:
    """An element's own children by namespace and name."""

    def __init__(self, element: Element) -> None:
        self.element = element
        self._found: dict[Field, list[Element]] = {}
        for child in element.children:
            self._found.setdefault((child.space, child.name), []).append(child)

    def all(self, *names: Field) -> list[Element]:
        """Return the children of these names, in the order of the names."""
        return [child for name in names for child in self._found.get(name, ())]

    def first(self, *names: Field) -> Element | None:
        """Return the first of them that holds something."""
        return next((child for child in self.all(*names) if child.value), None)

    def text(self, *names: Field) -> str:
        """Return its text."""
        found = self.first(*names)
        return found.value if found else ""


def as_html(element: Element, *, is_title: bool = False) -> str:
    """Give an element's text as HTML, whatever it calls it."""
    value, kind = _decoded(element), element.attributes.get("type", "").partition(";")[0].strip().lower()
    if element.has_markup:
        return _unescaped(value) if kind in _HTML_KINDS and _ESCAPED_TAG.search(value) else _without_wrapper(value)
    # Atom's texts are plain unless they say otherwise; elsewhere a title is plain unless its tags are HTML's.
    is_plain = kind in _PLAIN or (not kind and element.space == ATOM)
    if is_plain or not _TAG.search(value) or (is_title and not kind and not _HTML_TITLE.search(value)):
        return plain_to_html(value)
    return value


def _unescaped(html: str) -> str:
    """Give HTML of which a template forgot to escape some tags: those are XML's, and the others are words till now."""
    return html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")


def links_of(fields: Fields) -> list[Link]:
    """List an element's own links, those of its format before those of Atom within another."""
    return [_as_link(link) for link in fields.all((RSS, "link"), (ATOM, "link"))]


def names_of(fields: Fields) -> tuple[str, ...]:
    """Name the people: those of the format and of Dublin Core, else who contributed, the podcast's, who is credited."""
    own = [*fields.all((ATOM, "author"), (RSS, "author")), *fields.all(("dc", "creator"), ("dcterms", "creator"))]
    contributors = fields.all(("dc", "contributor"), ("dcterms", "contributor"), (RSS, "creator"))
    credited = [one for one in fields.all(("media", "credit")) if one.attributes.get("role", "").lower() in _WRITERS]
    for group in (own, contributors, fields.all(("itunes", "author")), credited):
        names = tuple(name for element in group for name in _person(element) if author_name(name))
        if names:
            return names
    return ()


def _link(fields: Fields, guid: Element | None, around: DocumentFacts) -> str:
    """Choose the link: a proxy tells the publisher's own beside its own, and a guid is one if it is an address."""
    item = fields.element
    told = fields.text(("feedburner", "origlink"), ("pheedo", "origlink"))
    link = told or own_link(links_of(fields), (around.origin.language, item.language, around.language))
    link = link or item.attributes.get("href", "")  # as an attribute in CDF
    link = link or own_link([_as_link(text) for text in fields.all((ATOM, "content")) if "src" in text.attributes], ())
    named = _link_in_guid(guid) if guid else link_in_guid(item.attributes.get("about", ""))
    return named if named and leads_to_no_article(link, around.home_or_url) else link


def _link_in_guid(guid: Element) -> str:
    is_permanent = guid.attributes.get("ispermalink", "").strip().lower() != "false"
    return link_in_guid(guid.value) if is_permanent else ""


def _as_link(link: Element) -> Link:
    known = link.attributes
    # An address that was wrapped to fit a line is one all the same.
    written = known.get("href") or known.get("src") or link.value
    address = "".join(line.strip() for line in written.splitlines())
    return Link(
        address=_resolved(address, link.base),
        rel=known.get("rel", ""),
        kind=known.get("type", ""),
        language=known.get("hreflang", ""),
        media=known.get("media", ""),
        title=known.get("title", ""),
    )


def _resolved(address: str, base: str) -> str:
    try:
        return urljoin(base, address) if base and address else address
    except ValueError:  # an unclosed bracket in the host
        return address


def _body(fields: Fields) -> Element | None:
    """Choose the fullest of an item's own texts; what is said of its pictures only where it says nothing itself."""
    for names in (_OWN_TEXTS, _MEDIA_TEXTS):
        texts = _first_of_each(fields.all(*names)) or _captions(fields, names)
        chosen = fullest([as_html(part) for part in texts])
        if chosen is not None and (names is _MEDIA_TEXTS or has_letters(as_html(texts[chosen]))):
            return texts[chosen]
    return fields.first(*_OWN_TEXTS)


def _first_of_each(parts: Sequence[Element]) -> list[Element]:
    """Return the texts of an item, of each name the first that has words: what stands later tells of something else."""
    texts = [part for part in parts if _is_text(part)]
    names = [(part.space, part.name) for part in texts]
    if len(set(names)) == len(names):
        return texts
    told = [part for part in texts if has_letters(as_html(part))]
    return list({(part.space, part.name): part for part in reversed(told)}.values())[::-1] or texts


def _captions(fields: Fields, names: tuple[Field, ...]) -> list[Element]:
    if names is not _MEDIA_TEXTS:
        return []
    waiting = fields.all(("media", "group"), ("media", "content"))
    inner = [Fields(part) for part in waiting]
    inner += [Fields(part) for found in inner for part in found.all(("media", "content"))]
    return [part for found in inner for part in found.all(*names)]


def _is_text(part: Element) -> bool:
    return bool(_TEXT_KIND.match(part.attributes.get("type", "").strip())) or part.attributes.get("mode") == "base64"


def _decoded(element: Element) -> str:
    if element.attributes.get("mode") != "base64":
        return element.value
    try:
        return base64.b64decode(element.value).decode("utf-8", "replace")
    except binascii.Error:
        return element.value


def _without_wrapper(value: str) -> str:
    """Drop the `<div>` that Atom demands around XHTML."""
    wrapped = _WRAPPED.fullmatch(value)
    depth = 0
    for tag in _DIV.finditer(wrapped[1] if wrapped else ""):
        depth += -1 if tag[1] else 1
        if depth < 0:  # two of them stand side by side
            return value
    return wrapped[1].strip() if wrapped else value


def _authors(fields: Fields) -> tuple[str, ...]:
    """Name the authors; of an entry taken over from another feed those of its source."""
    return names_of(fields) or next((names_of(Fields(source)) for source in fields.all((ATOM, "source"))), ())


def _person(element: Element) -> list[str]:
    names = [child.value for child in element.children if child.name == "name"]
    return names if names or (element.children and element.is_core) else [element.value]


def _tags(item: Element, told: Told) -> tuple[str, ...]:
    """Give feedparser's tags, and those of vocabularies whose lists it leaves whole or does not know."""
    lists = [child.value for child in item.children if child.name == "keywords"]
    subjects = [child.value for child in item.children if (child.space, child.name) == ("dcterms", "subject")]
    known = [tag for tag in tags_of(told) if tag not in lists]
    return (*known, *subjects, *(word for words in lists for word in words.split(",")))


def _dates(fields: Fields, item: Element) -> tuple[str, ...]:
    dates = tuple(part.value for part in fields.all(*_DATES))
    if dates or item.name != "entry":
        return dates
    return tuple(part.value for part in fields.all((ATOM, "updated"), (RSS, "updated")))
