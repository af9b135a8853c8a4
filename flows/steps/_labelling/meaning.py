"""The second reader: linear heads over the vectors of a story's title and first pieces, in whatever language.

What was taught in English holds for every language that the encoder knows. A head is linear, so what a piece adds to
a label is exact: leaving the piece out takes just that away.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flows.steps._labelling.alike import Examples
from flows.steps._labelling.encoder import FIRST_LENGTH, READ_LENGTH, encode, joined, on_one_thread, pieces_of
from flows.steps._labelling.sentences import MOST_LENGTH, Sentences, Span
from models.stages import Evidence, MeaningWeights

if TYPE_CHECKING:
    import numpy as np

    Matrix = np.ndarray[Any, Any]

_MIN_SENTENCE: Final = 20  # characters; what is shorter is a heading or a remnant
_LEAD_LENGTH: Final = 700


class Meaning(NamedTuple):
    """What the second reader says of one story."""

    topics: list[float]  # 0..1, in the order of the weights
    likeness: "Matrix"  # to each of the stories read by hand
    alike: list[float]  # the share of each topic among those of them that mean the like
    gate: float  # above 0: about climate, as far as the meaning goes
    carried: "Matrix"  # what title, first and second piece add to each topic, then to the gate
    vector: bytes  # of the story, as encoder.story_vectors makes it
    said: "dict[int, Matrix]"  # by piece: what each of its sentences says alone, once somebody asked


class MeaningReader:
    """Reads stories by one set of heads."""

    def __init__(self, weights: MeaningWeights) -> None:
        on_one_thread()
        import numpy as np

        heads = np.frombuffer(weights.heads, dtype="<f2").astype(np.float32)
        self._of_title, self._of_text = heads.reshape(2, -1, len(weights.topics) + 2)
        self._biases = weights.biases
        self.examples = Examples(weights)

    def read(self, title: str, text: str) -> Meaning:
        """Read a story."""
        pieces = pieces_of(title, text)
        vectors = encode(pieces)
        given = [bool(piece) for piece in pieces]
        carried = carried_by(vectors, given, self._of_title, self._of_text)
        *topics, gate, alone = (float(own) + bias for own, bias in zip(carried.sum(axis=0), self._biases, strict=True))
        if not given[1]:  # what is said of the gate is said of a title alone
            gate, carried[:, -2] = alone, carried[:, -1]
        likeness = self.examples.likeness(vectors[0], whole_of(vectors, given))
        chances = [1 / (1 + math.exp(-value)) for value in topics]
        alike = self.examples.topics(likeness)
        return Meaning(chances, likeness, alike, gate, carried[:, :-1], joined(vectors), {})

    def evidence(self, title: str, text: str, meaning: Meaning, lane: int) -> tuple[Evidence, ...]:
        """Return the piece without which a label would lose most: the title, or its sentence that says most alone.

        Of the gate there is always one; where it speaks against climate, with a weight below 0, it is the whole piece.
        """
        own = [float(value) for value in meaning.carried[:, lane]]
        is_gate = lane == len(self._biases) - 2
        piece = max(range(3), key=[abs(value) if is_gate else value for value in own].__getitem__)
        if own[piece] <= 0 and not is_gate:
            return ()
        start, end = self._place(text, meaning, lane, piece) if piece else (0, len(title))
        field = "title" if not piece else "lead" if start < _LEAD_LENGTH else "body"
        return (Evidence(term="", field=field, weight=round(own[piece], 2), start=start, end=end, kind="meaning"),)

    def _place(self, text: str, meaning: Meaning, lane: int, piece: int) -> Span:
        spans = _spans(text, piece)
        if meaning.carried[piece, lane] < 0 or len(spans) == 1:
            return spans[0][0], spans[-1][1]
        if piece not in meaning.said:
            meaning.said[piece] = encode([text[start:end] for start, end in spans]) @ self._of_text
        return spans[int(meaning.said[piece][:, lane].argmax())]


def carried_by(vectors: "Matrix", given: Sequence[bool], of_title: "Matrix", of_text: "Matrix") -> "Matrix":
    """Return what each piece adds to each output; the title stands in for a text that there is not."""
    import numpy as np

    shares = (0.5, 0.5) if given[2] else (1.0, 0.0) if given[1] else (0.0, 0.0)
    title = vectors[0] @ of_title + (0 if given[1] else vectors[0] @ of_text)
    return np.stack([title, shares[0] * (vectors[1] @ of_text), shares[1] * (vectors[2] @ of_text)])


def whole_of(vectors: "Matrix", given: Sequence[bool]) -> "Matrix":
    """Return the vector of a text, the mean of its pieces; its title's where there is none."""
    title, first, second = vectors
    whole: Matrix = title if not given[1] else first if not given[2] else (first + second) / 2
    return whole


def _spans(text: str, piece: int) -> list[Span]:
    """Return where the sentences of a text's piece stand; the piece itself where it has none."""
    blank = len(text) - len(text.lstrip())
    start, stop = (blank, blank + FIRST_LENGTH) if piece == 1 else (blank + FIRST_LENGTH, blank + READ_LENGTH)
    every = Sentences(text[: stop + MOST_LENGTH]).all()
    spans = [
        one for one in every if one[1] > start and one[0] < stop and _MIN_SENTENCE <= one[1] - one[0] <= MOST_LENGTH
    ]
    return spans or [(start, min(stop, len(text)))]
