"""How good labels are, measured against labels by hand. Pure: no file, no screen."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from msgspec import Struct

from models.stages import Classification

_BANDS: Final = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


class Gold(Struct, frozen=True, kw_only=True):
    """A story with the labels that a person gave."""

    id: str
    title: str
    text: str
    tags: tuple[str, ...]
    is_relevant: bool | None  # None: nobody could say; left out of the gate's score
    primary: str | None  # None where only the gate was judged
    topics: tuple[str, ...]
    url: str | None = None
    language: str | None = None
    feed_share: float | None = None  # of its feed's stories that are about climate


class Judged(Struct, frozen=True, kw_only=True):
    """A labelled story and what the classifier says of it."""

    gold: Gold
    found: Classification

    @property
    def topics(self) -> tuple[str, ...]:
        """Name the topics found, the first one first."""
        return tuple(topic.id for topic in self.found.topics)


class Rates(Struct, frozen=True):
    """How often something was found rightly, wrongly, and not at all."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Return the share of what was found that is right; 0 where nothing was found."""
        return self.right / (self.right + self.wrong) if self.right else 0.0

    @property
    def recall(self) -> float:
        """Return the share of what is there that was found; 0 where nothing is there."""
        return self.right / (self.right + self.missed) if self.right else 0.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if self.right else 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the rates as JSON shows them."""
        return {
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
            "stories": self.right + self.missed,
        }


def quality(judged: Sequence[Judged], topics: Sequence[str]) -> dict[str, Any]:
    """Return every measure of the labels, as JSON shows it.

    Topics are measured on the stories that have them, whatever the gate says; `macro_f1` is the mean over the topics
    that occur. `primary` is the share whose first topic is one of the story's, `primary_exact` is the very first.
    """
    labelled = [one for one in judged if one.gold.topics]
    measured: dict[str, Any] = {"stories": len(judged), "labelled": len(labelled)}
    gate = _rates(
        (bool(one.gold.is_relevant), one.found.is_relevant) for one in judged if one.gold.is_relevant is not None
    )
    if any(one.gold.is_relevant is not None for one in judged):
        measured["gate"] = gate.as_json()
    if labelled:
        measured |= _topic_quality(labelled, topics)
    return measured


def below_floors(measured: Mapping[str, Any], floors: Mapping[str, float]) -> list[str]:
    """Return the measures that lie below their floor; one that the file's labels do not give has none."""
    values = {name: value_of(measured, name) for name in floors}
    return [name for name, value in values.items() if value is not None and value < floors[name]]


def value_of(measured: Mapping[str, Any], name: str) -> float | None:
    """Return a measure by its name, as in gate.precision."""
    value: Any = measured
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return None if value is None else float(value)


def _topic_quality(labelled: Sequence[Judged], topics: Sequence[str]) -> dict[str, Any]:
    per_topic = {topic: _rates((topic in one.gold.topics, topic in one.topics) for one in labelled) for topic in topics}
    occurring = [rates.f1 for rates in per_topic.values() if rates.right + rates.missed]
    total = Rates(*(sum(getattr(rates, name) for rates in per_topic.values()) for name in Rates.__struct_fields__))
    return {
        "macro_f1": round(sum(occurring) / len(occurring), 4) if occurring else 0.0,
        "micro_f1": round(total.f1, 4),
        "primary": _share(labelled, lambda one: one.topics[0] in one.gold.topics),
        "primary_exact": _share(labelled, lambda one: one.topics[0] == one.gold.primary),
        "needs_review": _share(labelled, lambda one: one.found.needs_review),
        "topics": {topic: rates.as_json() for topic, rates in per_topic.items()},
        "calibration": _calibration(labelled),
    }


def worst(judged: Iterable[Judged], count: int) -> list[Judged]:
    """Return the stories whose labels are most surely wrong: the surer the classifier was, the worse."""
    wrong = [(one, _error(one)) for one in judged]
    return [one for one, error in sorted(wrong, key=lambda pair: -pair[1])[:count] if error > 0]


def _error(one: Judged) -> float:
    """Return how sure the classifier was of what is wrong, and how much it left out."""
    gate = 0.0
    if one.gold.is_relevant is not None and one.gold.is_relevant != one.found.is_relevant:
        gate = 1 + abs(one.found.relevance - 0.5)
    if not one.gold.topics:
        return gate
    false = sum(topic.score for topic in one.found.topics if topic.id not in one.gold.topics)
    return gate + false + 0.5 * len(set(one.gold.topics) - set(one.topics))


def _calibration(labelled: Sequence[Judged]) -> list[dict[str, Any]]:
    """Return, per band of confidence, how many labels lie in it and how many of them are right."""
    labels = [(topic.score, topic.id in one.gold.topics) for one in labelled for topic in one.found.topics]
    table = []
    for low, high in pairwise(_BANDS):
        band = [(score, is_right) for score, is_right in labels if low <= score < high]
        if band:
            mean, right = sum(score for score, _ in band) / len(band), sum(right for _, right in band) / len(band)
            table.append({"from": low, "labels": len(band), "confidence": round(mean, 3), "right": round(right, 3)})
    return table


def _rates(pairs: Iterable[tuple[bool, bool]]) -> Rates:
    right = wrong = missed = 0
    for is_true, is_found in pairs:
        right += is_true and is_found
        wrong += is_found and not is_true
        missed += is_true and not is_found
    return Rates(right, wrong, missed)


def _share(labelled: Sequence[Judged], test: Callable[[Judged], bool]) -> float:
    return round(sum(map(test, labelled)) / len(labelled), 4)
