"""Read a Markdown file as stories: a heading of the first level is a title, what follows it is its story."""

import re
from collections.abc import Iterator
from html import escape
from typing import Final

from msgspec import Struct

from models.errors import BadResponse

_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*\Z")
_UNDERLINE = re.compile(r"\s{0,3}(=+|-+)\s*\Z")
_ITEM = re.compile(r"\s{0,3}(?:[-*+]|\d{1,3}[.)])\s+(.*)\Z")
_QUOTE = re.compile(r"\s{0,3}>\s?(.*)\Z")
_RULE = re.compile(r"\s{0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})\Z")
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_FRONT_MATTER: Final = "---"
_FRONT_TITLE = re.compile(r"title:\s*[\"']?(.*?)[\"']?\s*\Z", re.IGNORECASE)
_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\]\([^)\s]{0,2000}(?:\s\"[^\"]{0,300}\")?\)")
_LINK = re.compile(r"\[([^\]\n]{1,500})\]\((https?://[^)\s]{1,2000})(?:\s&quot;.{0,300}?&quot;|\s\"[^\"]{0,300}\")?\)")
_STRONG = re.compile(r"(\*\*|__)(?=\S)([^*_\n]{1,500}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*_])([*_])(?=\S)([^*_\n]{1,500}?)(?<=\S)\1(?![\w*_])")
_CODE = re.compile(r"`([^`\n]{1,300})`")


class MarkdownStory(Struct, frozen=True):
    """A story of a Markdown file."""

    title: str
    html: str


def is_markdown(text: str) -> bool:
    """Tell whether a file has a title by Markdown's marks; one without is plain text under that name."""
    return any(level == 1 for level, _, _ in _blocks(text))


def read_markdown(text: str, name: str) -> tuple[MarkdownStory, ...]:
    """Return the stories of a file; raise BadResponse for one whose title has no story, or that begins without one."""
    stories: list[MarkdownStory] = []
    title, parts = "", list[str]()
    for level, line, html in _blocks(text):
        if level != 1:
            parts.append(html)
            continue
        if title and parts:
            stories.append(MarkdownStory(title, "".join(parts)))
        elif title or parts:
            raise BadResponse(f"{name}: the title {line[:80]!r} stands where a story or another title was expected")
        title, parts = line, []
    if not (title and parts):
        raise BadResponse(f"{name}: the title {title[:80]!r} has no story behind it")
    return (*stories, MarkdownStory(title, "".join(parts)))


def _blocks(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the file's blocks: the level of a heading or 0, its words, its HTML."""
    kind, lines = "", list[str]()
    for line in _with_headings(text):
        found = _kind_of(line, kind)
        if lines and (found != kind or found == "heading"):
            yield _block(kind, lines)
            lines = []
        kind = found
        if found:
            lines.append(line)
    if lines:
        yield _block(kind, lines)


def _with_headings(text: str) -> Iterator[str]:
    """Yield the lines without front matter, of which the title stays, and with underlined headings as "# heading"."""
    lines = text.lstrip("\ufeff").splitlines()
    if lines and lines[0].strip() == _FRONT_MATTER and _FRONT_MATTER in (line.strip() for line in lines[1:]):
        end = next(at for at, line in enumerate(lines[1:], 1) if line.strip() == _FRONT_MATTER)
        named = next((found[1] for line in lines[1:end] if (found := _FRONT_TITLE.match(line)) and found[1]), None)
        lines = ([f"# {named}", ""] if named and not any(line.startswith("# ") for line in lines) else []) + lines[
            end + 1 :
        ]
    for at, line in enumerate(lines):
        following = lines[at + 1] if at + 1 < len(lines) else ""
        if line.strip() and _kind_of(line, "") == "text" and (mark := _UNDERLINE.match(following)):
            yield f"{'#' if mark[1][0] == '=' else '##'} {line.strip()}"
        elif not (_UNDERLINE.match(line) and at and lines[at - 1].strip()):
            yield line


def _kind_of(line: str, before: str) -> str:
    if not line.strip() or _RULE.match(line) or _FENCE.match(line):
        return ""
    if _HEADING.match(line):
        return "heading"
    if _ITEM.match(line) or (before == "list" and line[:1].isspace()):
        return "list"
    return "quote" if _QUOTE.match(line) else "text"


def _block(kind: str, lines: list[str]) -> tuple[int, str, str]:
    if kind == "heading" and (heading := _HEADING.match(lines[0])):
        level = len(heading[1])
        return level, _plain(heading[2]), f"<h{level}>{_inline(heading[2])}</h{level}>"
    if kind == "list":
        items = "".join(f"<li>{_inline(found[1] if (found := _ITEM.match(line)) else line)}</li>" for line in lines)
        return 0, "", f"<ul>{items}</ul>"
    words = " ".join((found[1] if (found := _QUOTE.match(line)) else line).strip() for line in lines)
    return 0, "", f"<blockquote><p>{_inline(words)}</p></blockquote>" if kind == "quote" else f"<p>{_inline(words)}</p>"


def _inline(text: str) -> str:
    html = _LINK.sub(r'<a href="\2">\1</a>', _IMAGE.sub("", escape(text.strip(), quote=False)))
    html = _STRONG.sub(r"<strong>\2</strong>", html)
    return _CODE.sub(r"<code>\1</code>", _EMPHASIS.sub(r"<em>\2</em>", html))


def _plain(text: str) -> str:
    text = _LINK.sub(r"\1", _IMAGE.sub("", text))
    return _CODE.sub(r"\1", _EMPHASIS.sub(r"\2", _STRONG.sub(r"\2", text))).strip()
