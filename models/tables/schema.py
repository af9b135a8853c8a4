"""All tables of the archive."""

from importlib import import_module
from typing import Final

from models.tables.conventions import Base

_NAMES: Final = (
    "acts",
    "changes",
    "copies",
    "corrections",
    "counts",
    "documents",
    "feeds",
    "labels",
    "queues",
    "runs",
    "stories",
    "vectors",
    "watches",
)
MODULES: Final = tuple(import_module(f"models.tables.{name}") for name in _NAMES)
METADATA: Final = Base.metadata  # which the import of each has filled
