"""How far figures might lie elsewhere: bootstrap intervals, figures by language, how far two readers agree. Pure."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from flows.cli.quality.topic_quality import Judged, quality, value_of

ROUNDS: Final = 200  # of the bootstrap
INTERVAL: Final = 0.9
MEASURES: Final = ("macro_f1", "micro_f1", "primary", "gate.precision", "gate.recall")
_SEED: Final = 0  # the same file gives the same intervals


def intervals(judged: Sequence[Judged], topics: Sequence[str]) -> dict[str, list[float]]:
    """Return, for each measure, between what bounds nine in ten draws of as many stories lie."""
    draw = random.Random(_SEED)  # noqa: S311 (no secret)
    rounds = [quality(draw.choices(judged, k=len(judged)), topics) for _ in range(ROUNDS)]
    found: dict[str, list[float]] = {}
    for name in MEASURES:
        values = sorted(value for one in rounds if (value := value_of(one, name)) is not None)
        if values:
            edge = int(len(values) * (1 - INTERVAL) / 2)
            found[name] = [round(values[edge], 4), round(values[-1 - edge], 4)]
    return found


def by_language(judged: Sequence[Judged], topics: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the measures of each language that the file names."""
    languages = sorted({one.gold.language for one in judged if one.gold.language})
    parts = {name: [one for one in judged if one.gold.language == name] for name in languages}
    figures = {name: quality(own, topics) for name, own in parts.items()}
    return {
        name: {"stories": len(parts[name])}
        | {measure: value for measure in MEASURES if (value := value_of(own, measure)) is not None}
        for name, own in figures.items()
    }


def agreement(first: Sequence[Judged], both: Sequence[Judged], is_read: Sequence[bool]) -> Mapping[str, Any]:
    """Return how often the second reader was asked, and how far both agree with the first alone where it was."""
    pairs = [(one, other) for one, other, read in zip(first, both, is_read, strict=True) if read]
    return {
        "stories": len(both),
        "read_twice": len(pairs),
        "same_relevance": _share(pairs, lambda one, other: one.found.is_relevant == other.found.is_relevant),
        "same_primary": _share(pairs, lambda one, other: one.topics[0] == other.topics[0]),
        "same_topics": _share(pairs, lambda one, other: set(one.topics) == set(other.topics)),
    }


def _share(pairs: Sequence[tuple[Judged, Judged]], test: Callable[[Judged, Judged], bool]) -> float | None:
    return round(sum(test(*pair) for pair in pairs) / len(pairs), 4) if pairs else None
