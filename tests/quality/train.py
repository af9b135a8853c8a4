"""`make train`: cross-validate the recipe, then teach the weights from everything and write them.

    python -m tests.quality.train FOLDER [--check]

FOLDER holds dev.jsonl.gz, general_wire_dev.jsonl.gz and unlabelled.jsonl.gz (docs/topics.md tells their form). With
--check nothing is written. Training needs the extra [learn]; the program does not.
"""

import argparse
import gzip
import hashlib
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import sklearn

from config._weights import FILE_NAME, FORMAT
from config.topics import parse_topics
from flows.cli.quality.gold import read_gold
from flows.cli.quality.topic_quality import Gold, Judged, below_floors, quality
from flows.steps.classify import REVIEW_SCORE, Classifier
from models.stages import Classification, LinearWeights, Taxonomy
from tests.quality import blending, teaching
from tests.quality.blending import choose_shares, sides
from tests.quality.teaching import Read, Teacher, curve, read

FOLDS = 5
_COMPARED = ("macro_f1", "micro_f1")
_CONFIG = Path(__file__).parents[2] / "config"
_FLOORS = Path(__file__).with_name("floors.json")
_FILES = ("dev.jsonl.gz", "general_wire_dev.jsonl.gz", "unlabelled.jsonl.gz")

Story = tuple[Read, Gold]


@dataclass(frozen=True)
class Chosen:
    """What held-out stories chose."""

    terms_shares: tuple[float, ...]  # of each topic
    compared: dict[str, dict[str, float]]  # the figures by which they were chosen
    confidence: tuple[float, float]


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true", help="only cross-validate")
    given = parser.parse_args()
    topics_file = _CONFIG / "topics.yaml"
    taxonomy = parse_topics(topics_file.name, topics_file.read_text())
    dev, wire, unlabelled = (list(read_gold(given.folder / name)) for name in _FILES)
    read_dev, read_wire = (
        list(zip(read(dev, taxonomy), dev, strict=True)),
        list(zip(read(wire, taxonomy), wire, strict=True)),
    )
    teacher = Teacher(taxonomy, read(unlabelled, taxonomy), [story for story, _ in read_wire])
    figures, chosen = cross_validate(teacher, taxonomy, read_dev, read_wire)
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    below = _below_floors(figures)
    if below:
        sys.exit(f"Nothing was written, these are below their floors in {_FLOORS.name}: {', '.join(below)}.")
    if not given.check:
        weights = replace(
            teach(teacher, read_dev, read_wire), terms_shares=chosen.terms_shares, confidence=chosen.confidence
        )
        recipe = {"figures": figures, "terms_shares": chosen.compared, **_recipe(given.folder, taxonomy)}
        write(weights, recipe, _CONFIG / FILE_NAME)


def _below_floors(figures: dict[str, Any]) -> list[str]:
    """Name the figures on held-out stories that lie below their floors."""
    floors = json.loads(_FLOORS.read_text())["topics_cross_validated"]
    return [f"{name}: {one}" for name, own in floors.items() for one in below_floors(figures[name], own)]


def teach(teacher: Teacher, dev: Sequence[Story], wire: Sequence[Story]) -> LinearWeights:
    """Teach from all of these; a story that both files hold counts once."""
    known = {gold.title for _, gold in dev}
    gated = [one for one in (*dev, *wire) if one[1].is_relevant is not None]
    return teacher.teach(dev, [one for place, one in enumerate(gated) if place < len(dev) or one[1].title not in known])


