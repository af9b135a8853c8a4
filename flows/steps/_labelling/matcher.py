"""Find thousands of terms in a text at once: hashed n-grams over words, so that the number of terms costs nothing.

A term is a path of words in a tree of dictionaries. What a word may stand for (itself, its
singular in small letters, a prefix) is looked up once per word and remembered, so a story costs a dictionary access
a word. Chinese, Japanese and Korean terms match as substrings: there a word is a character.
"""

from collections.abc import Sequence

from flows.steps._labelling.words import words_of
from models.stages import Term

# Hostile text can hold any number of distinct words, of any length; memory may not follow it.
_MAX_REMEMBERED_WORDS = 100_000
_MAX_WORD_LENGTH = 64


# Where terms stand: the first word, the word after the last, and their numbers in the list that made the matcher.
Match = tuple[int, int, tuple[int, ...]]


class _Node:
    """A word on the way to the end of a term."""

    __slots__ = ("children", "terms")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.terms: tuple[int, ...] = ()


class _Forms(dict[str, tuple[str, ...]]):
    """What a word as written may stand for in a term; filled as words are met."""

    def __init__(self) -> None:
        super().__init__()
        self.known: set[str] = set()
        self.prefix_lengths: tuple[int, ...] = ()

    def __missing__(self, word: str) -> tuple[str, ...]:
        if len(word) > _MAX_WORD_LENGTH:
            return ()
        lower = word.lower()
        candidates = {f"={word}", singular(lower)}
        for length in self.prefix_lengths:
            candidates |= {f"{lower[:length]}*", f"={word[:length]}*"}
        forms = tuple(sorted(candidates & self.known))
        if len(self) >= _MAX_REMEMBERED_WORDS:
            self.clear()
        self[word] = forms
        return forms


class _Starts(dict[str, tuple[_Node, ...]]):
    """Which terms may begin at a word: none, for most words, and that is known at the first look."""

    def __init__(self, forms: _Forms, root: _Node) -> None:
        super().__init__()
        self._forms = forms
        self._root = root

    def __missing__(self, word: str) -> tuple[_Node, ...]:
        children = self._root.children
        nodes = tuple(children[form] for form in self._forms[word] if form in children)
        if len(self) >= _MAX_REMEMBERED_WORDS:
            self.clear()
        if len(word) <= _MAX_WORD_LENGTH:
            self[word] = nodes
        return nodes


class TermMatcher:
    """Find every occurrence of given terms."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._root = _Node()
        self._forms = _Forms()
        self._starts = _Starts(self._forms, self._root)
        prefix_lengths = set()
        for number, term in enumerate(terms):
            path = _path(term)
            self._forms.known.update(path)
            self._add(path, number)
            if term.is_prefix:
                prefix_lengths.add(len(path[-1].removeprefix("=")) - 1)
        self._forms.prefix_lengths = tuple(sorted(prefix_lengths))

    def find(self, words: Sequence[str]) -> list[Match]:
        """Return every match, overlapping ones and those inside others included: by start, the shorter first."""
        found: list[Match] = []
        forms_of = self._forms
        words = [*words, ""]  # no term goes on over the end
        for first, starts in enumerate(map(self._starts.__getitem__, words)):
            reached, last = starts, first
            while reached:
                last += 1
                for node in reached:
                    if node.terms:
                        found.append((first, last, node.terms))  # noqa: PERF401  (one node is the rule)
                forms = forms_of[words[last]]
                if not forms:
                    break
                reached = tuple([node.children[form] for form in forms for node in reached if form in node.children])
        return found

    def _add(self, path: list[str], number: int) -> None:
        node = self._root
        for form in path:
            node = node.children.setdefault(form, _Node())
        node.terms = (*node.terms, number)


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
