"""Where an HTML document sends its reader at once: <meta http-equiv="refresh" content="0; url=...">.

Linear in the bytes that are looked at, whatever they are: each step goes forward to the next "<" or ">".
"""

import re
from html import unescape
from typing import Final
from urllib.parse import urljoin

LONGEST_DELAY_S: Final = 5  # a page that stays longer is meant to be read
_LOOKED_AT_BYTES: Final = 65_536
# What is inside them is no markup, or is not meant for us: noscript sends on who runs no scripts.
_SKIPPED: Final = frozenset({"noscript", "script", "style", "template", "textarea", "title", "xmp", "iframe", "svg"})
_PROLOGUE: Final = re.compile(r"[\s\ufeff]*(?:<\?[^>]*>[\s]*)?")
_IS_HTML: Final = re.compile(
    r"<(?:!doctype\s+html|html|head|meta|title|script|style|link|base|body|noscript)\b", re.IGNORECASE
)
_TAG_NAME: Final = re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)")
_ATTRIBUTE: Final = re.compile(r"""([^\s/>=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']*)))?""")
_CONTENT: Final = re.compile(r"\s*(\d{0,9})(?:\.[\d.]*)?\s*[;,\s]\s*(?:url\s*=\s*)?(.*)", re.IGNORECASE | re.DOTALL)


def refresh_target(body: bytes, url: str) -> str | None:
    """Return the address that an HTML document at this URL leads to within five seconds; None if it leads nowhere.

    Raises ValueError where the address cannot be put together.
    """
    text = body[:_LOOKED_AT_BYTES].decode("utf-8", "surrogateescape")
    if "http-equiv" not in text.lower() or not _is_html(text):
        return None
    base = url
    has_base = False
    for name, attributes in _head_tags(text):
        if name == "base" and not has_base and attributes.get("href"):
            base, has_base = urljoin(url, attributes["href"].strip()), True
        elif name == "meta" and (target := _target(attributes)):
            return urljoin(base, target)
    return None


def _is_html(text: str) -> bool:
    start = _PROLOGUE.match(text)
    at = start.end() if start else 0
    while text.startswith("<!--", at):
        end = text.find("-->", at)
        if end < 0:
            return False
        at = end + 3
        while at < len(text) and text[at].isspace():
            at += 1
    return _IS_HTML.match(text, at) is not None


def _head_tags(text: str) -> list[tuple[str, dict[str, str]]]:
    """Return the base and meta elements, in their order, but for those in comments and in what is skipped."""
    found = []
    lowered = text.lower() if len(text.lower()) == len(text) else text  # some capitals have longer small letters
    at = text.find("<")
    while at >= 0:
        if text.startswith("<!--", at):
            at = _behind(text, "-->", at)
        elif tag := _TAG_NAME.match(text, at):
            name = tag[1].lower()
            if name in _SKIPPED:
                at = _behind(lowered, f"</{name}", tag.end())
            else:
                attributes, at = _attributes(text, tag.end()) if name in {"base", "meta"} else ({}, tag.end())
                found += [(name, attributes)] if attributes else []
        else:
            at += 1
        at = text.find("<", at) if at >= 0 else -1
    return found


def _behind(text: str, end: str, start: int) -> int:
    at = text.find(end, start)
    return at + len(end) if at >= 0 else -1


def _attributes(text: str, at: int) -> tuple[dict[str, str], int]:
    """Read a tag's attributes, in any order and with any quotes; the first of a name counts."""
    found: dict[str, str] = {}
    while at < len(text) and text[at] != ">":
        match = _ATTRIBUTE.match(text, at)
        if match is None:  # a blank, a slash, or an equals sign without a name
            at += 1
            continue
        value = next((part for part in match.groups()[1:] if part is not None), "")
        found.setdefault(match[1].lower(), unescape(value))
        at = match.end()
    return found, at


def _target(attributes: dict[str, str]) -> str | None:
    is_refresh = attributes.get("http-equiv", "").strip().lower() == "refresh"
    return _address(attributes.get("content", "")) if is_refresh else None


def _address(content: str) -> str | None:
    """Read the address out of content="0; url='/there'"; None where there is none, or the delay is a reader's."""
    match = _CONTENT.fullmatch(content)
    if match is None or not match[1] or int(match[1]) > LONGEST_DELAY_S:
        return None
    address = match[2].strip()
    if address[:1] in {"'", '"'}:
        address = address[1:].partition(address[0])[0]
    return address.strip() or None
