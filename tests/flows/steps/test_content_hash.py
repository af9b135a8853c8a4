"""What decides a revision: the hash of a title and a text, and the length by which texts compare."""

import pytest

from flows.steps.clean import content_hash, weighted_length

STAMPS = [
    "Updated 12 November 2024 10:33",
    "Published: Tue, Nov 12, 2024 at 10:33 a.m. GMT",
    "12.11.2024, 10:33 Uhr",
    "2024-11-12 10:33",
    "Mis à jour le 12 novembre 2024 à 10h33",
    "Publicado el 12 de noviembre de 2024",
    "Обновлено 12 ноября 2024 в 10:33",
    "更新 2024年11月12日 10:33",
    "3 min read",
    "12 comments",
    "1,024 shares",
    "5 minutes ago",
]


@pytest.mark.parametrize("stamp", STAMPS)
def test_stamps_and_counters_make_no_revision(stamp):
    """A line that is only a time or a count changes no hash."""
    assert content_hash("T", f"{stamp}\n\nBody.") == content_hash("T", "Body.")


@pytest.mark.parametrize(
    "line",
    ["2024 | 1.54", "- 12 March 2024", "457", "1.54 degrees above", "In 2024 the sea rose by 3 cm", "Updated plans"],
)
def test_figures_of_the_story_do_make_one(line):
    """A line that tells something, if only a figure, is part of the hash."""
    assert content_hash("T", f"{line}\n\nBody.") != content_hash("T", "Body.")


def test_white_space_and_composition_make_no_revision():
    """The hash does not see how a text is broken into lines nor how its accents are encoded."""
    assert content_hash("Café", "a b\n\nc") == content_hash("Cafe\u0301", "a  b c")
    assert content_hash("T a", "b") != content_hash("T", "a b")


def test_a_chinese_character_counts_two_and_a_half():
    """The length is in letters' worth, white space once."""
    assert weighted_length("ab  c") == 4
    assert weighted_length("中文 ab") == 2 * 2.5 + 3
    assert weighted_length("") == 0