def cross_validate(
    teacher: Teacher, taxonomy: Taxonomy, dev: Sequence[Story], wire: Sequence[Story]
) -> tuple[dict[str, Any], Chosen]:
    """Return the figures on stories that the weights had not seen, and what is drawn from them.

    A fold is judged twice: with the usual share of the terms for every topic, and with the shares that the other folds
    alone choose. Only where the second is better on stories that did not choose are shares of their own kept.
    """
    taught, apart = [], []
    for fold in range(FOLDS):
        weights = teach(teacher, *([one for one in stories if _fold(one[1]) != fold] for stories in (dev, wire)))
        taught.append(weights)
        apart.append(sides(taxonomy, weights, [gold for _, gold in dev if gold.topics and _fold(gold) == fold]))
    own = [
        replace(
            weights,
            terms_shares=choose_shares([held for place, held in enumerate(apart) if place != fold], weights.topics),
        )
        for fold, weights in enumerate(taught)
    ]
    gold = {"dev": [one for _, one in dev], "wire": [one for _, one in wire]}
    usual_figures, usual_confidence = _judge(taxonomy, taught, gold)
    own_figures, own_confidence = _judge(taxonomy, own, gold)
    compared = {
        name: {measure: figures["dev"][measure] for measure in _COMPARED}
        for name, figures in (("usual", usual_figures), ("own", own_figures))
    }
    if all(compared["own"][measure] > compared["usual"][measure] for measure in _COMPARED):
        return own_figures, Chosen(choose_shares(apart, taught[0].topics), compared, own_confidence)
    return usual_figures, Chosen(taught[0].terms_shares, compared, usual_confidence)


def _judge(
    taxonomy: Taxonomy, folds: Sequence[LinearWeights], gold: dict[str, list[Gold]]
) -> tuple[dict[str, Any], tuple[float, float]]:
    """Return the figures of stories that are judged by the weights of their own fold, and the curve of confidence."""
    found: dict[str, list[tuple[Gold, Classification]]] = {"dev": [], "dev titles": [], "wire": []}
    for fold, weights in enumerate(folds):
        classifier = Classifier(replace(taxonomy, weights=weights))
        for name, stories in gold.items():
            held = [one for one in stories if _fold(one) == fold]
            found[name] += [(one, classifier.classify(one.title, one.text)) for one in held]
            if name == "dev":
                found["dev titles"] += [(one, classifier.classify(one.title, "")) for one in held]
    confidence = _confidence(found["dev"])
    topics = [topic.id for topic in taxonomy.topics if topic.terms]
    figures = {
        name: quality([Judged(gold=one, found=_calibrated(labels, confidence)) for one, labels in pairs], topics)
        for name, pairs in found.items()
    }
    return figures, confidence


def _confidence(judged: Sequence[tuple[Gold, Classification]]) -> tuple[float, float]:
    """Return the curve from a label's strength to the share that is right."""
    labels = [
        (_strength(topic.score), topic.id in gold.topics)
        for gold, one in judged
        if gold.topics
        for topic in one.topics
        if topic.score
    ]
    return curve(labels)


def write(weights: LinearWeights, recipe: dict[str, Any], path: Path) -> None:
    """Write the weights with their recipe; the same input makes the same bytes."""
    content = {"format": FORMAT, "recipe": recipe, **asdict(weights)}
    del content["digest"]
    packed = gzip.compress(json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode(), mtime=0)
    path.write_bytes(packed)


def _recipe(folder: Path, taxonomy: Taxonomy) -> dict[str, Any]:
    named = {**vars(blending), **vars(teaching)}
    constants = {
        name.lower(): value
        for name, value in named.items()
        if name.isupper() and name[0] != "_" and isinstance(value, int | float | tuple)
    }
    return {
        "constants": constants,
        "scikit-learn": sklearn.__version__,
        "terms": taxonomy.digest,
        "files": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in _FILES},
    }


def _calibrated(found: Classification, confidence: tuple[float, float]) -> Classification:
    slope, offset = confidence
    topics = tuple(
        replace(topic, score=_logistic(slope * _strength(topic.score) + offset)) if topic.score else topic
        for topic in found.topics
    )
    return replace(found, topics=topics, needs_review=topics[0].score < REVIEW_SCORE)


def _strength(score: float) -> float:
    """Return the strength behind a score of a fold, whose curve is logistic(strength)."""
    return math.log(score / (1 - score))


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def _fold(gold: Gold) -> int:
    """Return the fold of a story: the same for copies of it in another file."""
    return hashlib.sha256(gold.title.casefold().encode()).digest()[0] % FOLDS


if __name__ == "__main__":
    main()
