"""What stories that are alike were found to be about, by somebody who read them.

Two ask the examples: of those read by hand the ones that mean most like a story vote on its topics, and a regression on
how alike all of them are, in meaning and by their terms, says what the two come to together. It also hears stories that
were written to teach it, which lie behind the others and have no vote.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from models.stages import MeaningWeights

if TYPE_CHECKING:
    import numpy as np

    Matrix = np.ndarray[Any, Any]

TITLE_SHARE: Final = 0.7  # of a title's vector beside its text's
MOST: Final = 30  # stories that have a say
STEEPNESS: Final = 15.0  # how much more the most alike say than the others
REACH: Final = 2.0  # how quickly meanings that differ stop to say anything of each other, in the regression
TERM_STEPS: Final = 255.0  # a topic's whole share of the terms' points, as uint8
_STEPS: Final = 127.0  # an example's largest number, as int8
_LEAST: Final = 0.01  # a regression knows no bounds; a probability has them


class Examples:
    """The stories that teach by likeness, as vectors and topics: no word of them is kept."""

    def __init__(self, weights: MeaningWeights) -> None:
        import numpy as np

        self._center = np.array(weights.center, dtype=np.float32)
        kept = np.frombuffer(weights.examples, dtype=np.int8).reshape(-1, len(self._center)).astype(np.float32)
        self._rows = unit(kept)
        lanes = range(len(weights.topics))
        self._topics = np.array([[bits >> lane & 1 for lane in lanes] for bits in weights.example_topics], np.float32)
        self._most = min(MOST, len(self._topics))
        shape = (len(self._rows), len(weights.topics))
        terms = np.frombuffer(weights.example_terms, dtype=np.uint8).reshape(shape)
        self._terms = terms.astype(np.float32) / np.float32(TERM_STEPS)
        self._says = np.frombuffer(weights.example_says, dtype="<f2").reshape(shape).astype(np.float32)
        self._usual = np.array(weights.usual, dtype=np.float32)

    def likeness(self, title: "Matrix", whole: "Matrix") -> "Matrix":
        """Return how much each example means like a story, of its title's and text's vector.

        Without a text the title's vector stands in for it.
        """
        likeness: Matrix = self._rows @ place_of(title[None], whole[None], self._center)[0]
        return likeness

    def topics(self, likeness: "Matrix") -> list[float]:
        """Return the share that each topic has among the examples that vote and are most like a story."""
        import numpy as np

        likeness = likeness[: len(self._topics)]
        most = np.argpartition(-likeness, self._most - 1)[: self._most]
        says = np.exp(STEEPNESS * (likeness[most] - likeness[most].max()))
        return [float(share) for share in says @ self._topics[most] / says.sum()]

    def regressed(self, likeness: "Matrix", terms: Sequence[float]) -> list[float]:
        """Return how probable each topic is by likeness in meaning and by the topics' shares of the terms' points."""
        import numpy as np

        found = self._usual + kernel(likeness[None], np.array([terms], np.float32), self._terms)[0] @ self._says
        return [float(chance) for chance in np.clip(found, _LEAST, 1 - _LEAST)]


def kernel(likeness: "Matrix", terms: "Matrix", others: "Matrix") -> "Matrix":
    """Return how alike stories (rows) and examples (columns) are: in meaning, and by their terms."""
    import numpy as np

    apart = (terms**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2 * terms @ others.T
    alike: Matrix = np.exp(REACH * (likeness - 1)) + np.exp(-apart)
    return alike


def place_of(titles: "Matrix", wholes: "Matrix", center: "Matrix") -> "Matrix":
    """Return where stories lie among the examples, in rows of length 1, from their titles' and texts' vectors."""
    return unit(unit(TITLE_SHARE * titles + wholes) - center)


def unit(rows: "Matrix") -> "Matrix":
    """Return rows of length 1."""
    import numpy as np

    same: Matrix = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return same


def packed(rows: "Matrix") -> bytes:
    """Return rows as the weights keep them: each by its largest number, in steps of an int8."""
    import numpy as np

    return bytes(np.rint(rows / np.abs(rows).max(axis=1, keepdims=True) * _STEPS).astype(np.int8).tobytes())
