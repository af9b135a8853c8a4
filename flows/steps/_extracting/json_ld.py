"""Read the schema.org data of a page: JSON-LD as sites write it, well-formed or nearly so."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from lxml.html import HtmlElement
from msgspec import Struct

Node = dict[str, Any]

_PUBLISHER = frozenset({"NewsMediaOrganization", "Organization", "WebSite"})
_WRAPPING = re.compile(r"\A\s*(?://)?\s*(?:<!--|<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*;?\s*\Z|;\s*\Z")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_BETWEEN = re.compile(r"[\s,;]*")
_MOST_NODES = 5_000
# What lies below these describes the page itself; below any other key lies what it cites, shows or belongs to.
_OWN_KEYS = frozenset({"@graph", "@list", "@set", "mainEntity", "mainEntityOfPage"})


class Found(Struct, frozen=True, kw_only=True):
    """An object of a page's JSON-LD."""

    node: Node
    is_own: bool  # it does not lie inside the description of something else


def read_json_ld(tree: HtmlElement) -> tuple[Found, ...]:
    """Return every object of the page's JSON-LD, the outer ones first; a block that cannot be read gives none."""
    blocks = tree.xpath('//script[contains(translate(@type, "LDJSON", "ldjson"), "ld+json")]')
    return tuple(found for block in blocks for found in _nodes(_parsed(block.text_content())))


def site_names(nodes: tuple[Node, ...]) -> tuple[str, ...]:
    """Return the names by which the publisher calls itself."""
    publishers = [node for node in nodes if not _PUBLISHER.isdisjoint(types_of(node))]
    publishers += [publisher for node in nodes if isinstance(publisher := node.get("publisher"), dict)]
    return tuple(name for node in publishers for name in strings(node.get("name")))


def author_names(article: Node, nodes: tuple[Node, ...]) -> tuple[tuple[str, bool], ...]:
    """Return the names of the article's authors, each with whether it is a person's by its type.

    An author that is only pointed to is looked up among nodes.
    """
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and "name" in node}
    authors = (author for outer in listed(article.get("author")) for author in listed(outer))
    return tuple(name for author in authors for name in _names(author, by_id))


def types_of(node: Node) -> tuple[str, ...]:
    """Return the object's schema.org types without their address."""
    return tuple(kind.rsplit("/", 1)[-1] for kind in strings(node.get("@type")))


def strings(value: Any) -> tuple[str, ...]:  # noqa: ANN401  (JSON may hold anything)
    """Return the non-empty strings of a value that may be one, {"@value": one}, a list of some or anything else."""
    items = (item.get("@value") if isinstance(item, dict) else item for item in listed(value))
    return tuple(text for item in items if isinstance(item, str) and (text := unescape(item).strip()))


def listed(value: Any) -> list[Any]:  # noqa: ANN401
    """Return a value as a list: itself, the one that it is, or none."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _parsed(text: str) -> Any:  # noqa: ANN401
    text = _WRAPPING.sub("", _WRAPPING.sub("", text))
    for attempt in (text, _TRAILING_COMMA.sub("", text), unescape(text) if "&quot;" in text else ""):
        if values := _values(attempt.strip()):
            return values
    return None


def _values(text: str) -> list[Any]:
    """Return the values of JSON that stand behind each other, up to what is none."""
    values: list[Any] = []
    start = 0
    decoder = json.JSONDecoder(strict=False)
    while start < len(text) and len(values) < _MOST_NODES:
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            break
        values.append(value)
        between = _BETWEEN.match(text, end)
        start = between.end() if between else end
    return values


def _nodes(value: Any) -> Iterator[Found]:  # noqa: ANN401
    """Yield the objects in value, breadth first, without recursion."""
    queue, seen = [(value, True)], 0
    while queue and seen < _MOST_NODES:
        seen += len(queue)
        yield from (Found(node=item, is_own=is_own) for item, is_own in queue if isinstance(item, dict))
        queue = [child for item, is_own in queue for child in _children(item, is_own=is_own)]


def _children(item: Any, *, is_own: bool) -> list[tuple[Any, bool]]:  # noqa: ANN401
    if isinstance(item, dict):
        return [(value, is_own and key in _OWN_KEYS) for key, value in item.items() if isinstance(value, dict | list)]
    return [(value, is_own) for value in item if isinstance(value, dict | list)] if isinstance(item, list) else []


def _names(author: Any, by_id: dict[str, Node]) -> tuple[tuple[str, bool], ...]:  # noqa: ANN401
    if isinstance(author, str):
        return tuple((name, False) for name in strings(author))
    if not isinstance(author, dict):
        return ()
    named = author if "name" in author else by_id.get(str(author.get("@id")), author)
    full = " ".join(name for part in ("givenName", "familyName") for name in strings(named.get(part))[:1])
    is_person = "Person" in types_of(named)
    return tuple((name, is_person) for name in strings(named.get("name")) or strings(full))
