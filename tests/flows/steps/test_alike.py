"""What a story's nearest examples are about is what it is about."""

import pytest
from msgspec.structs import replace

from config.topics import load_topics
from models.learnt import MeaningWeights

np = pytest.importorskip("numpy", reason="the extra [meaning] is not installed")
alike = pytest.importorskip("flows.steps._labelling.alike")

TOPICS = ("science", "policy", "health")


def _weights(vectors, bits) -> MeaningWeights:
    known = load_topics().meaning
    assert known is not None
    width = len(vectors[0])
    packed = alike.packed(np.array(vectors, dtype=np.float32))
    return replace(known, topics=TOPICS, examples=packed, example_topics=tuple(bits), center=(0.0,) * width)


def test_the_nearest_examples_say_most():
    """An example that a story equals says all beside one that lies across; two that are as near say the same."""
    examples = alike.Examples(_weights([[1.0, 0.0], [0.0, 1.0]], [0b001, 0b110]))
    shares = examples.topics(np.array([1.0, 0.0]), np.array([1.0, 0.0]))
    assert shares == pytest.approx([1.0, 0.0, 0.0], abs=1e-5)
    assert examples.topics(np.array([1.0, 1.0]), np.array([1.0, 1.0])) == pytest.approx([0.5, 0.5, 0.5], abs=1e-3)


def test_only_the_nearest_have_a_say():
    """A hundred examples that lie far do not outvote those that lie near."""
    near, far = [[1.0, 0.01 * place] for place in range(alike.MOST)], [[0.0, 1.0]] * 100
    examples = alike.Examples(_weights(near + far, [0b010] * alike.MOST + [0b001] * 100))
    assert examples.topics(np.array([1.0, 0.1]), np.array([1.0, 0.1])) == pytest.approx([0.0, 1.0, 0.0])


def test_places_have_length_one_and_survive_packing():
    """A hundredth of a vector's length is what small integers lose."""
    vectors = np.random.default_rng(1).normal(size=(5, 512)).astype(np.float32)
    places = alike.place_of(vectors, vectors[::-1], np.zeros(512, np.float32))
    assert np.linalg.norm(places, axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    kept = alike.unit(np.frombuffer(alike.packed(places), np.int8).reshape(5, 512).astype(np.float32))
    assert np.abs((kept * places).sum(axis=1) - 1).max() < 0.01
