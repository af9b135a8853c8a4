"""Headlines of our own in other languages pass the gate and get their topic; those that only sound alike do not."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from config.quality import HEADLINES, gate_by_language
from config.topics import load_topics
from flows.cli.quality.gold import read_gold
from flows.cli.quality.topic_quality import Judged, below_floors, quality
from flows.steps._labelling.encoder import encoder_version
from flows.steps.classify import Classifier
from tests.markdown import ROOT, Document

HERE = Path(__file__).parent
FILES = sorted((HERE / "languages").glob("*.jsonl"))
STRANGERS = sorted((HERE / "strangers").glob("*.jsonl"))
TAXONOMY = load_topics()
CLASSIFIER = Classifier(TAXONOMY)
TOPICS = [topic.id for topic in TAXONOMY.topics if topic.terms]
FLOORS = json.loads((HERE / "floors.json").read_text())["topics"]
needs_meaning = pytest.mark.skipif(encoder_version() is None, reason="the extra [meaning] is not installed")


@pytest.mark.parametrize("gold", [pytest.param(one, id=one.id) for path in FILES for one in read_gold(path)])
def test_a_headline_is_understood(gold):
    """By its gate, and by its first topic."""
    found = CLASSIFIER.classify(gold.title, "")
    assert found.is_relevant == gold.is_relevant
    assert gold.primary in {None, found.topics[0].id}


def test_there_are_ten_headlines_in_each_of_five_languages():
    """Two of each are not about climate."""
    assert [len(list(read_gold(path))) for path in FILES] == [10] * 5


@needs_meaning
@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in STRANGERS])
def test_headlines_written_without_a_look_at_the_terms_keep_to_the_floors(path):
    """Forty a language: half are about climate, and of the others half are idioms."""
    gold = list(read_gold(path, TOPICS))
    assert (len(gold), sum(one.is_relevant or False for one in gold)) == (40, 20)
    measured = quality([Judged(gold=one, found=CLASSIFIER.classify(one.title, "")) for one in gold], TOPICS)
    assert below_floors(measured, FLOORS[path.stem]) == []


@needs_meaning
def test_the_gate_is_right_as_often_as_is_said():
    """In each language, within one headline: another machine's arithmetic may tip one that is doubtful."""
    assert {f"strangers-{tag}" for tag in gate_by_language()} == {path.stem for path in STRANGERS}
    for path in STRANGERS:
        gold = list(read_gold(path, TOPICS))
        right = sum(CLASSIFIER.classify(one.title, "").is_relevant == one.is_relevant for one in gold)
        assert right == pytest.approx(gate_by_language()[path.stem.removeprefix("strangers-")], abs=1), path.stem
        assert len(gold) == HEADLINES


@needs_meaning
def test_titles_that_set_traps_keep_to_the_floors():
    """Fighters, bands and teams with the names of storms; and climate without its usual words."""
    path = HERE / "traps.jsonl"
    gold = list(read_gold(path))
    assert len(gold) == 40
    right = [one.id for one in gold if CLASSIFIER.classify(one.title, "").is_relevant == one.is_relevant]
    assert len(right) >= FLOORS[path.stem]["right"]


@pytest.mark.parametrize("by_both", [pytest.param(True, marks=needs_meaning), False], ids=["both readers", "the first"])
def test_the_document_says_of_how_many_traps_the_gate_is_right(by_both):
    """Of the first reader exactly, whose numbers are whole; of both within one title, as of the headlines."""
    gold = list(read_gold(HERE / "traps.jsonl"))
    classifier = CLASSIFIER if by_both else Classifier(replace(TAXONOMY, meaning=None))
    right = sum(classifier.classify(one.title, "").is_relevant == one.is_relevant for one in gold)
    both, first, _ = Document(ROOT / "docs" / "topics.md").cells("40 titles that set traps, gate right")
    assert right == pytest.approx(int(both), abs=1) if by_both else right == int(first)
