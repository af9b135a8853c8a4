"""The file of learnt weights is read whole or refused with a reason."""

import gzip
import json
from pathlib import Path

import pytest

import config
from config._weights import MEANING_FILE_NAME, load_weights, parse_meaning, parse_weights
from models.errors import ConfigError

CONTENT = {
    "format": 2,
    "topics": ["a"],
    "title_factor": 4,
    "ngrams": ["x", "x y"],
    "squares": [1, 2],
    "weights": [[1, 2], [3, 4]],
    "biases": [0.1, 0.2],
    "gate_points_factor": 1,
    "terms_shares": [0.5],
    "confidence": [1, 0],
}


def test_the_digest_is_that_of_the_content():
    """The same content is the same weights, whoever packed it."""
    first, second = (parse_weights(json.dumps(CONTENT, indent=indent).encode(), "w") for indent in (None, 1))
    assert first.ngrams == second.ngrams == ("x", "x y")
    assert first.digest != second.digest
    assert load_weights().digest == load_weights().digest


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"format": 9}, "has format 9", id="another format"),
        pytest.param({"topics": None}, "no file of weights", id="no topics"),
        pytest.param({"confidence": [1]}, "no file of weights", id="half a curve"),
        pytest.param({"weights": [[1, 2], [3]]}, "do not fit together", id="a weight missing"),
        pytest.param({"weights": [[1, 2], [3, 0.5]]}, "no file of weights", id="half a thousandth"),
        pytest.param({"weights": [[1, 2], [3, 1 << 31]]}, "no file of weights", id="a weight that fits no lane"),
        pytest.param({"squares": [1]}, "do not fit together", id="a square missing"),
        pytest.param({"terms_shares": []}, "do not fit together", id="a share missing"),
        pytest.param({"biases": [1]}, "do not fit together", id="a bias missing"),
    ],
)
def test_a_damaged_file_is_refused(change, reason):
    """Labels by half of the weights would be wrong without a sign of it."""
    with pytest.raises(ConfigError, match=reason):
        parse_weights(json.dumps(CONTENT | change).encode(), "w")


def test_what_is_no_json_is_refused():
    """It is named as what it is not."""
    with pytest.raises(ConfigError, match="w is no file of weights"):
        parse_weights(b"{", "w")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"format": 3}, "has format 3", id="another format"),
        pytest.param({"stack": None}, "no file of weights", id="no stack"),
        pytest.param({"heads": "é"}, "no file of weights", id="heads that are not packed"),
        pytest.param({"biases": [1]}, "do not fit together", id="a bias missing"),
        pytest.param({"foreign_gate": [0]}, "do not fit together", id="one gate"),
        pytest.param({"example_topics": []}, "do not fit together", id="no example that votes"),
        pytest.param(
            {"example_topics": [1 << 80]}, "do not fit together", id="an example of a topic that there is not"
        ),
        pytest.param({"example_topics": [-1]}, "do not fit together", id="an example of a negative number"),
        pytest.param({"center": [0]}, "do not fit together", id="a center of another width"),
        pytest.param({"example_terms": ""}, "do not fit together", id="examples without terms"),
        pytest.param({"example_says": ""}, "do not fit together", id="examples that say nothing"),
        pytest.param({"usual": [0.5]}, "do not fit together", id="a topic without its usual share"),
    ],
)
def test_damaged_weights_of_the_meaning_are_refused(change, reason):
    """As those of the words are."""
    content = json.loads(gzip.decompress((Path(config.__file__).parent / MEANING_FILE_NAME).read_bytes()))
    parse_meaning(json.dumps(content).encode(), "m")
    with pytest.raises(ConfigError, match=reason):
        parse_meaning(json.dumps(content | change).encode(), "m")
