"""Find which sentence of one text became which of another. All work is bounded: texts are hostile."""

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from msgspec import Struct, field

from flows.steps._changes.tokens import sentences, tokens

MOST_SENTENCES: Final = 600
MOST_TOKENS: Final = 300  # of a sentence
_MOST_PAIRED: Final = 40  # sentences of a block that are compared each with each
_ALIKE: Final = 0.5  # of their words, that two sentences are one that changed


class Sentence:
    """A sentence with its words."""

    __slots__ = ("key", "text", "tokens", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text, MOST_TOKENS)
        self.key = " ".join(token.key for token in self.tokens)
        self.words = Counter(token.key.casefold() for token in self.tokens)


class Alignment(Struct):
    """What became of the sentences of a text."""

    kept: int = 0
    changed: list[tuple[Sentence, Sentence]] = field(default_factory=list)
    removed: list[list[Sentence]] = field(default_factory=list)  # runs of sentences
    added: list[list[Sentence]] = field(default_factory=list)


def align(before: str, after: str) -> Alignment:
    """Compare two texts sentence by sentence; a sentence that moved is kept."""
    old, new = (list(map(Sentence, sentences(text, MOST_SENTENCES))) for text in (before, after))
    found = Alignment()
    there = Counter(one.key for one in new) - Counter(one.key for one in old)
    gone = Counter(one.key for one in old) - Counter(one.key for one in new)
    matcher = SequenceMatcher(None, [one.key for one in old], [one.key for one in new], autojunk=False)
    for what, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if what == "equal":
            found.kept += old_to - old_from
            continue
        left = [one for one in old[old_from:old_to] if gone[one.key] > 0]
        came = [one for one in new[new_from:new_to] if there[one.key] > 0]
        found.kept += old_to - old_from - len(left)
        _pair(left, came, found)
    return found


def _pair(left: list[Sentence], came: list[Sentence], found: Alignment) -> None:
    pairs = _pairs(left, came)
    found.changed += [(left[old], came[new]) for old, new in sorted(pairs.items())]
    found.removed += _runs(left, set(pairs))
    found.added += _runs(came, set(pairs.values()))


def _pairs(left: Sequence[Sentence], came: Sequence[Sentence]) -> dict[int, int]:
    likeness = [
        (-_likeness(old, new), abs(at - to), at, to)
        for at, old in enumerate(left[:_MOST_PAIRED])
        for to, new in enumerate(came[:_MOST_PAIRED])
    ]
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for alike, _, at, to in sorted(likeness):
        if -alike >= _ALIKE and at not in pairs and to not in taken:
            pairs[at] = to
            taken.add(to)
    return pairs


def _likeness(old: Sentence, new: Sentence) -> float:
    size = old.words.total() + new.words.total()
    shared = (old.words & new.words).total()
    smaller = min(old.words.total(), new.words.total())
    # A clause that was added to a short sentence, or taken out of a long one, leaves the rest of it.
    return max(2 * shared / size, 0.8 * shared / smaller if smaller >= 5 else 0) if size else 0


def _runs(found: Sequence[Sentence], paired: set[int]) -> list[list[Sentence]]:
    runs: list[list[Sentence]] = [[]]
    for at, sentence in enumerate(found):
        if at in paired:
            runs.append([])
        else:
            runs[-1].append(sentence)
    return [run for run in runs if run]
