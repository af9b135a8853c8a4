"""Bylines in which more than names stands: who did what, where, for whom, and when."""

import pytest

from tests.saved_pages import article, extracted


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        pytest.param(
            "Reporting by Ana Marsh in Paris and Bo Lund in Rome; Editing by Cy Hill",
            ("Ana Marsh", "Bo Lund"),
            id="reporters and their editor",
        ),
        pytest.param("Story by Ana Marsh, photos by Bo Lund", ("Ana Marsh",), id="who took the pictures"),
        pytest.param("Ana Marsh; Graphics and video by Bo Lund", ("Ana Marsh",), id="who drew"),
        pytest.param("Written by Ana Marsh, reviewed by Bo Lund", ("Ana Marsh",), id="who checked it"),
        pytest.param("Ana Marsh. Additional reporting by Bo Lund", ("Ana Marsh", "Bo Lund"), id="who reported too"),
        pytest.param("Edited by Ana Marsh", ("Ana Marsh",), id="an editor alone"),
        pytest.param("By Ana Marsh\nBy Bo Lund", ("Ana Marsh", "Bo Lund"), id="two bylines"),
        pytest.param("Posted by Ana Marsh", ("Ana Marsh",), id="posted"),
        pytest.param("Eine Analyse von Ana Marsh", ("Ana Marsh",), id="what it is, in German"),
        pytest.param("Propos recueillis par Ana Marsh", ("Ana Marsh",), id="an interview, in French"),
        pytest.param("Ana Marsh – Bo Lund", ("Ana Marsh", "Bo Lund"), id="a dash"),
        pytest.param("Ana Marsh - Climate reporter", ("Ana Marsh",), id="a role behind a dash"),
        pytest.param("Ana Marsh Environment editor", ("Ana Marsh",), id="a role behind a name"),
        pytest.param("Ana Marsh, New York correspondent", ("Ana Marsh",), id="a role elsewhere"),
        pytest.param("Ana Marsh, à Berlin", ("Ana Marsh",), id="a place"),
        pytest.param("Ana Marsh, Special to The Post", ("Ana Marsh",), id="for whom"),
        pytest.param("Ana Marsh | March 5, 2026", ("Ana Marsh",), id="a day"),
        pytest.param("Ana Marsh, Updated 5 March 2026 at 12:30", ("Ana Marsh",), id="a change"),
        pytest.param("Ana Marsh/dpa", ("Ana Marsh", "dpa"), id="an agency behind a stroke"),
        pytest.param("Ana Marsh Follow", ("Ana Marsh",), id="a button"),
        pytest.param("Name", (), id="the label of a field"),
    ],
)  # fmt: skip
def test_a_byline_gives_the_names_of_those_who_wrote_it(byline, authors):
    """What else it says is no part of a name, and no author."""
    assert extracted(head=article(author=byline)).authors == authors


@pytest.mark.parametrize("name", ["Toby Marsh", "L-MAG – Das Magazin", "May Lund", "Ana Marsh-By"])
def test_a_name_that_looks_like_more_stays_whole(name):
    """Words of bylines are parts of names, too."""
    assert extracted(head=article(author=name)).authors == (name,)
