"""Tell a text that changed from one whose stamps moved: "hace 3 minutos", "2.2K views", "Slide 2 of 12".

Two checks of one text are the evidence: a short line that is the same but for its figures and units of time is no part
of the story, whatever its language. Lines of the known stamp words (see content) need no second check.
"""

import re
from itertools import pairwise
from typing import Final

from flows.steps._cleaning.content import is_stamp
from flows.steps._cleaning.stamp_words import COUNTED, FACTS, MONTHS_AND_DAYS, UNITS

_LONGEST: Final = 120  # characters
_MOST_WORDS: Final = 12
_MOST_MOVING: Final = 5  # lines of a text; more are figures that it gives
_TOKEN = re.compile(r"\d+(?:[.,:/'’\u00a0\u202f]\d+)*(?:[kmb](?![^\W\d_]))?|[^\W\d_]+|\S")
_CJK_UNIT = re.compile(
    r"(?<=\d)\s?(?:个?小时|個?小時|分钟|分鐘|秒钟|秒鐘|时间|時間|[个個か]?月|[天日周週年时時分秒]|시간|분|초|일|주|개월|년)"
)
# A figure with one of these is a quantity that somebody measured.
_MEASURED = re.compile(
    r"[%‰°℃℉€$£¥₹]|\d\s?(?:k?m²|m³|cm|mm|km|ha|kg|mg|tons?|tonnes?|ppm|[kmgt]wh?|mph|knots)\b", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[.!?…。！？]['\"”’»)\]]*\Z")
_FIGURE: Final = "#"
_UNIT: Final = "~"
_DAY: Final = "@"
_ONES = "a an one ein eine einer einem un une una uno um uma een en ett et один одну одна jedna jedną"
_ONE: Final = frozenset(_ONES.split())


def has_same_words(old: str, new: str) -> bool:
    """Tell whether two states of a text differ in nothing but lines that are stamps or counters."""
    one, other = _lines(old), _lines(new)
    if len(one) != len(other):
        return False
    changed = [at for at, (before, now) in enumerate(zip(one, other, strict=True)) if before != now]
    tables = _table_lines(one) | _table_lines(other)
    return len(changed) <= _MOST_MOVING and all(at not in tables and _is_moving(one[at], other[at]) for at in changed)


def _lines(text: str) -> list[str]:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if line and not _is_known_stamp(line)]


def _is_known_stamp(line: str) -> bool:
    """Tell a line of stamp words, also where no figure stands in it: "Gestern", "vor einer Stunde"."""
    words = (word for word in line.split() if word.casefold() not in _ONE)
    return is_stamp(line) or (line[0].isalnum() and "|" not in line and is_stamp(f"1 {' '.join(words)}"))


def _table_lines(lines: list[str]) -> set[int]:
    """Return the places of lines that are rows of a table: another row stands beside them."""
    return {
        place
        for at, (one, other) in enumerate(pairwise(lines))
        if " | " in one and " | " in other
        for place in (at, at + 1)
    }


def _is_moving(before: str, now: str) -> bool:
    return _may_move(before) and _may_move(now) and _shape(before) == _shape(now)


def _may_move(line: str) -> bool:
    words = set(re.findall(r"[^\W\d_]+", line.casefold()))
    if len(line) > _LONGEST or len(words) > _MOST_WORDS or line.startswith("- "):
        return False
    is_counted = any(map(str.isdigit, line)) or not (words.isdisjoint(_ONE) or words.isdisjoint(UNITS))
    if not words or not is_counted:
        return False
    is_counter = not words.isdisjoint(COUNTED)
    if _SENTENCE_END.search(line) and not is_counter:
        return False
    return _MEASURED.search(line) is None and (is_counter or words.isdisjoint(FACTS))


def _shape(line: str) -> str:
    """Return a line with a mark for each figure, unit of time, month and day of the week."""
    tokens = _TOKEN.findall(_CJK_UNIT.sub(f" {_UNIT} ", line.casefold()))
    marks = [_mark(token) for token in tokens]
    spelled = [at for at, (one, other) in enumerate(pairwise(marks)) if other == _UNIT and one in _ONE]
    for at in spelled:
        marks[at] = _FIGURE
    return " ".join(marks)


def _mark(token: str) -> str:
    if token[0].isdigit():
        return _FIGURE
    if token in _ONE:
        return token
    return _UNIT if token in UNITS else _DAY if token in MONTHS_AND_DAYS else token
