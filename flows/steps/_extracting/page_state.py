"""Take the text that a page holds only as data for its own script: pages that show nothing before it has run.

Next.js (__NEXT_DATA__), Arc (Fusion.globalContent), Redux and Apollo (window.__STATE__ = {...}) write it as JSON.
"""

import json
import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import islice
from typing import Any, Final

from lxml.html import HtmlElement

from flows.steps._extracting.headline import is_same_title

_ASSIGNED: Final = re.compile(r"[\w$\]]\s*=\s*(?:JSON\.parse\(\s*)?(?=[{\[\"])")
_UNDEFINED: Final = re.compile(r"(?<=[:,\[])\s*(?:undefined|NaN|void 0)(?=\s*[,}\]])")
_TITLES: Final = ("headline", "headlines", "title", "basic", "name", "heading", "seoTitle", "pageTitle", "rendered")
_TEXT_WORDS: Final = """
    text content contents html value body bodyhtml bodytext contenthtml articlebody articlebodyhtml maincontent
    paragraph paragraphs children blocks content_elements elements items components document data fulltext richtext
    rendered processed sections json root basic
"""
_TEXTS: Final = frozenset(_TEXT_WORDS.split())
_NO_TEXT: Final = re.compile(
    r"image|photo|gallery|video|audio|embed|link|related|promo|ad\b|ads|newsletter|teaser|author|social|raw_?html|button|"
    r"recommend|poll|iframe|figure|media|pullquote|comment",
    re.IGNORECASE,
)
_LOCKED: Final = re.compile(
    r"premium|paywall|paid|locked|subscri|metered|restrict|contentcode|accessib|tier", re.IGNORECASE
)
_FREE: Final = frozenset({"", "0", "false", "free", "none", "no", "open", "null", "public"})
_SHORTEST_SCRIPT: Final = 400  # characters
_LONGEST_SCRIPT: Final = 8_000_000
_MOST_SCRIPTS: Final = 200
_MOST_VALUES: Final = 50  # assignments of one script
_MOST_NODES: Final = 100_000
_DEEPEST: Final = 30
_FEWEST_SENTENCES: Final = 3
_SEPARATOR: Final = re.compile(r"\s+[|–—·-]\s+")
_SENTENCE: Final = re.compile(r"\w{2,}[\"'”’»)]*[.!?…。！？]")
_TAG: Final = re.compile(r"</?(?:p|br|div|h[2-6]|ul|ol|li|blockquote)\b", re.IGNORECASE)


def scripts_of(tree: HtmlElement) -> list[str]:
    """Return the inline scripts of a page that may hold a story as data."""
    texts = (script.text or "" for script in tree.iter("script") if "ld+json" not in script.get("type", ""))
    return list(islice((text for text in texts if _SHORTEST_SCRIPT <= len(text) <= _LONGEST_SCRIPT), _MOST_SCRIPTS))


def text_of_state(scripts: Sequence[str], title: str) -> str:
    """Return the HTML of the longest text that an object with this title holds; "" where it holds none or is locked."""
    titles = {title, *_SEPARATOR.split(title)} if title else set()
    stories = [story for script in scripts for value in _values(script) for story in _titled(value, titles)]
    if any(map(_is_locked, stories)):
        return ""
    return max((_body(story) for story in stories), key=len, default="")


def _values(script: str) -> Iterator[Any]:
    """Yield the JSON that a script is, or that it assigns."""
    if script.lstrip()[:1] in {"{", "["}:
        yield _decoded(script.strip(), 0)[0]
        return
    script, start = _UNDEFINED.sub("null", script), 0
    for _ in range(_MOST_VALUES):
        found = _ASSIGNED.search(script, start)
        if found is None:
            return
        value, start = _decoded(script, found.end())
        if isinstance(value, str) and value[:1] in {"{", "["}:
            value = _decoded(value, 0)[0]
        yield value


def _decoded(text: str, start: int) -> tuple[Any, int]:
    """Return the value at start and where it ends; None and the next character where there is no JSON."""
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, start + 1


def _titled(value: Any, titles: set[str]) -> list[dict[str, Any]]:  # noqa: ANN401  (JSON may hold anything)
    """Return the objects in value that bear one of the titles."""
    found, queue, seen = [], [value], 0
    while queue and seen < _MOST_NODES:
        seen += len(queue)
        found += [item for item in queue if isinstance(item, dict) and _bears(item, titles)]
        queue = [child for item in queue for child in _children(item)]
    return found


def _children(item: Any) -> list[Any]:  # noqa: ANN401
    values = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
    return [child for child in values if isinstance(child, dict | list)]


def _bears(item: dict[str, Any], titles: set[str]) -> bool:
    for key in _TITLES:
        said = item.get(key)
        names = [said, *(said.get(one) for one in ("basic", "rendered", "text"))] if isinstance(said, dict) else [said]
        if any(isinstance(name, str) and is_same_title(name, title) for name in names for title in titles):
            return True
    return False


def _is_locked(story: dict[str, Any]) -> bool:
    """Tell whether the story says of itself, at most one level below, that it is not for everybody."""
    fields = [story, *(one for one in story.values() if isinstance(one, dict))]
    return any(_locks(key, value) for one in fields for key, value in one.items())


def _locks(key: str, value: object) -> bool:
    if not _LOCKED.search(key.replace("_", "")) or not isinstance(value, str | int):
        return False
    said = str(value).strip().lower()
    return said in {"false", "no", "0"} if "free" in key.lower() else said not in _FREE


def _body(story: dict[str, Any]) -> str:
    """Return the longest text among the fields of a story; "" where none has several sentences."""
    texts = (("".join(_told(value, 0))) for key, value in story.items() if key.lower() in _TEXTS)
    return max((text for text in texts if len(_SENTENCE.findall(text)) >= _FEWEST_SENTENCES), key=len, default="")


def _told(value: Any, depth: int) -> Iterator[str]:  # noqa: ANN401
    """Yield the HTML of a text in its parts: HTML as it is, what else is text in paragraphs."""
    if isinstance(value, str):
        yield value if _TAG.search(value) else f"<p>{escape(value, quote=False)}</p>" if value.strip() else ""
    elif depth < _DEEPEST and isinstance(value, list):
        yield from _told_list(value, depth)
    elif depth < _DEEPEST and isinstance(value, dict):
        kind = next(
            (said for key in ("type", "kind", "__typename", "_type") if isinstance(said := value.get(key), str)), ""
        )
        if not _NO_TEXT.search(kind):
            for key, child in value.items():
                if key.lower() in _TEXTS:
                    yield from _told(child, depth + 1)


def _told_list(items: list[Any], depth: int) -> Iterator[str]:
    """Yield the parts of a list; words that are marked apart (Slate, Portable Text) are one paragraph."""
    leaves = [item.get("text", item.get("value")) for item in items if isinstance(item, dict)]
    kinds = {item.get("type", item.get("_type", "text")) for item in items if isinstance(item, dict)}
    words = [leaf for leaf in leaves if isinstance(leaf, str)]
    if depth and items and len(words) == len(items) and kinds <= {"text", "span"}:
        yield f"<p>{escape(''.join(words), quote=False)}</p>"
    else:
        for item in items:
            yield from _told(item, depth + 1)
