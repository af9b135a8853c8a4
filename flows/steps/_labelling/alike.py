"""What stories that mean the like were found to be about, by somebody who read them."""

from typing import TYPE_CHECKING, Any, Final

from models.stages import MeaningWeights

if TYPE_CHECKING:
    import numpy as np

    Matrix = np.ndarray[Any, Any]

TITLE_SHARE: Final = 0.7  # of a title's vector beside its text's
MOST: Final = 30  # stories that have a say
STEEPNESS: Final = 15.0  # how much more the most alike say than the others
_STEPS: Final = 127.0  # an example's largest number, as int8


class Examples:
    """The stories that were read by hand, as vectors and topics: no word of them is kept."""

    def __init__(self, weights: MeaningWeights) -> None:
        import numpy as np

        self._center = np.array(weights.center, dtype=np.float32)
        kept = np.frombuffer(weights.examples, dtype=np.int8).reshape(-1, len(self._center)).astype(np.float32)
        self._rows = unit(kept)
        lanes = range(len(weights.topics))
        self._topics = np.array([[bits >> lane & 1 for lane in lanes] for bits in weights.example_topics], np.float32)
        self._most = min(MOST, len(self._rows))

    def topics(self, title: "Matrix", whole: "Matrix") -> list[float]:
        """Return the share that each topic has among the examples most like a story, of its title's and text's vector.

        Without a text the title's vector stands in for it.
        """
        import numpy as np

        likeness = self._rows @ place_of(title[None], whole[None], self._center)[0]
        most = np.argpartition(-likeness, self._most - 1)[: self._most]
        says = np.exp(STEEPNESS * (likeness[most] - likeness[most].max()))
        return [float(share) for share in says @ self._topics[most] / says.sum()]


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
