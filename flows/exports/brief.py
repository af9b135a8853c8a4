"""The morning brief: what a night brought, a line a story, each with a sentence of its own text and its address.

Nothing is written anew: every sentence is the publisher's, and leads to where it stands.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from html import escape
from typing import Final

from msgspec import Struct

from flows.exports.atom import web_url
from flows.exports.shape import shown_url
from models.wording import UNSAFE_CHARACTERS, counted

_SENTENCE: Final = re.compile(r"[^\n]{20,400}?[.!?…。！？](?=[\s\"'”’»)]|$|(?<=[。！？]))")
_LONGEST: Final = 300  # characters of a sentence that has no end
_UNSAFE: Final = re.compile(f"[{UNSAFE_CHARACTERS}]")
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+!|<>~&]|\A[-=])")
_NUMBERED: Final = re.compile(r"\A(\d{1,9})\.(?=\s|\Z)")  # what would begin a list


class BriefStory(Struct, frozen=True, kw_only=True):
    """A story of a brief."""

    title: str
    sentence: str
    url: str | None
    outlets: tuple[str, ...]  # the first publisher in front
    uid: str | None = None  # None: no story of the archive


_Line = Callable[[BriefStory], str]


class BriefTopic(Struct, frozen=True, kw_only=True):
    """What a night brought of a topic."""

    name: str
    count: int
    stories: tuple[BriefStory, ...]  # those that most outlets carry


class Brief(Struct, frozen=True, kw_only=True):
    """A night in short."""

    day: date
    new: int
    topics: tuple[BriefTopic, ...]
    corrections: tuple[BriefStory, ...]  # their sentence is what changed
    unanswered: tuple[str, ...]  # names of feeds that gave nothing


def first_sentence(text: str) -> str:
    """Return the first sentence of a text, as it stands there; of one without an end, its beginning."""
    line = next((line for line in text.splitlines() if len(line) > len("A short kicker")), "")
    found = _SENTENCE.match(line)
    whole = found.group() if found else line[:_LONGEST]
    return _plain(whole)


def as_text(brief: Brief) -> str:
    """Write a brief as plain text."""
    return "\n".join(_lines(brief, title=lambda text: text, line=text_line)) + "\n"


def as_markdown(brief: Brief) -> str:
    """Write a brief as Markdown; nothing of a publisher's is markup in it."""
    lines = _lines(brief, title=lambda text: f"## {_md(text)}", line=_markdown_line)
    return f"# {next(lines)}\n" + "\n".join(lines) + "\n"


def as_html(brief: Brief) -> str:
    """Write a brief as an HTML document without styles, for mail."""
    lines = list(_lines(brief, title=lambda text: f"<h2>{escape(text)}</h2>", line=_html_line))
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(lines[0])}</title>'
    return head + f"<h1>{escape(lines[0])}</h1>" + "\n".join(one for one in lines[1:] if one) + "</html>\n"


FORMS: Final = {"text": as_text, "md": as_markdown, "html": as_html}


def _lines(brief: Brief, title: Callable[[str], str], line: _Line) -> Iterator[str]:
    yield f"Climate news of {brief.day:%A, %-d %B %Y}: {counted(brief.new, 'new story', 'new stories')}"
    for topic in brief.topics:
        yield ""
        yield title(f"{topic.name} ({topic.count})")
        yield from map(line, topic.stories)
    if brief.corrections:
        yield ""
        yield title("Corrections")
        yield from map(line, brief.corrections)
    if brief.unanswered:
        yield ""
        yield title("Gave nothing")
        yield from (line(BriefStory(title=name, sentence="", url=None, outlets=())) for name in brief.unanswered)


def text_line(story: BriefStory) -> str:
    """Write a story as plain text: its title and outlets, its sentence, and where that stands."""
    source = f"{_address(story)}{_uid(story)}".strip()
    first = f"- {_plain(story.title)}{_by(story.outlets)}"
    return "\n  ".join(line for line in (first, _plain(story.sentence), source) if line)


def _markdown_line(story: BriefStory) -> str:
    title, sentence, address = _md(_plain(story.title)), _md(_plain(story.sentence)), _address(story)
    if address and not re.search(r"[<>\s]", address):
        link = address.replace("\\", "%5C").replace("&", "&amp;")  # which Markdown would read as signs of its own
        title, sentence = (f"[{words}](<{link}>)" if words else "" for words in (title, sentence))
    else:
        sentence += _md(_uid(story))
    return f"- {title}{_md(_by(story.outlets))}" + (f"  \n  {sentence.strip()}" if sentence else "")


def _html_line(story: BriefStory) -> str:
    title, sentence, address = escape(_plain(story.title)), escape(_plain(story.sentence)), _address(story)
    if address:
        link = f'<a href="{escape(address)}" rel="noopener noreferrer">'
        title, sentence = (f"{link}{words}</a>" if words else "" for words in (title, sentence))
    else:
        sentence += escape(_uid(story))
    return f"<p>{title}{escape(_by(story.outlets))}" + (f"<br>{sentence.strip()}" if sentence else "") + "</p>"


def _uid(story: BriefStory) -> str:
    """Return by what name the archive shows a story: `show` and the pages take it."""
    return f" (uid {_plain(story.uid)})" if story.uid else ""


def _by(outlets: Sequence[str]) -> str:
    if not outlets:
        return ""
    if len(outlets) == 1:
        return f" ({_plain(outlets[0])})"
    return f" ({len(outlets)} outlets, first: {_plain(outlets[0])})"


def _address(story: BriefStory) -> str:
    return _plain(web_url(shown_url(story.url)) or "")


def _plain(text: str) -> str:
    return _UNSAFE.sub("", " ".join(text.split()))


def _md(text: str) -> str:
    return _NUMBERED.sub(r"\1\\.", _MARKDOWN.sub(r"\\\1", text))
