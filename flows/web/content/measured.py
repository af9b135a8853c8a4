"""How good the labels were measured to be, as a page tells it."""

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from config.quality import topic_figures
from flows.cli.quality.topic_quality import value_of

_GATE: Final = ("gate.precision", "gate.recall")
_MEASURES: Final = (
    ("Topics: macro-F1 / micro-F1", "all", ("macro_f1", "micro_f1")),
    ("The first topic is one of the story’s", "all", ("primary",)),
    ("About climate or not, sources on climate: precision / recall", "all", _GATE),
    ("About climate or not, a general wire: precision / recall", "wire", _GATE),
)


class Measured(Struct, frozen=True, kw_only=True):
    """A measure, with what both readers reach and what the first reaches alone."""

    name: str
    both: str
    first: str


def measured() -> Iterator[Measured]:
    """Give the figures on stories that taught nothing of what judged them. Raise ConfigError."""
    figures = topic_figures()
    for name, stories, measures in _MEASURES:
        both, first = (figures[one] for one in (stories, f"{stories} first reader"))
        yield Measured(name=name, both=_written(both, measures), first=_written(first, measures))


def _written(figures: Any, measures: tuple[str, ...]) -> str:  # noqa: ANN401 (whatever JSON holds)
    return " / ".join(f"{value_of(figures, measure):.3f}" for measure in measures)
