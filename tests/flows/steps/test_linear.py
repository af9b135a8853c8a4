"""Learnt weights are summed as a plain sum would be, and what they found is shown where it stands."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from config.topics import load_topics, parse_topics
from flows.steps._labelling.linear import LinearModel
from flows.steps.classify import Classifier
from models.stages import LinearWeights

WEIGHTS = LinearWeights(
    digest="abcdef0123456789",
    topics=("water", "sun"),
    title_factor=4,
    ngrams=("flood", "sea level", "solar", "vote", "the"),
    squares=(9000, 16000, 9000, 25000, 1000),
    weights=((9000, -3000, 6000), (16000, -4000, 4000), (-3000, 9000, 3000), (-1000, -1000, -9000), (0, 0, 0)),
    biases=(-1.0, -1.5, -0.5),
    gate_points_factor=2.0,
    terms_shares=(0.5, 0.5),
    confidence=(6.0, -2.0),
)
TAXONOMY = replace(
    parse_topics(
        "t.yaml",
        """version: 1
gate: {threshold: 4, terms: {4: [climate change]}}
topics:
  - {id: sun, name: S, definition: S, terms: {3: [solar]}}
  - {id: water, name: W, definition: W, terms: {3: [flood]}}
  - {id: party, name: P, definition: P, terms: {3: [vote]}}
""",
    ),
    weights=WEIGHTS,
)
CLASSIFIER = Classifier(TAXONOMY)
MODEL = LinearModel(WEIGHTS)
WORDS = st.lists(st.sampled_from(["flood", "sea", "level", "solar", "vote", "the", "other"]), max_size=8)


def plain(title: list[str], text: list[str]) -> list[float]:
    """Return the scores before any curve, by floating numbers and loops."""
    held: dict[int, float] = {}
    for words, factor in ((text, 1), (title, WEIGHTS.title_factor)):
        here = set(words) | {f"{first} {second}" for first, second in pairwise(words)}
        held |= {place: factor for place, ngram in enumerate(WEIGHTS.ngrams) if ngram in here}
    length = math.sqrt(sum(factor**2 * WEIGHTS.squares[place] / 1000 for place, factor in held.items())) or 1
    return [
        sum(factor * WEIGHTS.weights[place][lane] / 1000 for place, factor in held.items()) / length + bias
        for lane, bias in enumerate(WEIGHTS.biases)
    ]


@given(WORDS, WORDS)
def test_packed_sums_are_plain_sums(title, text):
    """One long integer holds all weights of an n-gram, and none borrows from its neighbour."""
    scores = MODEL.score(MODEL.numbers(title), MODEL.numbers(text))
    *topics, gate = plain(title, text)
    assert scores.topics == pytest.approx([1 / (1 + math.exp(-one)) for one in topics])
    assert scores.gate == pytest.approx(gate)


def test_the_largest_sums_fit_their_lanes():
    """At the very edge neighbours stay apart, and weights beyond it are refused."""
    most = (2**31 - 1) // WEIGHTS.title_factor
    edge = replace(WEIGHTS, ngrams=("flood",), squares=(10**15,), weights=((most, -most, most),))
    size = WEIGHTS.title_factor * most / 1000 / math.sqrt(WEIGHTS.title_factor**2 * 10**15 / 1000)
    scores = LinearModel(edge).score([1], [1])
    assert scores.topics == pytest.approx([1 / (1 + math.exp(1 - size)), 1 / (1 + math.exp(1.5 + size))])
    assert scores.gate == pytest.approx(size - 0.5)
    with pytest.raises(AssertionError, match="too large"):
        LinearModel(replace(edge, weights=((0, most + 1, 0),)))


def test_a_topic_that_the_terms_miss_is_found_by_what_was_learnt():
    """And a topic that was never learnt stands on its terms."""
    assert CLASSIFIER.classify("Sea levels rise", "").topics[0].id == "water"
    assert CLASSIFIER.classify("A vote", "").topics[0].id == "party"


def test_evidence_names_the_learnt_ngrams_where_they_stand():
    """A pair of words is cut out of the text with what stands between them."""
    title, text = "News", "Now the sea sees: Sea-Levels rise."
    (found,) = [one for one in CLASSIFIER.classify(title, text).topics[0].evidence if one.kind == "ngram"]
    assert (found.term, found.field, found.weight) == ("sea level", "lead", 16.0)
    assert text[found.start : found.end] == "Sea-Levels"


def test_a_pair_is_found_behind_its_first_word_alone():
    """And a word that only a pair knows says nothing by itself."""
    title, text = "News", "Sea and level, the sea, the sea level, sea"
    (found,) = [one for one in CLASSIFIER.classify(title, text).topics[0].evidence if one.kind == "ngram"]
    assert (found.start, found.end) == (text.index("sea level"), text.index("sea level") + len("sea level"))
    alone, other = (MODEL.score([], MODEL.numbers(words)) for words in (["sea", "and", "level"], ["other"]))
    assert (alone.topics, alone.gate) == (other.topics, other.gate)


def test_evidence_prefers_the_title_and_knows_the_body():
    """Terms stand before n-grams."""
    story = CLASSIFIER.classify("Solar and floods", "word " * 150 + "flood, sea level")
    (water,) = [topic for topic in story.topics if topic.id == "water"]
    assert [(one.kind, one.term, one.field) for one in water.evidence] == [
        ("term", "flood", "title"),
        ("term", "flood", "body"),
        ("ngram", "sea level", "body"),
        ("ngram", "flood", "title"),
    ]


def test_the_terms_points_and_the_words_open_the_gate_together():
    """Either alone may not be enough, and words may close it."""
    about = [
        CLASSIFIER.classify(title, text).is_relevant
        for title, text in (
            ("", "Climate change"),
            ("Other", "news"),
            ("Vote, vote", ""),
            ("Flood", ""),
        )
    ]
    assert about == [True, False, False, True]


def test_each_topic_has_its_own_share_of_the_terms():
    """Where the terms have all of it, what was learnt says nothing."""
    terms_alone = Classifier(replace(TAXONOMY, weights=replace(WEIGHTS, terms_shares=(1.0, 0.0))))
    assert terms_alone.strengths("Solar", "Sea levels rise") == {
        "water": 0.0,
        "sun": pytest.approx(MODEL.score(MODEL.numbers(["Solar"]), MODEL.numbers(["Sea", "levels", "rise"])).topics[1]),
    }


def test_the_version_names_the_weights():
    """Labels by other weights are other labels."""
    assert "-abcdef01-" in CLASSIFIER.version
    assert Classifier(replace(TAXONOMY, weights=None)).version != CLASSIFIER.version


def test_hostile_words_do_not_fill_the_memory():
    """A word that is longer than any is scored and not remembered."""
    model = LinearModel(WEIGHTS)
    long = "X" * 100_000
    unknown, known = model.numbers([long, "Floods"])
    assert (unknown, [known]) == (0, model.numbers(["flood"]))
    assert long not in model._numbers


def test_the_installed_weights_fit_the_installed_topics():
    """Every topic of the taxonomy was learnt, and no n-gram is longer than two words."""
    taxonomy = load_topics()
    assert taxonomy.weights is not None
    assert set(taxonomy.weights.topics) == {topic.id for topic in taxonomy.topics if topic.terms}
    assert max(len(ngram.split()) for ngram in taxonomy.weights.ngrams) == 2
    assert len(taxonomy.weights.ngrams) <= 12_000
