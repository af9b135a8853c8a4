"""What the examples that a story is like are about is what it is about."""

import pytest
from msgspec.structs import replace

from config.topics import load_topics
from models.learnt import MeaningWeights

np = pytest.importorskip("numpy", reason="the extra [meaning] is not installed")
alike = pytest.importorskip("flows.steps._labelling.alike")

TOPICS = ("science", "policy", "health")


def _weights(vectors, bits, terms=None, says=None) -> MeaningWeights:
    known = load_topics().meaning
    assert known is not None
    width, nothing = len(vectors[0]), np.zeros((len(vectors), len(TOPICS)))
    return replace(
        known,
        topics=TOPICS,
        examples=alike.packed(np.array(vectors, dtype=np.float32)),
        example_topics=tuple(bits),
        center=(0.0,) * width,
        example_terms=np.rint(alike.TERM_STEPS * (nothing if terms is None else np.array(terms)))
        .astype("u1")
        .tobytes(),
        example_says=(nothing if says is None else np.array(says)).astype("<f2").tobytes(),
        usual=(0.25, 0.25, 0.25),
    )


def _topics(examples, vector) -> list[float]:
    return list(examples.topics(examples.likeness(np.array(vector), np.array(vector))))


def test_the_nearest_examples_say_most():
    """An example that a story equals says all beside one that lies across; two that are as near say the same."""
    examples = alike.Examples(_weights([[1.0, 0.0], [0.0, 1.0]], [0b001, 0b110]))
    assert _topics(examples, [1.0, 0.0]) == pytest.approx([1.0, 0.0, 0.0], abs=1e-5)
    assert _topics(examples, [1.0, 1.0]) == pytest.approx([0.5, 0.5, 0.5], abs=1e-3)


def test_those_that_only_teach_the_regression_have_no_vote():
    """Examples behind those whose topics are kept add what they say, however near they lie, and vote on nothing."""
    says = [[0.0, 0.0, 0.0], [0.0, 0.5, 0.0]]
    examples = alike.Examples(_weights([[0.0, 1.0], [1.0, 0.0]], [0b001], says=says))
    assert _topics(examples, [1.0, 0.0]) == pytest.approx([1.0, 0.0, 0.0])
    likeness = examples.likeness(np.array([1.0, 0.0]), np.array([1.0, 0.0]))
    _, policy, health = examples.regressed(likeness, [0.0, 0.0, 0.0])
    assert policy > 0.7
    assert health == pytest.approx(0.25)


def test_only_the_nearest_have_a_say():
    """A hundred examples that lie far do not outvote those that lie near."""
    near, far = [[1.0, 0.01 * place] for place in range(alike.MOST)], [[0.0, 1.0]] * 100
    examples = alike.Examples(_weights(near + far, [0b010] * alike.MOST + [0b001] * 100))
    assert _topics(examples, [1.0, 0.1]) == pytest.approx([0.0, 1.0, 0.0])


@pytest.mark.parametrize(
    ("vector", "terms", "first"),
    [
        pytest.param([1.0, 0.0], [0.0, 0.0, 0.0], "science", id="one that means the same says most"),
        pytest.param([1.0, 1.0], [0.0, 0.0, 1.0], "health", id="of two that mean as like, one with the same terms"),
        pytest.param([1.0, 1.0], [1.0, 0.0, 0.0], "science", id="and the other, with its own"),
    ],
)
def test_the_regression_hears_meaning_and_terms(vector, terms, first):
    """Each example adds what it says, the more the more alike it is; none takes what is usual away."""
    says = [[0.3, 0.0, 0.0], [0.0, 0.0, 0.3]]
    examples = alike.Examples(_weights([[1.0, 0.0], [0.0, 1.0]], [0b001, 0b100], [[1, 0, 0], [0, 0, 1]], says))
    likeness = examples.likeness(np.array(vector), np.array(vector))
    found = dict(zip(TOPICS, examples.regressed(likeness, terms), strict=True))
    assert max(found, key=found.__getitem__) == first
    assert found["policy"] == pytest.approx(0.25)


def test_the_regression_gives_probabilities():
    """However loudly the examples speak."""
    examples = alike.Examples(_weights([[1.0, 0.0]], [0b001], says=[[9.0, -9.0, 0.0]]))
    found = examples.regressed(examples.likeness(np.array([1.0, 0.0]), np.array([1.0, 0.0])), [0.0, 0.0, 0.0])
    assert found == pytest.approx([0.99, 0.01, 0.25])


def test_places_have_length_one_and_survive_packing():
    """A hundredth of a vector's length is what small integers lose."""
    vectors = np.random.default_rng(1).normal(size=(5, 512)).astype(np.float32)
    places = alike.place_of(vectors, vectors[::-1], np.zeros(512, np.float32))
    assert np.linalg.norm(places, axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    kept = alike.unit(np.frombuffer(alike.packed(places), np.int8).reshape(5, 512).astype(np.float32))
    assert np.abs((kept * places).sum(axis=1) - 1).max() < 0.01
