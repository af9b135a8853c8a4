"""topic_weights.json.gz and meaning_weights.json.gz: what was learnt for the topics, by reader.

`make train` writes them; docs/topics.md tells how.
"""

import base64
import gzip
import hashlib
import json
from array import array
from functools import lru_cache
from importlib import resources
from typing import Any

from models.errors import ConfigError
from models.stages import LinearWeights, MeaningWeights

FILE_NAME = "topic_weights.json.gz"
FORMAT = 2
MEANING_FILE_NAME = "meaning_weights.json.gz"
MEANING_FORMAT = 5
_STACKED = 12  # numbers a topic
_DIMENSIONS = 512  # of a vector; a head has two, of two bytes a number


def load_weights() -> LinearWeights:
    """Return the weights that are installed with the program.

    Raises:
        ConfigError: The file is damaged, or another version of the program wrote it.

    """
    return parse_weights(_read(FILE_NAME), f"config/{FILE_NAME}")


def load_meaning() -> MeaningWeights:
    """Return the second reader's weights that are installed with the program.

    Raises:
        ConfigError: The file is damaged, or another version of the program wrote it.

    """
    return parse_meaning(_read(MEANING_FILE_NAME), f"config/{MEANING_FILE_NAME}")


def load_figures() -> dict[str, Any]:
    """Return what the weights that are installed with the program were measured to be worth.

    Raises:
        ConfigError: The file is damaged.

    """
    try:
        figures: dict[str, Any] = json.loads(_read(FILE_NAME))["recipe"]["figures"]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"config/{FILE_NAME} has no figures: {type(error).__name__}: {error}.") from None
    return figures


def _read(file_name: str) -> bytes:
    try:
        return gzip.decompress(resources.files("config").joinpath(file_name).read_bytes())
    except (OSError, EOFError) as error:
        raise ConfigError(f"config/{file_name} cannot be read: {error}; install the program again.") from None


@lru_cache(maxsize=1)
def parse_weights(content: bytes, name: str) -> LinearWeights:
    """Return the weights of a file's content; `name` stands for it in error messages.

    Raises:
        ConfigError: It is no such file, or one of another format.

    """
    try:
        given: dict[str, Any] = json.loads(content)
        if given["format"] != FORMAT:
            raise ConfigError(f"{name} has format {given['format']}; this program reads {FORMAT}. Run `make train`.")
        weights = LinearWeights(
            digest=hashlib.sha256(content).hexdigest(),
            topics=tuple(given["topics"]),
            title_factor=int(given["title_factor"]),
            ngrams=tuple(given["ngrams"]),
            squares=tuple(given["squares"]),
            weights=tuple(array("i", row) for row in given["weights"]),
            biases=tuple(given["biases"]),
            gate_points_factor=float(given["gate_points_factor"]),
            terms_shares=tuple(map(float, given["terms_shares"])),
            confidence=(float(given["confidence"][0]), float(given["confidence"][1])),
        )
    except (ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise ConfigError(f"{name} is no file of weights: {type(error).__name__}: {error}.") from None
    outputs = {len(row) for row in weights.weights} | {len(weights.biases)}
    ngrams = {len(weights.ngrams), len(weights.squares), len(weights.weights)}
    if outputs != {len(weights.topics) + 1} or len(ngrams) != 1 or len(weights.terms_shares) != len(weights.topics):
        raise ConfigError(f"{name} is damaged: its lists do not fit together.")
    return weights


def parse_meaning(content: bytes, name: str) -> MeaningWeights:
    """Return the second reader's weights of a file's content; `name` stands for it in error messages.

    Raises:
        ConfigError: It is no such file, or one of another format.

    """
    try:
        given: dict[str, Any] = json.loads(content)
        if given["format"] != MEANING_FORMAT:
            raise ConfigError(f"{name} has format {given['format']}; this program reads {MEANING_FORMAT}.")
        weights = MeaningWeights(
            digest=hashlib.sha256(content).hexdigest(),
            encoder=str(given["encoder"]),
            topics=tuple(given["topics"]),
            heads=base64.b64decode(given["heads"], validate=True),
            biases=tuple(map(float, given["biases"])),
            gate_marks=_rows(given["gate_marks"]),
            gate_blend=_rows(given["gate_blend"]),
            foreign_gate=tuple(map(float, given["foreign_gate"])),
            examples=base64.b64decode(given["examples"], validate=True),
            example_topics=tuple(map(int, given["example_topics"])),
            center=tuple(map(float, given["center"])),
            example_terms=base64.b64decode(given["example_terms"], validate=True),
            example_says=base64.b64decode(given["example_says"], validate=True),
            usual=tuple(map(float, given["usual"])),
            stack=_rows(given["stack"]),
            doubted_text=_bounds(given["doubted_text"]),
            doubted_title=_bounds(given["doubted_title"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{name} is no file of weights: {type(error).__name__}: {error}.") from None
    outputs = len(weights.topics) + 2
    rows = {len(row) for row in weights.stack}
    fits = len(weights.biases) == outputs and len(weights.stack) == len(weights.topics) and rows == {_STACKED}
    gates = {len(weights.gate_marks), len(weights.gate_blend), len(weights.foreign_gate)}
    if not (fits and _alike_fits(weights)) or gates != {2} or len(weights.heads) != 2 * 2 * _DIMENSIONS * outputs:
        raise ConfigError(f"{name} is damaged: its lists do not fit together.")
    return weights


def _alike_fits(weights: MeaningWeights) -> bool:
    examples, topics = len(weights.examples) // _DIMENSIONS, len(weights.topics)
    votes = 0 < len(weights.example_topics) <= examples and all(
        0 <= one < 1 << topics for one in weights.example_topics
    )
    vectors = votes and len(weights.examples) == _DIMENSIONS * examples and len(weights.center) == _DIMENSIONS
    told = len(weights.example_terms) == examples * topics and len(weights.example_says) == 2 * examples * topics
    return vectors and told and len(weights.usual) == topics


def _rows(given: list[Any]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(map(float, row)) for row in given)


def _bounds(given: list[Any]) -> tuple[float, float]:
    low, high = map(float, given)
    return low, high
