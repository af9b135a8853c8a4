"""Read the entries of live coverage that a page declares (liveBlogUpdate) but loads only when asked for more."""

from html import escape
from typing import Any, Final

from flows.steps._extracting.json_ld import Node, listed, strings, types_of
from flows.steps._identity.likeness import sequences
from flows.steps.clean import CleanHtml, clean_html

_SEQUENCE_WORDS: Final = 3
_HELD: Final = 0.6  # the share of an entry's word sequences by which the text has it: many are declared in part
_MOST: Final = 1_000
_SHORTEST: Final = 40  # characters of a page's text; fewer are the words of its furniture


def with_entries(content: CleanHtml, article: Node, *, is_paywalled: bool, base_url: str) -> CleanHtml:
    """Return content with the declared entries that it lacks behind it, in their order."""
    if is_paywalled or "LiveBlogPosting" not in types_of(article):
        return content
    held = sequences(content.text, _SEQUENCE_WORDS)
    missing = [entry for one in listed(article.get("liveBlogUpdate"))[:_MOST] if (entry := _entry(one, held))]
    if not missing:
        return content
    added = clean_html("".join(missing), base_url=base_url)
    if len(content.text) < _SHORTEST:
        return added
    return CleanHtml(html=f"{content.html}\n{added.html}", text=f"{content.text}\n\n{added.text}")


def _entry(said: Any, held: frozenset[tuple[str, ...]]) -> str:  # noqa: ANN401  (JSON may hold anything)
    """Return the HTML of an entry with its headline; "" where it says nothing, or nothing that is not held."""
    body = next(iter(strings(said.get("articleBody"))), "") if isinstance(said, dict) else ""
    told = clean_html(body, base_url="")
    own = sequences(told.text, _SEQUENCE_WORDS)
    if not told.text or len(own & held) >= _HELD * len(own):
        return ""
    headline = next(iter(strings(said.get("headline"))), "")
    heading = f"<h3>{escape(headline)}</h3>" if headline and not told.text.startswith(headline) else ""
    return f"{heading}<div>{told.html}</div>"
