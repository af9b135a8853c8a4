"""Stories as the teachers see them: n-grams, the terms' points, and vectors of meaning, kept in a file between runs."""

import hashlib
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct

from flows.cli.quality.topic_quality import Gold
from flows.steps._labelling.encoder import DIMENSIONS, encode, encoder_version, pieces_of
from flows.steps._labelling.hits import NEGATIVES, OF_GATE, READ_LENGTH, HitReader, Hits
from flows.steps._labelling.linear import READ_WORDS, Gram, grams_of, normal
from flows.steps._labelling.words import words_of
from flows.steps.classify import MAX_GATE_POINTS
from models.stages import Taxonomy

Array = np.ndarray[Any, Any]
SUMMARY = 250  # characters: a title and two sentences, as most feeds give them
AT_ONCE = 32  # texts that the encoder gets together
LONG = 500  # characters from which a story is taught as such a summary too


class Read(Struct, frozen=True):
    """A story as the teacher sees it."""

    gold: Gold
    title: frozenset[Gram]
    text: frozenset[Gram]
    points: dict[str, float]
    gate_points: float
    marks: tuple[float, float, float]  # as in second.First
    vectors: Array  # of the title, and of the text or what stands in for it: 2 x 512


class Gated(Struct, frozen=True):
    """Stories that teach the gate, and how much each weighs."""

    stories: list[Read]
    counts: Array

    @property
    def labels(self) -> Array:
        """Tell of each whether it is about climate."""
        return np.array([bool(story.gold.is_relevant) for story in self.stories], dtype=float)


class Topical(Struct, frozen=True):
    """Stories that teach topics; of those labelled later the topics behind the first one are likely, not sure."""

    labelled: Sequence[Read]
    later: Sequence[Read]
    own: Sequence[Read]  # written by us: they teach the regression on likeness alone


class Vectors:
    """Vectors of pieces of text; those that were made before come from a file."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: dict[bytes, Array] = {}
        if path is not None and path.exists():
            with np.load(path) as kept:
                self._known = {key.tobytes(): vector for key, vector in zip(kept["keys"], kept["vectors"], strict=True)}

    def of(self, texts: Sequence[str]) -> Array:
        """Return the texts' vectors, in rows."""
        keys = [_key(text) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if new:
            self._known.update(zip(new, encode(list(new.values())), strict=True))
        return np.stack([self._known[key] for key in keys]) if keys else np.zeros((0, DIMENSIONS), np.float32)

    def learn(self, texts: Iterable[str]) -> None:
        """Make the vectors of many texts: texts of like length, read together, take less time."""
        new = sorted({text for text in texts if _key(text) not in self._known}, key=lambda text: (len(text), text))
        for start in range(0, len(new), AT_ONCE):
            self.of(new[start : start + AT_ONCE])

    def keep(self) -> None:
        """Write the file."""
        if self._path is not None:
            keys = np.array([np.frombuffer(key, np.uint8) for key in self._known])
            np.savez(self._path, keys=keys, vectors=np.stack(list(self._known.values())))


class KnownHits(HitReader):
    """Finds terms and remembers what it found: weights change while they are chosen, terms do not."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        super().__init__(taxonomy)
        self._known: dict[tuple[str, str], Hits] = {}

    def read(self, title: str, text: str, tags: Iterable[str] = (), url: str | None = None) -> Hits:
        """Return the hits of a story, which has neither tags nor an address here."""
        assert (tags, url) == ((), None)
        known = self._known.get((title, text))
        if known is None:
            known = self._known[title, text] = super().read(title, text)
        return known


def _key(text: str) -> bytes:
    return hashlib.sha256(f"{encoder_version()}\0{text}".encode()).digest()


def read(stories: Iterable[Gold], taxonomy: Taxonomy, vectors: Vectors, most: int | None = None) -> list[Read]:
    """Read stories, of each text `most` characters; what is learnt from them later changes nothing here."""
    reader, given = HitReader(taxonomy), list(stories)
    vectors.learn(piece for story in given for piece in pieces_of(story.title, story.text[:most]))
    return [_read(story, story.text[:most], reader, vectors) for story in given]


def _read(story: Gold, text: str, reader: HitReader, vectors: Vectors) -> Read:
    hits = reader.read(story.title, text, ())
    points = {owner: sum([hit[0] for hit in own]) for owner, own in hits.of.items()}
    topics = {owner: own for owner, own in points.items() if owner not in OF_GATE}
    marks = (min(hits.gate_points(), MAX_GATE_POINTS), points.get(NEGATIVES, 0.0), max(topics.values(), default=0.0))
    title, first, second = vectors.of(pieces := pieces_of(story.title, text))
    whole = title if not pieces[1] else first if not pieces[2] else (first + second) / 2
    return Read(
        gold=story,
        title=_grams(story.title),
        text=_grams(text),
        points=topics,
        gate_points=hits.gate_points(),
        marks=(math.log1p(marks[0]), math.log1p(marks[1]), math.log1p(marks[2])),
        vectors=np.stack([title, whole]).astype(np.float32),
    )


def _grams(text: str) -> frozenset[Gram]:
    return frozenset(grams_of([normal(word) for word in words_of(text[:READ_LENGTH])[:READ_WORDS]]))


def kin(stories: Sequence[Gold]) -> list[int]:
    """Return a number for each story, the same for near-copies: titles alike, or runs of words of their beginnings."""
    parents = list(range(len(stories)))

    def root(at: int) -> int:
        while parents[at] != at:
            parents[at] = parents[parents[at]]
            at = parents[at]
        return at

    holders: dict[tuple[str, ...], int] = {}
    for at, story in enumerate(stories):
        for sign in _signs(story):
            parents[root(at)] = root(holders.setdefault(sign, at))
    return [root(at) for at in range(len(stories))]


def _signs(story: Gold) -> list[tuple[str, ...]]:
    title = [normal(word) for word in words_of(story.title)]
    text = [normal(word) for word in words_of(story.text[:600])]
    runs = sorted(
        (hashlib.sha256(" ".join(text[at : at + 8]).encode()).hexdigest(), *text[at : at + 8])
        for at in range(len(text) - 7)
    )
    signs = [("title", *sorted(set(title))), *[("run", *run[1:]) for run in runs[:3]]]
    return [*signs, ("begins", *title[:6])] if len(title) >= 6 else signs
