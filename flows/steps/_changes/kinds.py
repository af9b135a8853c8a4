"""What kind of correction it is: rules over two texts that stand side by side."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from flows.steps._changes.alignment import Alignment, Sentence, align
from flows.steps._changes.names import is_name_change
from flows.steps._changes.notices import is_correction_notice
from flows.steps._changes.quantities import Quantity, quantities
from models.corrections import Correction, CorrectionKind, Revised

_MOST: Final = 40  # corrections of one revision
_LONGEST: Final = 600  # characters of a sentence that are kept
_QUOTE: Final = re.compile(
    r"[“„]([^”“\n]{8,600})[”“]|«([^»\n]{8,600})»|\"([^\"\n]{8,600})\"|[「『]([^」』\n]{4,600})[」』]"
    r"|‘([^‘\n]{12,600}?)’(?=[\s,.;]|$)"
)
_NEW_CLAUSE: Final = 4  # words put in, that a sentence says more
_STRANGE: Final = 0.25  # of the sentences that line up; below it, one text took the place of another
_WORDS_ABOUT: Final = 5  # words replaced along with a number, at most: else it is another statement
_CJK_NUMERALS: Final = re.compile("[〇零一二三四五六七八九十百千万億亿两]+")

Opcode = tuple[str, int, int, int, int]


def corrections_between(revised: Revised) -> list[Correction]:
    """Return what a revision changed, the gravest first, each change once; never nothing."""
    found = [*_of_headline(revised), *_of_text(revised)]
    order = list(CorrectionKind)
    found.sort(key=lambda one: order.index(one.kind))
    return found[:_MOST] or [Correction(kind=CorrectionKind.WORDING)]


def _of_headline(revised: Revised) -> Iterator[Correction]:
    old, new = Sentence(revised.title_before.strip()), Sentence(revised.title_after.strip())
    if old.key == new.key or not (old.text and new.text):
        return
    yield _made(CorrectionKind.HEADLINE, (old.text, new.text), old.text, new.text)
    yield from (one for one in _of_pair(old, new) if one.kind in {CorrectionKind.NUMBER, CorrectionKind.NAME})


def _of_text(revised: Revised) -> Iterator[Correction]:
    found = align(revised.text_before, revised.text_after)
    if _is_strange(found):
        yield Correction(kind=CorrectionKind.WORDING)
        return
    for old, new in found.changed:
        yield from _of_pair(old, new)
    for run in found.added:
        yield from _of_addition(run)
    for run in found.removed:
        yield from _of_removal(run, revised.text_after)


def _is_strange(found: Alignment) -> bool:
    out, came = (sum(map(len, runs)) for runs in (found.removed, found.added))
    same = found.kept + len(found.changed)
    return out >= 4 and came >= 4 and same < _STRANGE * (same + min(out, came))


def _of_pair(old: Sentence, new: Sentence) -> Iterator[Correction]:
    if is_correction_notice(new.text) and not is_correction_notice(old.text):
        yield _made(CorrectionKind.NOTICE, (old.text, new.text))
        return
    opcodes = _opcodes(old, new)
    found: list[Correction] = []
    for opcode in opcodes:
        if opcode[0] == "replace":
            found += list(_numbers(old, new, opcode)) or list(_names(old, new, opcode))
    quotes = [quote for quote in _quotes(old.text) if not _is_held(quote, new.text)]
    found += [_made(CorrectionKind.RETRACTION, (old.text, new.text), quote) for quote in quotes]
    if not found:
        put_in = max((to - at for what, _, _, at, to in opcodes if what == "insert"), default=0)
        taken = sum(end - start for what, start, end, _, _ in opcodes if what != "insert")
        kind = CorrectionKind.ADDITION if put_in >= _NEW_CLAUSE > taken else CorrectionKind.WORDING
        words = _words(old, new, opcodes)
        found.append(_made(kind, (old.text, new.text), *words))
    yield from found


def _opcodes(old: Sentence, new: Sentence) -> list[Opcode]:
    keys = [token.key for token in old.tokens], [token.key for token in new.tokens]
    found = SequenceMatcher(None, *keys, autojunk=False).get_opcodes()
    return [(what, at, to, new_at, new_to) for what, at, to, new_at, new_to in found if what != "equal"]


def _numbers(old: Sentence, new: Sentence, opcode: Opcode) -> Iterator[Correction]:
    _, old_from, old_to, new_from, new_to = opcode
    touched = [one for one in quantities(old.tokens) if one.first < old_to and one.end > old_from]
    became = [one for one in quantities(new.tokens) if one.first < new_to and one.end > new_from]
    for one, other in zip(touched, became, strict=False):
        is_about = max(old_to - old_from, new_to - new_from) <= _WORDS_ABOUT or one.unit == other.unit
        if not one.is_as(other) and is_about and len(touched) == len(became):
            unit = other.unit or one.unit
            before, after = _said(old, one), _said(new, other)
            yield _made(CorrectionKind.NUMBER, (old.text, new.text), before, after, unit)
    left, came = _piece(old, slice(old_from, old_to)), _piece(new, slice(new_from, new_to))
    if not touched and not became and _CJK_NUMERALS.fullmatch(left) and _CJK_NUMERALS.fullmatch(came):
        yield _made(CorrectionKind.NUMBER, (old.text, new.text), left, came)


def _said(sentence: Sentence, amount: Quantity) -> str:
    last = sentence.tokens[amount.end - 1]
    return sentence.text[sentence.tokens[amount.first].start : last.start + len(last.text)]


def _names(old: Sentence, new: Sentence, opcode: Opcode) -> Iterator[Correction]:
    spans = slice(opcode[1], opcode[2]), slice(opcode[3], opcode[4])
    if is_name_change(old.tokens, new.tokens, spans):
        yield _made(CorrectionKind.NAME, (old.text, new.text), _piece(old, spans[0]), _piece(new, spans[1]))


def _of_addition(run: Sequence[Sentence]) -> Iterator[Correction]:
    notices = [one for one in run if is_correction_notice(one.text)]
    if notices:  # what stands behind its heading belongs to it
        yield _made(CorrectionKind.NOTICE, ("", _joined(run[run.index(notices[0]) :])))
        run = run[: run.index(notices[0])]
    if run:
        yield _made(CorrectionKind.ADDITION, ("", _joined(run)))


def _of_removal(run: Sequence[Sentence], after: str) -> Iterator[Correction]:
    said = [one for one in run if not is_correction_notice(one.text)]
    if not said:
        yield _made(CorrectionKind.WORDING, (_joined(run), ""))
        return
    text = _joined(said)
    quotes = [quote for quote in _quotes(text) if not _is_held(quote, after)]
    yield _made(CorrectionKind.RETRACTION, (text, ""), quotes[0] if quotes else "")


def _joined(run: Sequence[Sentence]) -> str:
    return " ".join(one.text for one in run)


def _quotes(text: str) -> list[str]:
    return [next(part for part in found.groups() if part) for found in _QUOTE.finditer(text)]


def _is_held(quote: str, text: str) -> bool:
    """Tell whether most of a quote's words still stand in a text."""
    words = [token.key.casefold() for token in Sentence(quote).tokens]
    there = set(Sentence(text).words) if len(text) < 4 * _LONGEST else set(re.findall(r"\w+|\S", text.casefold()))
    return sum(word in there for word in words) >= 0.6 * len(words)


def _words(old: Sentence, new: Sentence, opcodes: Sequence[Opcode]) -> tuple[str, str]:
    """Return the words that left and those that came, between the first and the last that differ."""
    if not opcodes:
        return "", ""
    first, last = opcodes[0], opcodes[-1]
    return _piece(old, slice(first[1], last[2])), _piece(new, slice(first[3], last[4]))


def _piece(sentence: Sentence, span: slice) -> str:
    piece = sentence.tokens[span]
    return sentence.text[piece[0].start : piece[-1].start + len(piece[-1].text)] if piece else ""


def _made(
    kind: CorrectionKind, texts: tuple[str, str], before: str = "", after: str = "", unit: str | None = None
) -> Correction:
    return Correction(
        kind=kind,
        sentence_before=_cut(texts[0]),
        sentence_after=_cut(texts[1]),
        before=_cut(before),
        after=_cut(after),
        unit=unit,
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
