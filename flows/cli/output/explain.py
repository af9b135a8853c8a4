"""Why a story has its topics: the words that spoke for them, their weight, and where they stand in the text."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from msgspec.structs import asdict
from rich.console import Console
from rich.text import Text

from flows.cli.output.terminal import marked, plain, print_lines, print_table, print_text, stdout_console
from flows.steps.text.function_words import SMALL_WORDS
from models.acts import BY_HAND
from models.learnt import is_unread
from models.queries.one_story import Judgement
from models.stages import Evidence

_WORDS: Final = frozenset({"term", "ngram"})  # kinds of evidence that are marked as words
_LEARNT: Final = " learnt"
_LEGEND: Final = (
    "Weights are of two kinds: a term of topics.yaml has the points that stand there, a learnt word or pair of words "
    "how much it moved the score of the learnt weights. The two are not compared."
)
_SENTENCES: Final = frozenset({"sentence", "meaning"})
_LINE: Final = "__"  # before and after a key sentence, in a pipe

_Place = tuple[int, int]


_READERS: Final = {
    "first": "the first reader, by terms and learnt words",
    "second": "both readers: by its words, and by the meaning of title and lead",
}
_WAITS: Final = "; the second has yet to read it"


def reader_of(judgement: Judgement) -> str:
    """Return which reader decided: "second" where the meaning was read too, else "first"."""
    every = [*judgement.evidence, *(one for topic in judgement.topics for one in topic.evidence)]
    return "second" if any(one.kind == "meaning" for one in every) else "first"


def explanation_json(judgement: Judgement | None) -> dict[str, Any] | None:
    """Return a judgement as JSON shows it; offsets count code points of the title or text here."""
    if judgement is None:
        return None
    return {
        "version": judgement.version,
        "origin": judgement.origin,
        "classifier_version": judgement.classifier_version,
        "reader": reader_of(judgement),
        "relevance": judgement.relevance,
        "relevant": judgement.is_relevant,
        "needs_review": judgement.needs_review,
        "title": judgement.title,
        "text": judgement.text,
        "gate": [asdict(one) for one in judgement.evidence],
        "topics": [
            {
                "id": topic.id,
                "score": topic.score,
                "primary": topic.primary,
                "evidence": [asdict(one) for one in topic.evidence],
            }
            for topic in judgement.topics
        ],
    }


def print_explanation(judgement: Judgement, console: Console | None = None) -> None:
    """Print what spoke for each topic and for the gate, then the text with those words and the key sentences marked."""
    verdict = "about climate" if judgement.is_relevant else "not about climate"
    review = "; a person should look at it" if judgement.needs_review else ""
    by_hand = " by hand" if judgement.origin == BY_HAND else ""
    print_lines("", f"Judged{by_hand}: {verdict}, relevance {judgement.relevance:.2f}{review}")
    waits = _WAITS if is_unread(judgement.classifier_version) else ""
    print_lines(f"Read by: {_READERS[reader_of(judgement)]}{waits}", "") if not by_hand else print_lines("")
    rows = [
        row for topic in judgement.topics for row in _rows(_label(topic.id, topic.primary), topic.score, topic.evidence)
    ]
    rows += _rows("(about climate)", judgement.relevance, judgement.evidence)
    print_table(("topic", "score", "term", "in the", "weight", "times"), rows, console)
    print_lines(_LEGEND, "", *_key_sentences(judgement))
    console = console or stdout_console()
    # In a pipe there is no colour to see.
    print_text(_marked_text(judgement, sign="" if console.is_terminal else "**"), console)


def _label(topic: str, primary: object) -> str:
    return f"{topic} (primary)" if primary else topic


def _rows(label: str, score: float, evidence: Iterable[Evidence]) -> list[list[object]]:
    spoken = (one for one in evidence if one.kind not in _SENTENCES and not _is_small(one))
    counted = Counter((one.term, one.field, one.weight, one.kind) for one in spoken)
    rows: list[list[object]] = [
        ["", "", term, field, f"{weight:g}{_LEARNT if kind == 'ngram' else ''}", times]
        for (term, field, weight, kind), times in counted.items()
    ]
    first = rows[0] if rows else ["", "", "no term: its feed or a person says so", "", "", ""]
    return [[label, f"{score:.2f}", *first[2:]], *rows[1:]]


def _is_small(one: Evidence) -> bool:
    """Tell whether learnt words are function words alone: the weights found them useful, they are no reason."""
    return one.kind == "ngram" and all(word in SMALL_WORDS for word in one.term.split())


def _key_sentences(judgement: Judgement) -> Iterator[str]:
    labels = [*((topic.id, topic.evidence) for topic in judgement.topics), ("(about climate)", judgement.evidence)]
    for label, evidence in labels:
        for one in evidence:
            if one.kind in _SENTENCES:
                source = judgement.title if one.field == "title" else judgement.text
                by = " (by its meaning)" if one.kind == "meaning" else ""
                yield f"{label}{by}: {plain(source[one.start : one.end])}"


def _marked_text(judgement: Judgement, sign: str) -> Text:
    every = [one for topic in judgement.topics for one in topic.evidence] + list(judgement.evidence)
    spoken = [one for one in every if one.kind in _WORDS and not _is_small(one)]
    in_title = [(one.start, one.end) for one in spoken if one.field == "title"]
    in_text = [(one.start, one.end) for one in spoken if one.field != "title"]
    sentences = sorted({(one.start, one.end) for one in every if one.kind in _SENTENCES and one.field != "title"})
    parts = [Text(), marked(judgement.title, in_title, sign), _with_sentences(judgement.text, sentences, in_text, sign)]
    return Text("\n\n").join(parts)


def _with_sentences(text: str, sentences: Sequence[_Place], words: Sequence[_Place], sign: str) -> Text:
    """Return a text with its words marked and its key sentences underlined, or between lines where words have signs."""
    shown, at, line = Text(), 0, _LINE if sign else ""
    for start, end in sentences:
        sentence = _piece(text, (start, end), words, sign)
        sentence.stylize("underline")
        shown.append(_piece(text, (at, start), words, sign)).append(line).append(sentence).append(line)
        at = end
    return shown.append(_piece(text, (at, len(text)), words, sign))


def _piece(text: str, place: _Place, words: Sequence[_Place], sign: str) -> Text:
    first, last = place
    inside = [(max(start, first) - first, min(end, last) - first) for start, end in words if start < last > first < end]
    return marked(text[first:last], inside, sign)
