"""topics.yaml is read strictly, and its own examples are labelled as they should be."""

import pytest

from config.topics import load_topics, parse_topics
from flows.steps.classify import Classifier
from models.errors import ConfigError
from models.stages import GENERAL_TOPIC, Term, Topic

TOPIC_IDS = [
    "science",
    "extreme-weather",
    "policy",
    "negotiations",
    "finance",
    "clean-energy",
    "fossil-fuels",
    "transport",
    "industry-buildings",
    "food-land",
    "nature-water",
    "adaptation",
    "health",
    "justice-activism",
    "business-tech",
    "media-society",
    "general",
]

TEXT = """version: 2
gate:
  threshold: 4
  terms:
    4: [climate change, decarboni*]
  negatives:
    5: [Miami Heat]
topics:
  - id: flood
    name: Floods
    definition: Too much water.
    examples: [A flood came]
    terms:
      3: [flood, EPA]
      0.5: ["yes", 100 billion]
"""


def test_the_taxonomy_that_is_installed_has_the_sixteen_topics_and_general():
    """Ids are stable: stories carry them for good."""
    taxonomy = load_topics()
    assert [topic.id for topic in taxonomy.topics] == TOPIC_IDS
    assert all(topic.name and topic.definition and topic.terms for topic in taxonomy.topics[:-1])
    assert taxonomy.topics[-1].terms == ()
    assert taxonomy.gate.negatives


_CLASSIFIER = Classifier(load_topics())


@pytest.mark.parametrize(
    ("topic_id", "example"),
    [
        pytest.param(topic.id, example, id=f"{topic.id}: {example}")
        for topic in load_topics().topics
        for example in topic.examples
    ],
)
def test_each_example_gets_its_topic_first(topic_id, example):
    """A topic is described by sentences that it must be given to."""
    assert _CLASSIFIER.classify(example, "").topics[0].id == topic_id


def test_each_topic_has_examples():
    """Two sentences a topic, none for the built-in one."""
    assert {topic.id for topic in load_topics().topics if len(topic.examples) >= 2} == set(TOPIC_IDS) - {GENERAL_TOPIC}


