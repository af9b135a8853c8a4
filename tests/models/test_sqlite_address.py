"""An address names the file that it was made of."""

import pytest
from sqlalchemy import make_url

from models.errors import StorageError
from models.storage.sqlite_address import sqlite_address


@pytest.mark.parametrize("name", ["a b.db", "100%.db", "%41.db", "#1.db", "été&.db"])
def test_an_address_names_its_file(name, tmp_path):
    """Whatever signs its name holds."""
    assert make_url(sqlite_address(tmp_path / name)).database == str(tmp_path / name)


def test_a_question_mark_is_refused(tmp_path):
    """The address would end at it, and name a file beside the folder."""
    with pytest.raises(StorageError, match="holds a question mark"):
        sqlite_address(tmp_path / "a?b" / "archive.db")
