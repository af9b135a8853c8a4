"""The schema has all tables."""

from pkgutil import iter_modules

import models.tables
from models.tables import schema

_NO_TABLES = {"conventions", "indexes", "keys", "schema"}


def test_the_schema_has_every_module_of_tables():
    """One that is left out would be in no new archive."""
    found = {module.name for module in iter_modules(models.tables.__path__)} - _NO_TABLES
    assert {module.__name__.rpartition(".")[2] for module in schema.MODULES} == found
