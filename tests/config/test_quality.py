"""Measured quality is told alike everywhere: the weights and the list by language are its homes."""

from config.quality import gate_by_language, topic_figures
from flows.cli.quality.topic_quality import value_of
from flows.web.content.measured import measured
from flows.web.words import language_name
from tests.markdown import ROOT, Document

TOPICS = Document(ROOT / "docs" / "topics.md")
GATE = ("gate.precision", "gate.recall")
# A row of docs/topics.md, and the figures in it.
ROWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "all: macro-F1 / micro-F1 over 16 topics": ("all", ("macro_f1", "micro_f1")),
    "all: first topic is one of the story's": ("all", ("primary",)),
    "all: title alone, micro-F1": ("all titles", ("micro_f1",)),
    "all: gate, precision / recall": ("all", GATE),
    "dev: macro-F1 / micro-F1 / first topic": ("dev", ("macro_f1", "micro_f1", "primary")),
    "dev: gate on climate-heavy sources, precision / recall": ("dev", GATE),
    "general wire, 48 of 3,421 about climate: precision / recall": ("wire", GATE),
}


def _written(stories: str, measures: tuple[str, ...]) -> str:
    values = [value_of(topic_figures()[stories], measure) for measure in measures]
    return " / ".join(f"{value:.3f}".removeprefix("0") for value in values if value is not None)


def test_the_document_says_what_the_weights_were_measured_to_be() -> None:
    """Of both readers, and of the first where it has a column."""
    for row, (stories, measures) in ROWS.items():
        both, first, _ = TOPICS.cells(row)
        assert both == _written(stories, measures), row
        assert first == "-" or first == _written(f"{stories} first reader", measures), row


def test_the_page_says_what_the_document_says() -> None:
    """Of its four measures, in their order."""
    shown = [row for row in ROWS if not row.startswith(("dev", "all: title"))]
    told = [[text.replace("0.", ".") for text in (one.both, one.first)] for one in measured()]
    assert told == [TOPICS.cells(row)[:2] for row in shown]


def test_the_document_says_how_good_the_gate_is_in_each_language() -> None:
    """As the list has it, in its order."""
    for tag, right in gate_by_language().items():
        assert TOPICS.cells(language_name(tag))[0] == str(right)
    assert list(gate_by_language().values()) == sorted(gate_by_language().values(), reverse=True)
