"""`show --explain` marks what spoke for a label where it stands: words, and the sentences that hold most of them."""

from io import StringIO

import pytest
from msgspec.structs import replace
from rich.console import Console

from config.topics import load_topics
from flows.cli.output.explain import print_explanation
from flows.steps.classify import Classifier
from models.learnt import UNREAD
from models.queries.one_story import Judgement

TITLE = "The harbour that moved its power house"
KEY = "The solar farm and the wind farm feed a battery storage in the old power house."
SECOND = "Its offshore wind turbines came last."
TEXT = f"Nobody in the town had asked for it. {KEY} It rained. {SECOND}\n\nThe mayor was late."


@pytest.fixture(scope="module")
def judgement() -> Judgement:
    """Give what today's classifier says of a story of one topic."""
    found = Classifier(load_topics()).classify(TITLE, TEXT)
    (topic,) = found.topics
    assert topic.id == "clean-energy"
    sentences = [TEXT[one.start : one.end] for one in topic.evidence if one.kind == "sentence"]
    assert sorted(sentences) == sorted([KEY, SECOND])
    return Judgement(
        version=1,
        origin="auto",
        classifier_version=found.classifier_version,
        relevance=found.relevance,
        is_relevant=found.is_relevant,
        needs_review=found.needs_review,
        title=TITLE,
        text=TEXT,
        evidence=(),
        topics=found.topics,
    )


def test_key_sentences_are_named_by_topic_and_marked_in_the_text(judgement: Judgement, capsys) -> None:
    """In a pipe, words stand between stars and sentences between lines; the longest word of a place is marked."""
    screen = StringIO()
    print_explanation(judgement, Console(file=screen, width=500))
    said = capsys.readouterr().out.splitlines()
    assert {f"clean-energy: {KEY}", f"clean-energy: {SECOND}"} <= set(said)
    text = screen.getvalue()
    assert "it. __The **solar farm** and the **wind farm** feed" in text
    assert "power house.__ It rained. __Its **offshore wind" in text
    assert "__\n\nThe mayor was late." in text
    assert text.replace("**", "").replace("__", "").strip().endswith(TEXT)


def test_a_story_that_waits_for_the_second_reader_says_so(judgement: Judgement, capsys) -> None:
    """Its labels may change yet."""
    version = judgement.classifier_version.removesuffix(UNREAD) + UNREAD
    print_explanation(replace(judgement, classifier_version=version, topics=()), Console(file=StringIO()))
    assert "words; the second has yet to read it\n" in capsys.readouterr().out


def test_on_a_terminal_they_are_coloured_and_underlined(judgement: Judgement) -> None:
    """No sign is added to the words of the publisher."""
    screen = StringIO()
    print_explanation(judgement, Console(file=screen, width=500, force_terminal=True, color_system="standard"))
    text = screen.getvalue()
    assert "\x1b[4mThe \x1b[0m\x1b[1;4;33msolar farm\x1b[0m\x1b[4m and the " in text
    assert "**" not in text
    assert "__" not in text
