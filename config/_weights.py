"""topic_weights.json.gz: what was learnt for the topics. `make train` writes it; docs/topics.md tells how."""

import gzip
import hashlib
import json
from functools import lru_cache
from importlib import resources
from typing import Any

from models.errors import ConfigError
from models.stages import LinearWeights

FILE_NAME = "topic_weights.json.gz"
FORMAT = 2


def load_weights() -> LinearWeights:
    """Return the weights that are installed with the program.

    Raises:
        ConfigError: The file is damaged, or another version of the program wrote it.

    """
    name = f"config/{FILE_NAME}"
    try:
        packed = resources.files("config").joinpath(FILE_NAME).read_bytes()
        return parse_weights(gzip.decompress(packed), name)
    except (OSError, EOFError) as error:
        raise ConfigError(f"{name} cannot be read: {error}; install the program again.") from None


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
            weights=tuple(map(tuple, given["weights"])),
            biases=tuple(given["biases"]),
            gate_points_factor=float(given["gate_points_factor"]),
            terms_shares=tuple(map(float, given["terms_shares"])),
            confidence=(float(given["confidence"][0]), float(given["confidence"][1])),
        )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ConfigError(f"{name} is no file of weights: {type(error).__name__}: {error}.") from None
    outputs = {len(row) for row in weights.weights} | {len(weights.biases)}
    ngrams = {len(weights.ngrams), len(weights.squares), len(weights.weights)}
    if outputs != {len(weights.topics) + 1} or len(ngrams) != 1 or len(weights.terms_shares) != len(weights.topics):
        raise ConfigError(f"{name} is damaged: its lists do not fit together.")
    return weights
