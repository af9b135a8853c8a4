"""What a revision corrected, over a table of made edits."""

from collections import Counter

import pytest

from flows.steps.changes import corrections_between
from models.corrections import Correction, CorrectionKind, Revised
from tests.flows.steps.correction_cases import ARTICLES, EDITS, Edit


def compare(before: str, after: str, titles: tuple[str, str] = ("", "")) -> list[Correction]:
    """Return the corrections between two texts."""
    revised = Revised(title_before=titles[0], title_after=titles[1], text_before=before, text_after=after)
    return corrections_between(revised)


def kinds_of(edit: Edit) -> set[str]:
    """Return the kinds that are found in an edit."""
    found = compare(*edit.texts)
    return {one.kind.value if one.sentence_before or one.sentence_after else "none" for one in found}


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit.language}: {edit.after[-50:]}")
def test_an_edit_is_of_its_kind(edit: Edit) -> None:
    """A row of the table."""
    assert kinds_of(edit) == set(edit.kinds)


def test_the_kinds_are_right_where_they_are_told() -> None:
    """Of the corrections told of a kind, and of those there are, nineteen in twenty are right, kind by kind."""
    told, right, there = Counter[str](), Counter[str](), Counter[str]()
    for edit in EDITS:
        found = kinds_of(edit)
        told.update(found)
        there.update(edit.kinds)
        right.update(found & set(edit.kinds))
    for kind in CorrectionKind:
        if there[kind]:
            assert right[kind] >= 0.95 * told[kind], kind
            assert right[kind] >= 0.95 * there[kind], kind


def test_a_number_has_its_unit_and_its_sentence() -> None:
    """The very words before and after, and the sentence in which they stand."""
    edit = EDITS[0]
    (one,) = compare(*edit.texts)
    assert (one.before, one.after, one.unit) == ("1.54 degrees Celsius", "1.5 degrees Celsius", "°C")
    assert (one.sentence_before, one.sentence_after) == (edit.before, edit.after)


@pytest.mark.parametrize(
    ("after", "unit"),
    [
        ("€3 million", "€"),
        ("3 percent", "%"),
        ("3 per cent", "%"),
        ("3 mm", "mm"),
        ("3 tonnes", "tonnes"),
        ("3 boats", "boats"),
    ],
)
def test_units(after: str, unit: str) -> None:
    """As signs, as words, and whatever is counted."""
    (one,) = compare(f"It was {after.replace('3', '8')} of it all.", f"It was {after} of it all.")
    assert (one.kind, one.unit) == (CorrectionKind.NUMBER, unit)


def test_a_headline_is_told_beside_its_number() -> None:
    """A number in a headline is both."""
    found = compare("Same text.", "Same text.", ("Storm kills 12 in the bay", "Storm kills 14 in the bay"))
    assert [(one.kind.value, one.before, one.after) for one in found] == [
        ("number", "12", "14"),
        ("headline", "Storm kills 12 in the bay", "Storm kills 14 in the bay"),
    ]


def test_several_edits_are_several_corrections() -> None:
    """The gravest first."""
    before = ARTICLES["en"].format("Some 1,200 homes were flooded. The report was written by Carl Weiss.")
    after = ARTICLES["en"].format(
        "Some 2,100 homes were flooded. The report was written by Karl Weiss. The river is to be watched by night."
    )
    found = [one.kind.value for one in compare(before, after + "\n\nCorrection: the figures were mended.")]
    assert found == ["notice", "number", "name", "addition"]


def test_a_sentence_that_moved_is_no_correction() -> None:
    """Nor is another text in the place of one: it lines up with nothing."""
    (moved,) = compare("The wall is low. The sea is high. It rains.", "The sea is high. The wall is low. It rains.")
    assert (moved.kind, moved.sentence_before) == (CorrectionKind.WORDING, "")
    other = "Trains stop. Nobody knows why. Snow falls on the line. Buses run. Tea is free."
    (another,) = compare(ARTICLES["en"].format("The gates held."), other)
    assert (another.kind, another.sentence_before) == (CorrectionKind.WORDING, "")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a. " * 30_000, id="sentences"),
        pytest.param("1" * 50_000, id="one number"),
        pytest.param("1,2." * 20_000, id="points and commas"),
        pytest.param("“" * 40_000, id="quotes"),
        pytest.param("Aa " * 40_000, id="names"),
        pytest.param("一二" * 30_000, id="numerals"),
        pytest.param("this article " * 10_000, id="nearly notices"),
    ],
)
def test_hostile_texts_are_compared_in_bounds(text: str) -> None:
    """However long and however alike."""
    assert compare(text, text[1:] + " It ends. 5 km.")
