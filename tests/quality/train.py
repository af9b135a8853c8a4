"""`make train`: cross-validate the recipe, then teach both readers from everything and write their weights.

    python -m tests.quality.train FOLDER [--check] [--vectors FILE]

FOLDER holds dev.jsonl.gz, labelled-2.jsonl.gz, general_wire_dev.jsonl.gz and unlabelled.jsonl.gz (docs/topics.md tells
their form). With --check nothing is written. Vectors of the texts are kept in FILE, as making them takes minutes.
Training needs the extras [learn] and [meaning]; the program needs neither.
"""

import argparse
import gzip
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import sklearn

from config._weights import FILE_NAME, FORMAT, MEANING_FILE_NAME, MEANING_FORMAT
from config.topics import parse_topics
from flows.cli.quality.gold import read_gold
from flows.cli.quality.topic_quality import Gold, Judged, below_floors, quality
from flows.steps import classify as classify_module
from flows.steps._labelling import meaning as meaning_module
from flows.steps._labelling.second import features
from flows.steps.classify import Classifier, TopicReading
from models.stages import LinearWeights, MeaningWeights, Taxonomy
from tests.quality import fitting, teaching
from tests.quality.fitting import curve, fit_stack
from tests.quality.reading import LONG, SUMMARY, KnownHits, Read, Vectors, kin, read
from tests.quality.teaching import BLEND_SHIFT, GATE_IDIOMS, GATE_SUMMARIES, GATE_TITLES, Gated, Teacher, heads_as_text

FOLDS = 5
BLEND_TITLES = 0.25  # weight of a story's title alone where the gate's blend is chosen
BLEND_IDIOMS = 0.5
BLEND_C = 0.3
STACK_TITLES = 0.4  # of a story's title alone where the topics' stack is chosen
STACK_C = 1.0
STACK_OWN = 0.6  # how freely a topic departs from what holds for all
_CONFIG = Path(__file__).parents[2] / "config"
_FLOORS = Path(__file__).with_name("floors.json")
_IDIOMS = Path(__file__).parent / "taught" / "idioms.jsonl"
_FILES = ("dev.jsonl.gz", "labelled-2.jsonl.gz", "general_wire_dev.jsonl.gz", "unlabelled.jsonl.gz")

Weights = tuple[LinearWeights, MeaningWeights]
GateRow = tuple[tuple[float, ...], bool, float]  # the readers' features, whether about climate, and its weight
TopicRow = tuple[list[tuple[float, ...]], list[bool], float]  # of each topic the features, whether right; the weight


@dataclass(frozen=True)
class Labelled:
    """A labelled story in the forms that it is taught in."""

    file: str
    fold: int
    story: Read
    summary: Read | None  # title and two sentences; None where the story is no longer
    title: Read | None  # the title alone; None where there is nothing else


@dataclass(frozen=True)
class Rows:
    """What weights say of stories that they never saw."""

    gate: list[GateRow]
    topics: list[TopicRow]
    labels: list[tuple[float, bool]]  # strengths of the topics that the first reader names, and whether they are right


@dataclass(frozen=True)
class Held:
    """Weights, and what they say of the stories of each fold that they never saw."""

    weights: Weights
    rows: dict[int, Rows]


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true", help="only cross-validate")
    parser.add_argument("--vectors", type=Path, help="file that keeps the texts' vectors")
    given = parser.parse_args()
    taxonomy = parse_topics("topics.yaml", (_CONFIG / "topics.yaml").read_text())
    vectors = Vectors(given.vectors)
    hits = KnownHits(taxonomy)
    setattr(meaning_module, "encode", vectors.of)  # noqa: B010 (the same vectors, made once)
    setattr(classify_module, "HitReader", lambda _: hits)  # noqa: B010 (the same terms, looked up once)
    labelled, teacher, idioms = _material(given.folder, taxonomy, vectors)
    vectors.keep()
    folds = [hold(teacher, taxonomy, labelled, idioms, fold) for fold in range(FOLDS)]
    pairs = [hold(teacher, taxonomy, labelled, idioms, *pair) for pair in combinations(range(FOLDS), 2)]
    figures = judge(taxonomy, folds, pairs, labelled)
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    below = _below_floors(figures)
    if below:
        sys.exit(f"Nothing was written, these are below their floors in {_FLOORS.name}: {', '.join(below)}.")
    if not given.check:
        rows = [own for held in folds for own in held.rows.values()]
        weights = choose(rows, teach(teacher, labelled, idioms))
        write(weights, {"figures": figures, **_recipe(given.folder, taxonomy)})


