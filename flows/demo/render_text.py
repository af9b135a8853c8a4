"""A story's text as HTML."""

from collections.abc import Iterable
from html import escape


def html_of(blocks: Iterable[str]) -> str:
    """Render blocks of text: headings, quotes, lists and paragraphs."""
    return "\n".join(map(_html_of_block, blocks))


def _html_of_block(block: str) -> str:
    if block.startswith("## "):
        return f"<h2>{escape(block[3:])}</h2>"
    if block.startswith("> "):
        return f"<blockquote><p>{_inline(block.replace('> ', ''))}</p></blockquote>"
    if block.startswith("- "):
        items = "".join(f"<li>{escape(line[2:])}</li>" for line in block.splitlines())
        return f"<ul>{items}</ul>"
    return f"<p>{_inline(block)}</p>"


def _inline(block: str) -> str:
    return escape(block.replace("\n", " "), quote=False)
