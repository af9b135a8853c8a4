"""Measure and fingerprint a text: what counts as the same, and how long it is."""

import hashlib
import re
import unicodedata
from functools import lru_cache

from flows.steps._cleaning.stamp_words import STAMP_WORDS
from flows.steps._plain import with_single_blanks

_CJK = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_CJK_WEIGHT = 2.5  # one such character says about as much as 2.5 letters

_CJK_STAMP = re.compile(
    "[年月日时時分秒钟鐘小天个個内內前点點於于星期一二三四五六七週周曜火水木金土上下午後后更新公開公布发布發布發佈发表時間间最終次阅读閱讀评论評論년월일시분초전오후수정입력댓글]+"
)
_WORD = re.compile(r"[^\W\d_]+(?:\.m\b)?")
_CLOCK_OR_DATE = re.compile(r"\b\d{1,2}[:.]\d\d\b|\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b")
_LONGEST_STAMP = 80


def content_hash(title: str, text: str) -> str:
    """Return the sha256, in hex, of what a story says; white space and lines that are stamps do not matter."""
    lines = text.splitlines()
    told = [line for line in lines if not is_stamp(line)]
    said = "\n".join((_collapsed(title), _collapsed(text if len(told) == len(lines) else " ".join(told))))
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()


def weighted_length(text: str) -> float:
    """Return the length of text in characters: white space counts once, a Chinese, Japanese or Korean one 2.5 times."""
    collapsed = _collapsed(text)
    return len(collapsed) + (0.0 if collapsed.isascii() else (_CJK_WEIGHT - 1) * len(_CJK.findall(collapsed)))


def is_stamp(line: str) -> bool:
    """Tell whether line is only a time stamp or a counter: "Updated 12 November 2024 10:33", "1,024 shares"."""
    line = line.strip()
    if (
        not line
        or len(line) > _LONGEST_STAMP
        or line.startswith("- ")
        or "|" in line
        or not any(map(str.isdigit, line))
    ):
        return False  # rows of a table and items of a list are figures that the story gives
    words = _WORD.findall(line.casefold())
    if not words:
        return _CLOCK_OR_DATE.search(line) is not None
    return all(word in STAMP_WORDS or _CJK_STAMP.fullmatch(word) for word in words)


@lru_cache(maxsize=2)  # a text is measured right after it was fingerprinted
def _collapsed(text: str) -> str:
    return with_single_blanks(unicodedata.normalize("NFC", text))
