"""Tell a text that changed from one whose stamps moved: "hace 3 minutos", "2.2K views", "Slide 2 of 12".

Two checks of one text are the evidence: a short line that is the same but for its figures and units of time is no part
of the story, whatever its language. Lines of the known stamp words (see content) need no second check.
"""

import re
from itertools import pairwise
from typing import Final

from flows.steps._cleaning.content import is_stamp
from flows.steps._cleaning.stamp_words import (
    COUNTED,
    FACT_SIGNS,
    FACTS,
    MONTHS_AND_DAYS,
    STAMP_WORDS,
    UNITS,
    WHEN_WORDS,
)

_LONGEST: Final = 120  # characters
_MOST_WORDS: Final = 12
_MOST_MOVING: Final = 5  # lines of a text; more are figures that it gives
# Letters with their marks above and below, which many scripts write vowels with.
_LETTERS = (
    r"[^\W\d_](?:[^\W\d_]|(?!\d)[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff\u0e31-\u0e4e\u200c\u200d])*"
)
_TOKEN = re.compile(rf"\d+(?:[.,:/'’\u00a0\u202f]\d+)*(?:[kmb](?![^\W\d_]))?|{_LETTERS}|\S")
_WORD = re.compile(rf"{_LETTERS}(?:['’]{_LETTERS})?")
_CJK_UNIT = re.compile(
    r"(?<=\d)\s?(?:个?小时|個?小時|分钟|分鐘|秒钟|秒鐘|时间|時間|[个個か]?月|[天日周週年时時分秒]|시간|분|초|일|주|개월|년|นาที|ชั่วโมง|ชม\.|วัน|สัปดาห์|เดือน|ปี)"
)
# The same without a figure, and what says since when, in scripts that part no words.
_UNPARTED_WHEN = re.compile(
    "刚刚|剛剛|刚才|剛才|今天|昨天|前天|今日|昨日|一昨日|たった今|さっき|更新于|更新|发布于|發佈於|发布|公開|方才|방금|오늘|어제|그저께|"
    "เมื่อวานนี้|เมื่อวาน|เมื่อสักครู่|วันนี้|เมื่อ|ที่แล้ว|ที่ผ่านมา|ก่อน|前|전"
)
# A figure with one of these is a quantity that somebody measured.
_MEASURED = re.compile(
    r"[%‰°℃℉€$£¥₹]|\d\s?(?:k?m²|m³|cm|mm|km|ha|kg|mg|tons?|tonnes?|ppm|[kmgt]wh?|mph|knots)\b", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[.!?…。！？]['\"”’»)\]]*\Z")
_FIGURE: Final = "#"
_UNIT: Final = "~"
_DAY: Final = "@"
_COUNTER: Final = "*"
_ONES = "a an one ein eine einer einem un une una uno um uma een en ett et один одну одна jedna jedną"
_ONE: Final = frozenset(_ONES.split())
_NONES = "no keine keinen sin aucun aucune nessun nessuna geen inga ingen sem brak žádné нет ei"
_NONE: Final = frozenset(_NONES.split())
_OF_STAMPS: Final = WHEN_WORDS | STAMP_WORDS | UNITS | _ONE


def has_same_words(old: str, new: str) -> bool:
    """Tell whether two states of a text differ in nothing but lines that are stamps or counters."""
    one, other = _lines(old), _lines(new)
    return _differ_in_stamps(one, other) or _differ_in_stamps(_told(one), _told(other))


def _differ_in_stamps(one: list[str], other: list[str]) -> bool:
    if len(one) != len(other):
        return False
    changed = [at for at, (before, now) in enumerate(zip(one, other, strict=True)) if before != now]
    tables = _table_lines(one) | _table_lines(other)
    return len(changed) <= _MOST_MOVING and all(at not in tables and _is_moving(one[at], other[at]) for at in changed)


def _lines(text: str) -> list[str]:
    return [line for line in (" ".join(line.split()) for line in text.splitlines()) if line]


def _told(lines: list[str]) -> list[str]:
    return [line for line in lines if not _is_known_stamp(line)]


def _is_known_stamp(line: str) -> bool:
    """Tell a line of stamp words, also where no figure stands in it: "Gestern", "vor einer Stunde"."""
    return is_stamp(line) or (len(line) <= _LONGEST and line[0].isalnum() and "|" not in line and _says_when(line))


def _says_when(line: str) -> bool:
    bare = _UNPARTED_WHEN.sub(" ", _CJK_UNIT.sub(" ", line.casefold()))
    words = _WORD.findall(bare)
    is_when = bare != line.casefold() or not WHEN_WORDS.isdisjoint(words)
    return is_when and _OF_STAMPS.issuperset(words)


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
    words = set(_WORD.findall(line.casefold()))
    if len(line) > _LONGEST or len(words) > _MOST_WORDS or line.startswith("- "):
        return False
    is_spelled = not (words.isdisjoint(_ONE) or words.isdisjoint(UNITS)) or not words.isdisjoint(_NONE)
    is_counted = is_spelled or any(map(str.isdigit, line))
    if not words or not is_counted or FACT_SIGNS.search(line):
        return False
    is_counter = not words.isdisjoint(COUNTED)
    if _SENTENCE_END.search(line) and not is_counter:
        return False
    return _MEASURED.search(line) is None and (is_counter or words.isdisjoint(FACTS))


def _shape(line: str) -> str:
    """Return a line with a mark for each figure, unit of time, month, day of the week and thing that is counted."""
    tokens = _TOKEN.findall(_CJK_UNIT.sub(f" {_UNIT} ", line.casefold()))
    marks = [_mark(token) for token in tokens]
    spelled = [at for at, pair in enumerate(pairwise(marks)) if _is_spelled(*pair)]
    for at in spelled:
        marks[at] = _FIGURE
    return " ".join(marks)


def _is_spelled(one: str, other: str) -> bool:
    """Tell a figure in letters: "an hour", "no comments"."""
    return (other == _UNIT and one in _ONE) or (other == _COUNTER and one in _NONE)


def _mark(token: str) -> str:
    if token[0].isdigit():
        return _FIGURE
    if token in _ONE:
        return token
    known = ((UNITS, _UNIT), (MONTHS_AND_DAYS, _DAY), (COUNTED, _COUNTER))
    return next((mark for words, mark in known if token in words), token)
