"""Values come to the parent as a worker made them."""

import pickle
from copy import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from models.copies import CopyMarks
from models.stages import (
    Classification,
    ClassifiedStory,
    CleanStory,
    Entry,
    Evidence,
    Heading,
    Source,
    TopicScore,
)

EVIDENCE = Evidence(term="sea level", field="lead", weight=1.5, start=3, end=12)
TOPIC = TopicScore(id="oceans", score=0.75, primary=True, evidence=(EVIDENCE,))
LABELS = Classification(
    relevance=0.9, is_relevant=True, needs_review=False, topics=(TOPIC,), evidence=(EVIDENCE,), classifier_version="v1"
)
STORY = CleanStory(
    source=Source.PAGE, title="A", text="B", html="<p>B</p>", content_hash="c", length=1.0, authors=("D",)
)
ENTRY = Entry(
    position=1,
    guid=None,
    url=None,
    url_key=None,
    title_html="A",
    html="",
    base_url="",
    published_at=datetime(2026, 7, 14, tzinfo=UTC),
)
MARKS = CopyMarks(bands=b"1", agency=None)
READ = ClassifiedStory(story=STORY, classification=LABELS, heading=Heading(title="A"), words=("a",), marks=MARKS)


@pytest.mark.parametrize(
    "value", [EVIDENCE, TOPIC, LABELS, STORY, ENTRY, MARKS, READ], ids=lambda one: type(one).__name__
)
def test_a_value_comes_over_whole(value: Any) -> None:
    """Every field of it, by any protocol, and as a copy."""
    for came in (*(pickle.loads(pickle.dumps(value, protocol)) for protocol in (2, 5)), copy(value)):
        assert came == value


def test_a_story_takes_few_bytes() -> None:
    """The names of its fields do not travel."""
    assert b"content_hash" not in pickle.dumps(READ)
