"""Read the schema.org data of a page: JSON-LD as sites write it, well-formed or nearly so."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from lxml.html import HtmlElement

Node = dict[str, Any]

_ARTICLE = re.compile(r"(?:\w*Article|BlogPosting|LiveBlogPosting|Report|SocialMediaPosting|DiscussionForumPosting)\Z")
_PUBLISHER = frozenset({"NewsMediaOrganization", "Organization", "WebSite"})
_WRAPPING = re.compile(r"\A\s*(?://)?\s*(?:<!--|<!\[CDATA\[)|(?:-->|\]\]>)\s*;?\s*\Z|;\s*\Z")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_MOST_NODES = 5_000


def read_json_ld(tree: HtmlElement) -> tuple[Node, ...]:
    """Return every object of the page's JSON-LD, the outer ones first; a block that cannot be read gives none."""
    blocks = tree.xpath('//script[contains(translate(@type, "LDJSON", "ldjson"), "ld+json")]')
    return tuple(node for block in blocks for node in _nodes(_parsed(block.text_content())))


def article_of(nodes: tuple[Node, ...]) -> Node:
    """Return the object that describes the page's article; empty where there is none."""
    articles = [node for node in nodes if any(_ARTICLE.fullmatch(kind) for kind in types_of(node))]
    return max(articles, key=lambda node: ("headline" in node) + ("datePublished" in node), default={})


def site_names(nodes: tuple[Node, ...]) -> tuple[str, ...]:
    """Return the names by which the publisher calls itself."""
    publishers = [node for node in nodes if not _PUBLISHER.isdisjoint(types_of(node))]
    publishers += [publisher for node in nodes if isinstance(publisher := node.get("publisher"), dict)]
    return tuple(name for node in publishers for name in strings(node.get("name")))


def author_names(article: Node, nodes: tuple[Node, ...]) -> tuple[str, ...]:
    """Return the names of the article's authors; one that is only pointed to is looked up among nodes."""
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and "name" in node}
    return tuple(name for author in _listed(article.get("author")) for name in _names(author, by_id))


def types_of(node: Node) -> tuple[str, ...]:
    """Return the object's schema.org types without their address."""
    return tuple(kind.rsplit("/", 1)[-1] for kind in strings(node.get("@type")))


def strings(value: Any) -> tuple[str, ...]:  # noqa: ANN401  (JSON may hold anything)
    """Return the non-empty strings of a value that may be one, a list of some or anything else."""
    return tuple(text for item in _listed(value) if isinstance(item, str) and (text := unescape(item).strip()))


def _parsed(text: str) -> Any:  # noqa: ANN401
    text = _WRAPPING.sub("", _WRAPPING.sub("", text))
    for attempt in (text, _TRAILING_COMMA.sub("", text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _nodes(value: Any) -> Iterator[Node]:  # noqa: ANN401
    """Yield the objects in value, breadth first, without recursion."""
    queue, seen = [value], 0
    while queue and seen < _MOST_NODES:
        seen += len(queue)
        yield from (item for item in queue if isinstance(item, dict))
        queue = [child for item in queue for child in _children(item)]


def _children(item: Any) -> list[Any]:  # noqa: ANN401
    values = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
    return [value for value in values if isinstance(value, dict | list)]


def _listed(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else [] if value is None else [value]


def _names(author: Any, by_id: dict[str, Node]) -> tuple[str, ...]:  # noqa: ANN401
    if isinstance(author, str):
        return strings(author)
    if not isinstance(author, dict):
        return ()
    named = author if "name" in author else by_id.get(str(author.get("@id")), {})
    full = " ".join(name for part in ("givenName", "familyName") for name in strings(author.get(part))[:1])
    return strings(named.get("name")) or strings(full)
