"""What a search says where it finds nothing, and what came near the gate."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, update

from models.stages import NEAR_MISS
from models.storage.database import write_transaction
from models.tables.keys import table_of
from models.tables.labels import ClassificationRow

Command = Callable[..., Any]


@pytest.mark.parametrize(
    ("arguments", "proposed"),
    [
        pytest.param(["nothingofthekind"], [], id="nothing near"),
        pytest.param(["wheels turned wrongly"], ["'wheels turned'  (1 story)"], id="a word less"),
        pytest.param(['"wind wheel"'], ["'wind wheel'  (1 story)"], id="words anywhere"),
        pytest.param(["methanol"], ["'methan*'  (1 story)"], id="the beginning of a word"),
        pytest.param(["wind -wheel"], ["wind  (1 story)"], id="without what is left out"),
        pytest.param(["goal"], ["goal --include-off-topic  (1 story)"], id="what is hidden"),
        pytest.param(["wind", "--topic", "science"], ["wind  (1 story, from the whole archive)"], id="not narrowed"),
        pytest.param(["--since", "2027-01-01"], ["search  (3 stories, from the whole archive)"], id="a list"),
    ],
)
def test_a_search_that_finds_nothing_says_what_would(full: Command, arguments: list[str], proposed: list[str]) -> None:
    """Only what finds something is proposed, as a command that can be typed, with what it finds."""
    answer = full("search", *arguments)
    first, *rest = answer.err.splitlines()
    assert (answer.code, answer.out) == (0, "")
    assert first.startswith("No story found.")
    assert bool(rest) == bool(proposed)
    assert all(line.endswith(end) for line, end in zip(rest, proposed, strict=False))
    assert ("These would find some:" in first) == bool(proposed)


def test_near_misses_are_listed(full: Command, engine: Engine) -> None:
    """Of what was turned away, those that came near the gate; the others only with all that is off topic."""
    labels = table_of(ClassificationRow)
    for relevance, listed in ((NEAR_MISS / 2, []), (NEAR_MISS, ["Ball"])):
        with write_transaction(engine) as connection:
            connection.execute(update(labels).where(~labels.c.is_relevant).values(relevance=relevance))
        assert [row["title"] for row in full("search", "--near-misses", "--json").document] == listed
    assert full("search", "goal", "--near-misses").out.startswith("4  Ball\n")
    assert full("search", "wind", "--near-misses").out == ""
