"""On which database a test runs. Without one of these marks a test that asks for a database runs on both.

A test of whole nights or of commands (`tests/flows/ingest`, `tests/flows/cli`) runs on one of them, drawn by its name.
`pytest --postgresql` has every archive on PostgreSQL: of tests on both or on one, and of those that ask for no kind.
"""

from zlib import crc32

import pytest

ONE = "one"
KINDS = ("sqlite", "postgresql")

on_both = pytest.mark.on_both  # a whole night whose storage is what may differ
on_one = pytest.mark.parametrize("dialect", [ONE], indirect=True)  # what holds on both alike, and takes long
about_sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # its file is what the test is about
on_postgresql = pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)  # likewise, its server


def drawn_for(name: str) -> str:
    """Draw a kind of database for a test by its name: the same in every run, and each for about half of them."""
    return KINDS[crc32(name.encode()) % len(KINDS)]
