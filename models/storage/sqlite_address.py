"""The address of an SQLite file."""

from pathlib import Path

from models.errors import StorageError


def sqlite_address(path: Path) -> str:
    """Give the address that names the file at path, and no other. Raise StorageError where none can."""
    if "?" in str(path):
        raise StorageError(f"{path} holds a question mark, where an SQLite address ends: choose another.")
    return f"sqlite:///{path}"
