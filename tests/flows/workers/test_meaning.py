"""The second reader's job, called in this process."""

import pytest

from config.topics import read_topics
from flows.steps.vectors import encoder_version, story_vectors
from flows.workers import meaning
from models.learnt import UNREAD
from models.stages import Classification, Heading

pytestmark = pytest.mark.skipif(encoder_version() is None, reason="the extra [meaning] is not installed")
CLIMATE = Heading(title="Climate change: greenhouse gas emissions must fall, says the IPCC")
SPORT = Heading(title="Striker signs for rivals")
SPORT_TEXT = "The club paid a fee for the player after the cup final, the coach said. " * 4


@pytest.fixture(autouse=True)
def _prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meaning, "_classifiers", [])
    meaning.prepare_to_read(read_topics(), {"second_reader": True})


def test_every_story_gets_a_vector() -> None:
    """Of what the second reader is not asked about, too: a feed may vouch for it."""
    found = meaning.read_meanings([(CLIMATE, ""), (SPORT, SPORT_TEXT)])
    assert all(isinstance(one, Classification) and not one.classifier_version.endswith(UNREAD) for one in found)
    vectors = [one.vector for one in found if isinstance(one, Classification)]
    assert vectors == [story_vectors([(CLIMATE.title, "")])[0], story_vectors([(SPORT.title, SPORT_TEXT)])[0]]
    assert {one.encoder for one in found if isinstance(one, Classification)} == {encoder_version()}


def test_what_reads_is_there_before_the_first_story() -> None:
    """The workers are forked from the process that was told: what each of them made would be held as often."""
    (classifier,) = meaning._classifiers
    assert classifier._second is not None
    assert "reader" in vars(classifier._second)


def test_a_bug_costs_one_story() -> None:
    """Its reason stands in its place, on one line."""
    broken = Heading(title=None)  # type: ignore[arg-type]
    one, two = meaning.read_meanings([(broken, ""), (CLIMATE, "")])
    assert isinstance(one, str)
    assert one.startswith("bug: ")
    assert "\n" not in one
    assert isinstance(two, Classification)
