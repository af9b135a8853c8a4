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


def _said(url: str | None) -> dict[str, str]:
    story = BriefStory(title="Rise", sentence="It *rises*.", url=url, outlets=("The Wire",), uid="3f0c9a51")
    topic = BriefTopic(name="Policy", count=1, stories=(story,))
    brief = Brief(day=date(2026, 7, 14), new=1, topics=(topic,), corrections=(story,), unanswered=())
    return {name: write(brief) for name, write in FORMS.items()}


def test_every_sentence_leads_to_where_it_stands() -> None:
    """As its headline does; plain text names the address and the story's uid behind it."""
    said = _said("https://one.example/rise?a=1&b=(2)")
    text = "- Rise (The Wire)\n  It *rises*.\n  https://one.example/rise?a=1&b=(2) (uid 3f0c9a51)\n"
    assert said["text"].count(text) == 2
    address = "<https://one.example/rise?a=1&amp;b=(2)>"  # an & as Markdown names it, or it may begin a sign
    quoted = rf"[It \*rises\*.]({address})"
    assert said["md"].count(f"- [Rise]({address}) \\(The Wire\\)  \n  {quoted}\n") == 2
    link = '<a href="https://one.example/rise?a=1&amp;b=(2)" rel="noopener noreferrer">'
    assert said["html"].count(f"<p>{link}Rise</a> (The Wire)<br>{link}It *rises*.</a></p>") == 2


def test_words_are_words_in_markdown_and_links_lead_where_they_should() -> None:
    """What would be a list, a line under a headline or an escape of Markdown's own is none."""
    escaped = {"1. May": r"1\. May", "- 3 °C": r"\- 3 °C", "=== Flood": r"\=== Flood", "3.5 °C": "3.5 °C"}
    for title, shown in escaped.items():
        story = BriefStory(title=title, sentence="", url=None, outlets=("The Wire",), uid="3f0c9a51")
        topic = BriefTopic(name="Policy", count=1, stories=(story,))
        brief = Brief(day=date(2026, 7, 14), new=1, topics=(topic,), corrections=(), unanswered=())
        assert f"- {shown} " in FORMS["md"](brief)
    assert "<https://one.example/a%5Cb>" in _said("https://one.example/a\\b")["md"]


def test_a_sentence_without_an_address_names_its_story() -> None:
    """By its uid, which the commands and the pages take."""
    said = _said(None)
    assert "  It *rises*.\n  (uid 3f0c9a51)\n" in said["text"]
    assert r"  It \*rises\*. \(uid 3f0c9a51\)" in said["md"]
    assert "<p>Rise (The Wire)<br>It *rises*. (uid 3f0c9a51)</p>" in said["html"]
