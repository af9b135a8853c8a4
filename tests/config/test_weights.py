"""The file of learnt weights is read whole or refused with a reason."""

import json

import pytest

from config._weights import load_weights, parse_weights
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
