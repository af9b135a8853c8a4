"""Headlines of our own in other languages pass the gate and get their topic; those that only sound alike do not."""

from pathlib import Path

import pytest

from config.topics import load_topics
from flows.cli.quality.gold import read_gold
from flows.steps.classify import Classifier

FILES = sorted((Path(__file__).parent / "languages").glob("*.jsonl"))
CLASSIFIER = Classifier(load_topics())


@pytest.mark.parametrize("gold", [pytest.param(one, id=one.id) for path in FILES for one in read_gold(path)])
def test_a_headline_is_understood(gold):
    """By its gate, and by its first topic."""
    found = CLASSIFIER.classify(gold.title, "")
    assert found.is_relevant == gold.is_relevant
    assert gold.primary in {None, found.topics[0].id}


def test_there_are_ten_headlines_in_each_of_five_languages():
    """Two of each are not about climate."""
    assert [len(list(read_gold(path))) for path in FILES] == [10] * 5