def test_terms_are_read_with_their_weight_and_kind():
    """A star is a prefix, a capital binds the case, and YAML's own ideas of yes and numbers do not count."""
    taxonomy = parse_topics("t.yaml", TEXT)
    assert taxonomy.version == 2
    assert taxonomy.gate.threshold == 4
    assert taxonomy.gate.terms == (
        Term(text="climate change", weight=4),
        Term(text="decarboni", weight=4, is_prefix=True),
    )
    assert taxonomy.gate.negatives == (Term(text="Miami Heat", weight=5, is_case_sensitive=True),)
    assert taxonomy.topics[0] == Topic(
        id="flood",
        name="Floods",
        definition="Too much water.",
        examples=("A flood came",),
        terms=(
            Term(text="flood", weight=3),
            Term(text="EPA", weight=3, is_case_sensitive=True),
            Term(text="yes", weight=0.5),
            Term(text="100 billion", weight=0.5),
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        pytest.param("Too much water", "Water", False, id="a definition reworded"),
        pytest.param("A flood came", "The flood came", False, id="another example"),
        pytest.param("3: [flood", "2: [flood", True, id="a weight changed"),
        pytest.param("climate change", "climate changes", True, id="a gate term changed"),
        pytest.param("threshold: 4", "threshold: 5", True, id="the threshold moved"),
        pytest.param("id: flood", "id: floods", True, id="an id changed"),
    ],
)
def test_the_digest_changes_with_what_decides_a_label(old, new, changes):
    """And with nothing else: rewording an explanation makes no new classifier version."""
    before, after = parse_topics("t.yaml", TEXT), parse_topics("t.yaml", TEXT.replace(old, new, 1))
    assert (before.digest != after.digest) == changes


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        pytest.param("version: 2", "version: two", 1, "version must be a whole number", id="version in words"),
        pytest.param("version: 2\n", "", 1, "the file lacks 'version'", id="no version"),
        pytest.param("version: 2", "version: 2\nextra: 1", 2, "unknown key 'extra'", id="an unknown key"),
        pytest.param("threshold: 4", "treshold: 4", 3, "did you mean 'threshold'?", id="the threshold misspelt"),
        pytest.param("threshold: 4", "threshold: high", 3, "threshold must be a number", id="threshold in words"),
        pytest.param("threshold: 4", "threshold: 0", 3, "above 0", id="a threshold of nothing"),
        pytest.param("4: [climate", "4: [climate change, climate", 5, "twice", id="a gate term given twice"),
        pytest.param("3: [flood", "big: [flood", 14, "weight must be a number, not 'big'", id="a weight in words"),
        pytest.param("3: [flood", "-3: [flood", 14, "above 0", id="a negative weight"),
        pytest.param("3: [flood", "nan: [flood", 14, "above 0", id="a weight that is no number"),
        pytest.param("3: [flood", "[3]: [flood", 14, "weight must be a number", id="a list for a weight"),
        pytest.param("0.5: [", "3.0: [", 15, "the weight 3.0 twice", id="a weight given twice"),
        pytest.param("3: [flood, EPA]", "3: flood", 14, "must be a list", id="one term without a list"),
        pytest.param(TEXT[TEXT.rindex("terms:") :], "terms: [flood]\n", 13, "under their weight", id="no weights"),
        pytest.param("flood, EPA", "fl*od, EPA", 14, "star that is not at its end", id="a star inside"),
        pytest.param("flood, EPA", "fl*, EPA", 14, "needs at least 3 letters", id="a prefix too short"),
        pytest.param("flood, EPA", "'!', EPA", 14, "no letter", id="a term of punctuation"),
        pytest.param("flood, EPA", "a b c d e f g h i", 14, "longer than 8 words", id="a term too long"),
        pytest.param("flood, EPA", "{a: b}, EPA", 14, "term must be a text", id="a mapping for a term"),
        pytest.param("id: flood", "id: Flood!", 9, "id must be up to 64", id="a bad id"),
        pytest.param("id: flood", "id: general", 9, "is built in", id="the built-in id"),
        pytest.param("    name: Floods\n", "", 9, "topic 'flood' lacks 'name'", id="no name"),
        pytest.param("examples: [A", "examples: [[A", 13, "not YAML", id="broken YAML"),
        pytest.param("examples: [A flood came]", "examples: [[]]", 12, "example must be a text", id="an empty example"),
        pytest.param(
            "    name: Floods", "    name: Floods\n    id: b", 11, "the key 'id' twice", id="a key given twice"
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(old, new, line, reason):
    """Each mistake is one sentence with file, line and what is wrong."""
    assert old in TEXT
    with pytest.raises(ConfigError) as caught:
        parse_topics("t.yaml", TEXT.replace(old, new, 1))
    found = [mistake for mistake in str(caught.value).splitlines() if reason in mistake]
    assert found
    assert found[0].startswith(f"t.yaml:{line}: ")


def test_two_topics_cannot_share_an_id():
    """The second one is named, with the line of the first."""
    double = TEXT + "  - {id: flood, name: F, definition: F, terms: {1: [x]}}\n"
    with pytest.raises(ConfigError, match=r"t\.yaml:16: topic 'flood' has the id of the topic at line 9"):
        parse_topics("t.yaml", double)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(
            "version: 1\ngate: {threshold: 1, terms: {1: [x]}}\ntopics: []\n", "describes no topic", id="empty"
        ),
        pytest.param("version: 1\ngate: 5\ntopics: 5\n", "topics must be a list", id="numbers for everything"),
        pytest.param("version: 1\n", "lacks 'gate'", id="a version alone"),
    ],
)
def test_a_taxonomy_without_topics_is_a_mistake(text, reason):
    """Nothing could be labelled by it."""
    with pytest.raises(ConfigError, match=reason):
        parse_topics("t.yaml", text)
