"""Choose how much of each topic's strength the terms have, by stories that the weights had not seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flows.cli.quality.topic_quality import Gold, Rates
from flows.steps.classify import MIN_OTHER, Classifier
from models.stages import LinearWeights, Taxonomy

SHARES = (0.3, 0.4, 0.5, 0.6, 0.7)
USUAL = 0.5


@dataclass(frozen=True)
class Sides:
    """What the terms alone and the learnt weights alone say of a story."""

    gold: Gold
    terms: Mapping[str, float]
    learnt: Mapping[str, float]


def sides(taxonomy: Taxonomy, weights: LinearWeights, stories: Sequence[Gold]) -> list[Sides]:
    """Read stories by each side alone."""
    terms, learnt = (
        Classifier(replace(taxonomy, weights=replace(weights, terms_shares=(share,) * len(weights.topics))))
        for share in (1.0, 0.0)
    )
    return [
        Sides(gold, terms.strengths(gold.title, gold.text), learnt.strengths(gold.title, gold.text)) for gold in stories
    ]


def choose_shares(folds: Sequence[Sequence[Sides]], topics: Sequence[str]) -> tuple[float, ...]:
    """Return the share of the terms for each topic.

    A topic has some dozens of stories, so most gains are chance: a share takes the place of the usual one only where it
    is better over all and worse in none of the folds.
    """
    return tuple(_choose(folds, topic) for topic in topics)


def _choose(folds: Sequence[Sequence[Sides]], topic: str) -> float:
    every = [one for fold in folds for one in fold]
    usual = [_f1(fold, topic, USUAL) for fold in folds]
    never_worse = [
        share
        for share in SHARES
        if all(_f1(fold, topic, share) >= least for fold, least in zip(folds, usual, strict=True))
    ]
    return max(never_worse, key=lambda share: (_f1(every, topic, share), -abs(share - USUAL)))


def _f1(stories: Sequence[Sides], topic: str, share: float) -> float:
    named = [
        (topic in one.gold.topics, share * one.terms[topic] + (1 - share) * one.learnt[topic] >= MIN_OTHER)
        for one in stories
    ]
    right = sum(is_true and is_found for is_true, is_found in named)
    wrong = sum(is_found and not is_true for is_true, is_found in named)
    return Rates(right, wrong, sum(is_true for is_true, _ in named) - right).f1
