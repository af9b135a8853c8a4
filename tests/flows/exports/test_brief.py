"""The brief: sentences as they stand in the texts, and nothing of a publisher's that acts."""

import time
from datetime import date

import pytest

from flows.exports.brief import FORMS, Brief, BriefStory, BriefTopic, first_sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "The sea level rises by 3.2 millimetres a year. It will go on.",
            "The sea level rises by 3.2 millimetres a year.",
        ),
        ("Kicker\nNobody knows what it will cost. Or when.", "Nobody knows what it will cost."),
        (
            "去年夏天，月牙湾的海水温度连续四十天超过三十度，八成珊瑚白化。今年春天。",
            "去年夏天，月牙湾的海水温度连续四十天超过三十度，八成珊瑚白化。",
        ),
        ("A text that never comes to its end", "A text that never comes to its end"),
        ("", ""),
    ],
)
def test_the_first_sentence_is_the_text_own(text: str, sentence: str) -> None:
    """It ends where the sentence does, not at a decimal point."""
    assert first_sentence(text) == sentence


def test_a_hostile_text_costs_nothing() -> None:
    """A long text without an end is looked at once."""
    began = time.process_time()
    assert len(first_sentence("a. " * 100_000 + "a" * 200_000)) <= 400
    assert time.process_time() - began < 2


def test_nothing_of_a_publisher_acts() -> None:
    """Markup of a title is shown as it is written, in Markdown and HTML; an address that is none is no link."""
    story = BriefStory(
        title="[x](javascript:1) <b>\u202e",
        sentence="One <script> says *so*.",
        url="javascript:alert(1)",
        outlets=("The Wire", "The Quay"),
    )
    topic = BriefTopic(name="Policy", count=2, stories=(story,))
    brief = Brief(day=date(2026, 7, 14), new=2, topics=(topic,), corrections=(), unanswered=("Polder",))
    said = {name: write(brief) for name, write in FORMS.items()}
    assert all("2 outlets, first: The Wire" in text.replace("\\", "") for text in said.values())
    assert r"\[x\]\(javascript:1\) \<b\>" in said["md"]
    assert "&lt;script&gt;" in said["html"]
    assert "href" not in said["html"]
    assert "Polder</p>" in said["html"]
    assert not any("\u202e" in text or "javascript:alert" in text for text in said.values())
