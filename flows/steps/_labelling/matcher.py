"""Find thousands of terms in a text at once, so that the number of terms costs nothing.

A term is a path of words in a tree. What a word as written may stand for in a term (itself, its singular in small
letters, a prefix) is looked up once per word and remembered as a number; which terms begin or go on with it is
remembered too. So a story costs two dictionary accesses a word, all but the few that begin a term without a loop.
Chinese, Japanese and Korean terms match as substrings: there a word is a character.
"""

from collections.abc import Callable, Sequence
from itertools import compress
from typing import Generic, TypeVar

from msgspec import Struct

from flows.steps._labelling.words import words_of
from models.stages import Term

# Hostile text can hold any number of distinct words, of any length, and so can a long night; memory may not follow it.
_MAX_REMEMBERED_WORDS = 30_000
_MAX_WORD_LENGTH = 64
_MAX_REMEMBERED_STEPS = 10_000
_HEAD_LENGTH = 3  # letters by which the prefixes that may fit a word are found


Told = TypeVar("Told")
# The terms that stand in one place, as numbers in the list that made the matcher: those that a word as written fits,
# those that its singular does, those of a prefix, each in a tuple of their own.
Ends = tuple[tuple[int, ...], ...]


class _Node:
    """A word on the way to the end of a term."""

    __slots__ = ("children", "terms")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.terms: tuple[int, ...] = ()


class _State(Generic[Told]):
    """What has been read may be the beginning, or all, of some terms."""

    __slots__ = ("goes_on", "told")

    def __init__(self, nodes: Sequence[_Node], tree: "_Tree[Told]") -> None:
        ends = tuple(node.terms for node in nodes if node.terms)
        # Asked once a state, not once a match.
        self.told = tree.tell(ends) if ends else None
        open_nodes = tuple(node for node in nodes if node.children)
        self.goes_on = _Next(open_nodes, tree) if open_nodes else None


class _Next(dict[int, _State[Told] | None]):
    """Where the forms of the next word lead, by their number; filled as they are met."""

    def __init__(self, nodes: tuple[_Node, ...], tree: "_Tree[Told]") -> None:
        super().__init__()
        self._nodes = nodes
        self._tree = tree

    def __missing__(self, number: int) -> _State[Told] | None:
        forms = self._tree.forms[number]
        reached = [node.children[form] for form in forms for node in self._nodes if form in node.children]
        state = _State(reached, self._tree) if reached else None
        if len(self) >= _MAX_REMEMBERED_STEPS:
            self.clear()
        self[number] = state
        return state


class _TermNumbers(dict[str, int]):
    """A word as written -> the number of what it may stand for; 0: nothing. Filled as words are met."""

    def __init__(self) -> None:
        super().__init__()
        self.known: set[str] = set()
        self._short_prefixes: tuple[int, ...] = ()  # lengths under that of a head
        self._prefixes: dict[str, tuple[int, ...]] = {}  # a head -> the lengths of the prefixes that begin with it
        # As many as there are ways to write the words of terms: no text adds to them without end.
        self.forms: list[tuple[str, ...]] = [()]
        self._numbers: dict[tuple[str, ...], int] = {(): 0}

    def add_prefix(self, stem: str) -> None:
        """Let words match that begin with a stem."""
        length, head = len(stem), stem[:_HEAD_LENGTH]
        if length < _HEAD_LENGTH:
            self._short_prefixes = _with(self._short_prefixes, length)
        else:
            self._prefixes[head] = _with(self._prefixes.get(head, ()), length)

    def __missing__(self, word: str) -> int:
        if len(word) > _MAX_WORD_LENGTH:
            return 0
        lower = word.lower()
        candidates = [f"={word}", singular(lower)]
        for length in self._prefix_lengths(word, lower):
            if length <= len(word):
                candidates += (f"{lower[:length]}*", f"={word[:length]}*")
        forms = self.known.intersection(candidates)
        number = self._number_of(tuple(sorted(forms))) if forms else 0
        if len(self) >= _MAX_REMEMBERED_WORDS:
            self.clear()
        self[word] = number
        return number

    def _prefix_lengths(self, word: str, lower: str) -> tuple[int, ...]:
        find = self._prefixes.get
        lengths = self._short_prefixes + find(lower[:_HEAD_LENGTH], ())
        return lengths if lower == word else lengths + find(word[:_HEAD_LENGTH], ())

    def _number_of(self, forms: tuple[str, ...]) -> int:
        number = self._numbers.setdefault(forms, len(self.forms))
        if number == len(self.forms):
            self.forms.append(forms)
        return number


class _Tree(Struct, Generic[Told], frozen=True):
    forms: Sequence[tuple[str, ...]]  # what a word stands for, by its number
    tell: Callable[[Ends], Told]


class TermMatcher(Generic[Told]):
    """Find every occurrence of given terms, and tell of each what `tell` said of the terms that end there."""

    def __init__(self, terms: Sequence[Term], tell: Callable[[Ends], Told]) -> None:
        root = _Node()
        self._numbers = _TermNumbers()
        for number, term in enumerate(terms):
            path = _path(term)
            self._numbers.known.update(path)
            _add(root, path, number)
            if term.is_prefix:
                self._numbers.add_prefix(path[-1].removeprefix("=").removesuffix("*"))
        self._begins = _Next((root,), _Tree(self._numbers.forms, tell))

    def find(self, words: Sequence[str]) -> list[tuple[int, int, Told]]:
        """Return every match, overlapping ones and those inside others included: by start, the longer first.

        A match is its first word, the word after its last, and what is told of it.
        """
        found: list[tuple[int, int, Told]] = []
        numbers = list(map(self._numbers.__getitem__, words))
        begins = list(map(self._begins.__getitem__, numbers))
        numbers.append(0)  # no term goes on over the end
        for first in compress(range(len(begins)), begins):
            state = begins[first]
            assert state is not None
            # Half of the words are in no term: a look at the number spares the step.
            if numbers[first + 1] and state.goes_on is not None:
                longer = state.goes_on[numbers[first + 1]]
                if longer is not None:
                    found += _longer(longer, first, numbers)
            if state.told is not None:
                found.append((first, first + 1, state.told))
        return found


def _longer(state: _State[Told] | None, first: int, numbers: Sequence[int]) -> list[tuple[int, int, Told]]:
    """Return the matches of two words and more, the longest first; `state` is where the second word led."""
    found, last = [], first + 1
    while state is not None:
        last += 1
        if state.told is not None:
            found.append((first, last, state.told))
        state = None if state.goes_on is None else state.goes_on[numbers[last]]
    return found[::-1]


def _add(node: _Node, path: Sequence[str], number: int) -> None:
    for form in path:
        node = node.children.setdefault(form, _Node())
    node.terms = (*node.terms, number)


def _with(lengths: tuple[int, ...], length: int) -> tuple[int, ...]:
    return tuple(sorted({*lengths, length}))


def singular(word: str) -> str:
    """Return a word in small letters without its plural ending; terms and texts go through it alike."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word[:-1]


def _path(term: Term) -> list[str]:
    words = words_of(term.text)
    path = [f"={word}" if term.is_case_sensitive else singular(word) for word in words]
    if term.is_prefix:
        path[-1] = f"={words[-1]}*" if term.is_case_sensitive else f"{words[-1]}*"
    return path