def _material(folder: Path, taxonomy: Taxonomy, vectors: Vectors) -> tuple[list[Labelled], Teacher, list[Read]]:
    files = {name.partition(".")[0]: list(read_gold(folder / name)) for name in _FILES}
    unlabelled = files.pop("unlabelled")
    known = {gold.title.casefold() for name in ("dev", "labelled-2") for gold in files[name]}
    files["general_wire_dev"] = [one for one in files["general_wire_dev"] if one.title.casefold() not in known]
    every = [(name, gold) for name, own in files.items() for gold in own]
    groups = kin([gold for _, gold in every] + unlabelled)
    folds = [hashlib.sha256(str(group).encode()).digest() for group in groups]
    stories = read([gold for _, gold in every], taxonomy, vectors)
    golds = [gold for _, gold in every]
    titles = read(golds, taxonomy, vectors, 0)
    summaries = iter(read([gold for gold in golds if len(gold.text) > LONG], taxonomy, vectors, SUMMARY))
    labelled = [
        Labelled(
            file=name,
            fold=fold[0] % FOLDS,
            story=story,
            summary=next(summaries) if len(story.gold.text) > LONG else None,
            title=title if story.gold.text else None,
        )
        for (name, _), fold, story, title in zip(every, folds, stories, titles, strict=False)
    ]
    taken = set(groups[: len(every)])
    apart = []
    for gold, group in zip(unlabelled, groups[len(every) :], strict=True):
        if group not in taken:  # one of each kin, and none of a labelled story's
            taken.add(group)
            apart.append(gold)
    wire = [story for (name, _), story in zip(every, stories, strict=True) if name == "general_wire_dev"]
    teacher = Teacher(taxonomy, read(apart, taxonomy, vectors), wire)
    return labelled, teacher, read(list(read_gold(_IDIOMS)), taxonomy, vectors)


def teach(teacher: Teacher, labelled: Sequence[Labelled], idioms: Sequence[Read]) -> Weights:
    """Teach from all of these."""
    stories, counts = [*idioms], [GATE_IDIOMS] * len(idioms)
    for one in labelled:
        if one.story.gold.is_relevant is not None:
            forms = ((one.story, 1.0), (one.summary, GATE_SUMMARIES), (one.title, GATE_TITLES if one.summary else 0.0))
            for form, count in forms:
                if form is not None and count:
                    stories.append(form)
                    counts.append(count)
    return teacher.teach([one.story for one in labelled], Gated(stories, np.array(counts)))


def hold(teacher: Teacher, taxonomy: Taxonomy, labelled: Sequence[Labelled], idioms: Sequence[Read], *out: int) -> Held:
    """Teach from all folds but these, and keep what the weights say of the stories of these."""
    sys.stderr.write(f"Teaching without {' and '.join(map(str, out))} of the {FOLDS} folds ...\n")
    taught = [one for place, one in enumerate(idioms) if place % FOLDS not in out]
    weights = teach(teacher, [one for one in labelled if one.fold not in out], taught)
    held = Held(weights, {fold: Rows([], [], []) for fold in out})
    classifier = _classifier(taxonomy, weights)
    for fold, rows in held.rows.items():
        for idiom in idioms[fold::FOLDS]:
            _add(rows, classifier, _read(classifier, idiom.gold), idiom.gold, BLEND_IDIOMS)
        for one in labelled:
            if one.fold == fold:
                gold = one.story.gold
                _add(rows, classifier, reading := _read(classifier, gold), gold, 1.0)
                if one.summary is not None:
                    _add(rows, classifier, _read(classifier, gold, is_title=True), gold, BLEND_TITLES)
                reading.stacked = ()
                ranked = classifier._ranked(reading) if gold.topics else []
                rows.labels.extend((strength, topic in gold.topics) for topic, strength in ranked if strength)
    return held


def _add(rows: Rows, classifier: Classifier, reading: TopicReading, gold: Gold, count: float) -> None:
    second = classifier._second
    assert second is not None
    first = classifier._first(reading)
    meaning = reading.meaning or second.reader.read(reading.title, reading.text)
    if gold.is_relevant is not None:
        rows.gate.append((features(first, second.own_gate(first, meaning)), gold.is_relevant, count))
    if gold.topics and not first.is_foreign:
        right = [topic in gold.topics for topic in classifier._lanes]
        rows.topics.append((classifier.topic_features(reading, meaning), right, STACK_TITLES if count < 1 else 1.0))


