"""What a takedown leaves in files, and a terminal to confirm it on."""

import os
import pty
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text


def words_in_files(engine: Engine, home: Path, words: Iterable[str]) -> set[str]:
    """Return which words stand in any file of a data folder, or of the tables of its database."""
    folders = {home, Path(engine.url.database or "").parent} if engine.dialect.name == "sqlite" else {home}
    held = [file.read_bytes() for folder in folders for file in folder.rglob("*") if file.is_file()]
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CHECKPOINT"))
            files = "SELECT pg_read_binary_file(pg_relation_filepath(c.oid)) FROM pg_class c"
            ours = " WHERE c.relkind IN ('r', 'i', 't') AND c.relnamespace <> 'pg_catalog'::regnamespace"
            held += [bytes(file) for file in connection.scalars(text(files + ours))]
    everything = b"\n".join(held).lower()
    return {word for word in words if word.encode() in everything}


@contextmanager
def terminal() -> Iterator[tuple[int, int]]:
    """Give both ends of a terminal."""
    mine, theirs = pty.openpty()
    try:
        yield mine, theirs
    finally:
        os.close(mine)
        os.close(theirs)
