"""What the ledger says of a bug: one line, and nothing of what was to be written."""

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError

from flows.runs.bugs import MAX_CHARACTERS, bug_problem
from models.storage.database import write_transaction
from models.tables.labels import TopicRow


def test_a_bug_that_a_database_met_is_told_without_the_statement(engine: Engine) -> None:
    """Neither the statement nor its parameters, which are people's texts, stand in the reason."""
    row = insert(TopicRow).values(id="sea", name="The words of a story", definition="", is_active=True)
    with write_transaction(engine) as connection:
        connection.execute(row)
    with pytest.raises(IntegrityError, match="The words of a story") as caught, write_transaction(engine) as connection:
        connection.execute(row)
    problem = bug_problem(caught.value)
    assert problem.error == "Bug"
    assert problem.message.startswith(f"bug: {type(caught.value.orig).__name__}: ")
    for words in ("INSERT", "The words of a story", "\n"):
        assert words not in problem.message


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param("nobody thought of this", "bug: ValueError: nobody thought of this", id="one line"),
        pytest.param("first\nsecond", "bug: ValueError: first", id="several lines"),
        pytest.param("", "bug: ValueError: ", id="nothing"),
        pytest.param("x" * 1000, "bug: ValueError: " + "x" * (MAX_CHARACTERS - 17), id="a long line"),
    ],
)
def test_a_bug_is_told_in_one_short_line(said: str, reason: str) -> None:
    """The traceback beside it has the rest."""
    assert bug_problem(ValueError(said)).message == reason
