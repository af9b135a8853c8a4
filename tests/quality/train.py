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
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from msgspec import Struct
from msgspec.structs import asdict, replace

from config._weights import FILE_NAME, FORMAT, MEANING_FILE_NAME, MEANING_FORMAT
from config.topics import parse_topics
from flows.cli.quality.topic_quality import Gold, Judged, below_floors, quality
from flows.steps import classify as classify_module
from flows.steps._labelling import meaning as meaning_module
from flows.steps._labelling.second import features
from flows.steps.classify import Classifier, TopicReading
from models.stages import Taxonomy
from tests.quality import fitting, teaching
from tests.quality.fitting import curve, fit_stack
from tests.quality.material import FILES, FOLDS, TAUGHT, Labelled, Material, gather
from tests.quality.reading import KnownHits, Vectors
from tests.quality.teaching import BLEND_SHIFTS, Weights, as_text

BLEND_TITLES = 0.5  # weight of a story's title alone where the blend of titles is chosen
BLEND_IDIOMS = 0.75
BLEND_C = 0.3
STACK_TITLES = 0.4  # of a story's title alone where the topics' stack is chosen
STACK_C = 1.0
STACK_OWN = 1.0  # how freely a topic departs from what holds for all
WORKERS = 2
_CONFIG = Path(__file__).parents[2] / "config"
_FLOORS = Path(__file__).with_name("floors.json")

GateRow = tuple[tuple[float, ...], bool, float]  # both readers' features, whether about climate, and its weight
TopicRow = tuple[list[tuple[float, ...]], list[bool], float]  # of each topic the features, whether right; the weight


class Rows(Struct, frozen=True):
    """What weights say of stories that they never saw."""

    gates: tuple[list[GateRow], list[GateRow]]  # of stories with a text, of titles alone
    topics: list[TopicRow]
    labels: list[tuple[float, bool]]  # strengths of the topics that the first reader names, and whether they are right


class Held(Struct, frozen=True):
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
    material = gather(given.folder, taxonomy, vectors)
    vectors.keep()
    held = _hold_all(material, taxonomy, [*((fold,) for fold in range(FOLDS)), *combinations(range(FOLDS), 2)])
    folds, pairs = held[:FOLDS], held[FOLDS:]
    figures = judge(taxonomy, folds, pairs, material.labelled)
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    below = _below_floors(figures)
    if below:
        sys.exit(f"Nothing was written, these are below their floors in {_FLOORS.name}: {', '.join(below)}.")
    if not given.check:
        rows = [own for held in folds for own in held.rows.values()]
        weights = choose(rows, material.teach())
        write(weights, {"figures": figures, **_recipe(given.folder, taxonomy)})


_SHARED: list[tuple[Material, Taxonomy]] = []  # with the workers that are forked from here


def _hold_all(material: Material, taxonomy: Taxonomy, outs: Sequence[Sequence[int]]) -> list[Held]:
    """Hold folds out, several at a time: workers are forked, and share the material."""
    _SHARED.append((material, taxonomy))
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("fork")) as pool:
        return list(pool.map(_hold, outs))


def _hold(out: Sequence[int]) -> Held:
    return hold(*_SHARED[-1], out)


def hold(material: Material, taxonomy: Taxonomy, out: Sequence[int]) -> Held:
    """Teach from all folds but these, and keep what the weights say of the stories of these."""
    sys.stderr.write(f"Teaching without {' and '.join(map(str, out))} of the {FOLDS} folds ...\n")
    weights = material.without(out).teach()
    held = Held(weights, {fold: Rows(([], []), [], []) for fold in out})
    classifier = _classifier(taxonomy, weights)
    for fold, rows in held.rows.items():
        for idiom in (*material.idioms[fold::FOLDS], *material.titles[fold::FOLDS]):
            if idiom.gold.language is None:  # no blend is asked about a language that was not learnt
                _add(rows, classifier, _read(classifier, idiom.gold), idiom.gold, BLEND_IDIOMS)
        for one in material.labelled:
            if one.fold == fold:
                gold = one.story.gold
                _add(rows, classifier, reading := _read(classifier, gold), gold, 1.0)
                if one.title is not None:
                    _add(
                        rows,
                        classifier,
                        _read(classifier, gold, is_title=True),
                        gold,
                        BLEND_TITLES,
                        has_topics=one.summary is not None,
                    )
                reading.stacked = ()
                ranked = classifier._ranked(reading) if gold.topics else []
                rows.labels.extend((strength, topic in gold.topics) for topic, strength in ranked if strength)
    return held


def _add(
    rows: Rows, classifier: Classifier, reading: TopicReading, gold: Gold, count: float, *, has_topics: bool = True
) -> None:
    second = classifier._second
    assert second is not None
    first = classifier._first(reading)
    meaning = reading.meaning or second.reader.read(reading.title, reading.text)
    if gold.is_relevant is not None:
        rows.gates[first.kind].append((features(first, second.own_gate(first, meaning)), gold.is_relevant, count))
    if gold.topics and has_topics and not first.is_foreign:
        right = [topic in gold.topics for topic in classifier._lanes]
        rows.topics.append((classifier.topic_features(reading, meaning), right, STACK_TITLES if count < 1 else 1.0))


def choose(rows: Sequence[Rows], weights: Weights) -> Weights:
    """Return weights with what held-out stories choose: blend and stack of both readers, the curve of confidence."""
    labels = [one for own in rows for one in own.labels]
    (slope,), offset = curve(np.array([[one] for one, _ in labels]), np.array([right for _, right in labels]))
    words = replace(weights[0], confidence=(round(float(slope), 4), round(offset, 4)))
    gates = [[row for own in rows for row in own.gates[kind]] for kind in range(2)]
    stack = fit_stack([row for own in rows for row in own.topics], STACK_C, STACK_OWN)
    both = replace(
        weights[1],
        gate_blend=tuple(map(_blend, gates, BLEND_SHIFTS)),
        foreign_gate=tuple(map(_foreign, gates)),
        stack=stack,
    )
    return words, both


def _blend(rows: Sequence[GateRow], shift: float) -> tuple[float, ...]:
    slopes, offset = curve(
        np.array([row for row, _, _ in rows]),
        np.array([yes for _, yes, _ in rows]),
        BLEND_C,
        np.array([count for _, _, count in rows]),
    )
    return tuple(round(float(value), 4) for value in (offset - shift, *slopes))


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
    """Return what the second reader's log-odds lack to be right by themselves, on stories as they came."""
    came = [(own, yes) for (_, own, *_), yes, count in rows if count == 1]
    (slope,), offset = curve(np.array([[own] for own, _ in came]), np.array([yes for _, yes in came]))
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
    content = {name: as_text(value) if isinstance(value, bytes) else value for name, value in asdict(meaning).items()}
    content = {"format": MEANING_FORMAT, **content}
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
    files = [*(folder / name for name in FILES), *sorted(TAUGHT.glob("*.jsonl"))]
    return {
        "constants": constants,
        "scikit-learn": sklearn.__version__,
        "terms": taxonomy.digest,
        "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
    }


if __name__ == "__main__":
    main()