def choose(rows: Sequence[Rows], weights: Weights) -> Weights:
    """Return weights with what held-out stories choose: blend and stack of both readers, the curve of confidence."""
    labels = [one for own in rows for one in own.labels]
    (slope,), offset = curve(np.array([[one] for one, _ in labels]), np.array([right for _, right in labels]))
    words = replace(weights[0], confidence=(round(float(slope), 4), round(offset, 4)))
    gate = [row for own in rows for row in own.gate]
    stack = fit_stack([row for own in rows for row in own.topics], STACK_C, STACK_OWN)
    return words, replace(weights[1], gate_blend=_blend(gate), foreign_gate=_foreign(gate), stack=stack)


def _blend(rows: Sequence[GateRow]) -> tuple[float, ...]:
    slopes, offset = curve(
        np.array([row for row, _, _ in rows]),
        np.array([yes for _, yes, _ in rows]),
        BLEND_C,
        np.array([count for _, _, count in rows]),
    )
    return tuple(round(float(value), 4) for value in (offset - BLEND_SHIFT, *slopes))


def judge(
    taxonomy: Taxonomy, folds: Sequence[Held], pairs: Sequence[Held], labelled: Sequence[Labelled]
) -> dict[str, Any]:
    """Return the figures on stories that taught no weight that judges them, and chose nothing that does.

    What a fold's judge is chosen by comes from weights that had seen neither that fold nor the rows' own.
    """
    found: dict[str, list[Judged]] = {}
    asked = []
    for held in folds:
        (fold,) = held.rows
        others = [rows for pair in pairs if fold in pair.rows for own, rows in pair.rows.items() if own != fold]
        weights = choose(others, held.weights)
        both = _classifier(taxonomy, weights)
        alone = Classifier(replace(taxonomy, weights=weights[0]))
        for one in [story for story in labelled if story.fold == fold]:
            gold = one.story.gold
            reading = _read(both, gold)
            asked.append((one.file, reading.meaning is not None))
            judged = Judged(gold=gold, found=both.judge(reading))
            first = Judged(gold=gold, found=alone.judge(_read(alone, gold)))
            title = Judged(gold=gold, found=both.judge(_read(both, gold, is_title=True)))
            for name, own in _sets(one.file, judged, first, title):
                found.setdefault(name, []).append(own)
    topics = [topic.id for topic in taxonomy.topics if topic.terms]
    figures = {name: quality(own, topics) for name, own in found.items()}
    share = {name: round(float(np.mean([yes for file, yes in asked if file == name])), 3) for name, _ in asked}
    return {**figures, "asked": share}


def _foreign(rows: Sequence[GateRow]) -> float:
    """Return what the second reader's log-odds lack to be right by themselves, on titles that came alone."""
    titles = [(own, yes) for (_, own, is_title, *_), yes, count in rows if is_title and count == 1]
    (slope,), offset = curve(np.array([[own] for own, _ in titles]), np.array([yes for _, yes in titles]))
    return round(offset / float(slope), 4)


def _sets(file: str, judged: Judged, first: Judged, title: Judged) -> list[tuple[str, Judged]]:
    if file == "general_wire_dev":
        return [("wire", judged), ("wire first reader", first)]
    own = [(file, judged), (f"{file} first reader", first), (f"{file} titles", title)]
    return [*own, *((name.replace(file, "all"), one) for name, one in own)]


def _classifier(taxonomy: Taxonomy, weights: Weights) -> Classifier:
    return Classifier(replace(taxonomy, weights=weights[0], meaning=weights[1]))


def _read(classifier: Classifier, gold: Gold, *, is_title: bool = False) -> TopicReading:
    return classifier.read(gold.title, "" if is_title else gold.text)


def _below_floors(figures: dict[str, Any]) -> list[str]:
    """Name the figures on held-out stories that lie below their floors."""
    floors = json.loads(_FLOORS.read_text())["topics_cross_validated"]
    return [f"{name}: {one}" for name, own in floors.items() for one in below_floors(figures[name], own)]


def write(weights: Weights, recipe: dict[str, Any]) -> None:
    """Write the weights with their recipe; the same input makes the same bytes."""
    words, meaning = weights
    _pack({"format": FORMAT, "recipe": recipe, **asdict(words)}, _CONFIG / FILE_NAME)
    content = {"format": MEANING_FORMAT, **asdict(meaning), "heads": heads_as_text(meaning)}
    _pack(content, _CONFIG / MEANING_FILE_NAME)


def _pack(content: dict[str, Any], path: Path) -> None:
    del content["digest"]
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def _recipe(folder: Path, taxonomy: Taxonomy) -> dict[str, Any]:
    named = {**vars(fitting), **vars(teaching)}
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


if __name__ == "__main__":
    main()
