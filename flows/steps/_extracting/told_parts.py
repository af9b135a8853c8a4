"""Keep the parts of an article that stand where trafilatura keeps nothing: <figure>, <footer>, <aside>.

A quotation in a figure, and who said it; the transcript of a video; the note at the end that tells of a correction.
"""

import re
from typing import Final

from lxml.html import HtmlElement

from flows.steps._changes.notices import is_correction_notice
from flows.steps._extracting.regions import line_of
from flows.steps._identity.likeness import sequences

# Posts of other sites shown in a frame of their own.
_EMBED = re.compile(r"\b(?:twitter|instagram|tiktok|bluesky|mastodon|fb|reddit)[-_]|embed", re.IGNORECASE)
_CLOSED = re.compile(r"[.!?…。！？؟।]['\"”’»)\]]*\Z")
_SHORTEST_SENTENCE: Final = 25  # characters
_FEWEST_SENTENCES: Final = 2
_MOST_LINKED: Final = 0.3  # the share of words in links
_SEQUENCE_WORDS: Final = 3
_REPEATED: Final = 0.5  # the share of a quotation's word sequences that the article has too: it is pulled out of it
_SHORTEST_CAPTION: Final = 60  # characters
_FEWEST_CAPTIONS: Final = 3
_MOST_BESIDE: Final = 2  # times as much in captions as in paragraphs
_ARTICLES = ("article", "main")
_BESIDE = ("aside", "footer")
_LINES = ("aside", "div", "footer", "li", "p")


def keep_told_parts(tree: HtmlElement) -> None:
    """Rename in tree what an article tells in such places."""
    _keep_speakers(tree)
    held: frozenset[tuple[str, ...]] | None = None
    for figure in list(tree.iter("figure")):
        if figure.find(".//table") is not None or not _is_in_article(figure):
            continue
        if figure.find(".//blockquote") is not None:
            held = _told_outside_figures(tree) if held is None else held
            _keep_quotation(figure, held)
        elif _is_prose(figure):
            _open(figure)
    _keep_gallery(tree)
    _keep_corrections(tree)


def _keep_gallery(tree: HtmlElement) -> None:
    """Make the captions paragraphs where the article is told in them: there are several, and hardly any other text."""
    captions = [
        one for one in tree.iter("figcaption") if _is_in_article(one) and len(line_of(one)) >= _SHORTEST_CAPTION
    ]
    told = sum(len(line_of(one)) for one in captions)
    around = set(captions)
    rest = (one for one in tree.iter("p", "li") if _is_in_article(one) and around.isdisjoint(one.iterancestors()))
    if len(captions) < _FEWEST_CAPTIONS or told < _MOST_BESIDE * sum(len(line_of(one)) for one in rest):
        return
    for caption in captions:
        caption.tag = "p" if caption.find(".//p") is None else "div"
        for figure in caption.iterancestors("figure"):
            figure.tag = "div"


def _keep_speakers(tree: HtmlElement) -> None:
    """Keep who said a quotation, which HTML has in its footer."""
    for quote in tree.iter("blockquote"):
        for footer in quote.iter("footer"):
            footer.tag = "p" if footer.find(".//p") is None else "div"


def _told_outside_figures(tree: HtmlElement) -> frozenset[tuple[str, ...]]:
    lines = (line_of(one) for one in tree.iter("p", "li") if next(one.iterancestors("figure"), None) is None)
    return frozenset().union(*(sequences(line, _SEQUENCE_WORDS) for line in lines))


def _keep_quotation(figure: HtmlElement, held: frozenset[tuple[str, ...]]) -> None:
    quotes = list(figure.iter("blockquote"))
    if any(_EMBED.search(f"{one.get('class', '')}") for one in (figure, *quotes)) or _is_pulled_out(quotes, held):
        return
    for caption in list(figure.iter("figcaption")):
        caption.tag = "p"
        quotes[-1].append(caption)
    figure.tag = "div"


def _is_pulled_out(quotes: list[HtmlElement], held: frozenset[tuple[str, ...]]) -> bool:
    said = frozenset().union(*(sequences(line_of(quote), _SEQUENCE_WORDS) for quote in quotes))
    return len(said & held) >= _REPEATED * len(said)


def _is_prose(figure: HtmlElement) -> bool:
    """Tell whether a figure says more in sentences than its caption does."""
    captions = set(figure.iterdescendants("figcaption"))
    lines = [line_of(one) for one in figure.iter("p") if captions.isdisjoint(one.iterancestors())]
    sentences = [line for line in lines if len(line) >= _SHORTEST_SENTENCE and _CLOSED.search(line)]
    linked = sum(len(line_of(link)) for link in figure.iter("a"))
    return len(sentences) >= _FEWEST_SENTENCES and linked <= _MOST_LINKED * len(line_of(figure))


def _open(figure: HtmlElement) -> None:
    for caption in list(figure.iter("figcaption")):
        caption.drop_tree()
    figure.tag = "div"


def _keep_corrections(tree: HtmlElement) -> None:
    """Take notices of a correction out of the article's footers and asides, before them."""
    for part in [one for one in tree.iter(*_BESIDE) if _is_in_article(one)]:
        if next(part.iterancestors(*_BESIDE), None) is not None or part.find(".//article") is not None:
            continue
        around = part.getparent()
        for line in [one for one in part.iter(*_LINES) if next(one.iterdescendants(*_LINES), None) is None]:
            said = line_of(line).lstrip("•*– ")
            if is_correction_notice(said) and _CLOSED.search(said):
                note = tree.makeelement("p", {})
                note.text = said
                line.clear(keep_tail=True)
                around.insert(around.index(part), note)


def _is_in_article(element: HtmlElement) -> bool:
    return next(element.iterancestors(*_ARTICLES), None) is not None
