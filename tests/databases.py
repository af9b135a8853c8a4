"""On which database a test runs. Without one of these marks a test that asks for a database runs on both.

`pytest --postgresql` has every archive on PostgreSQL: of tests on both or on one, and of those that ask for no kind.
"""

import pytest

ONE = "one"
KINDS = ("sqlite", "postgresql")

on_one = pytest.mark.parametrize("dialect", [ONE], indirect=True)  # what holds on both alike, and takes long
about_sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # its file is what the test is about
on_postgresql = pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)  # likewise, its server
