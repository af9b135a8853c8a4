"""Take the text that a page declares in JSON-LD (articleBody) where its markup has none, or only the beginning."""

import re
from typing import Final

from flows.steps._extracting.json_ld import Node, strings
from flows.steps._identity.likeness import sequences
from flows.steps.clean import CleanHtml, clean_html

# Marks of a writing program, which are no text: Markdown, and codes in brackets.
_SOURCE = re.compile(r"\]\(|\[[#/]|\[\w+[ =][^\]]*\]|\+\+\+|\*\*|\{\{|^#{1,6} ", re.MULTILINE)
_SEQUENCE_WORDS: Final = 3
_HELD: Final = 0.9  # the share of the markup's word sequences that the declared text has: it is the same article
_MOST_KNOWN: Final = 0.7  # the share of its own that the markup has: more is the same text
_FEWEST_LETTERS: Final = 40  # of the last paragraph by which the place is found where the declared text goes on


def whole_text(content: CleanHtml, article: Node, *, is_paywalled: bool, base_url: str) -> CleanHtml:
    """Return content, or what article declares where that is the same in paragraphs, or goes on behind it."""
    declared = next(iter(strings(article.get("articleBody"))), "")
    if not (declared and content.text) or _SOURCE.search(declared):
        return content
    told = clean_html(declared, base_url=base_url)
    if told.text.split() == content.text.split():
        return told if told.text.count("\n") > content.text.count("\n") else content
    if is_paywalled or not _goes_on(content.text, told.text):
        return content
    return told if "\n" in told.text else _continued(content, told, base_url=base_url)


def _goes_on(text: str, told: str) -> bool:
    held, all_of_it = sequences(text, _SEQUENCE_WORDS), sequences(told, _SEQUENCE_WORDS)
    both = len(held & all_of_it)
    return both >= _HELD * len(held) and both <= _MOST_KNOWN * len(all_of_it)


def _continued(content: CleanHtml, told: CleanHtml, *, base_url: str) -> CleanHtml:
    """Return content and what told says behind its last paragraph: a text without paragraphs keeps those it has."""
    last = content.text.rpartition("\n")[2]
    before, found, rest = told.text.partition(last)
    if len(last) < _FEWEST_LETTERS or not found or len(before) > len(content.text):
        return told
    end = clean_html(rest, base_url=base_url)
    return CleanHtml(html=f"{content.html}\n<p>{end.html}</p>", text=f"{content.text}\n\n{end.text}")
