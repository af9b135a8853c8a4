"""A folder that appears whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import ConfigError, DiskFailed


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give a folder to fill that takes its place when the context ends well. Raise DiskFailed.

    Raise ConfigError where something stands there already: nothing is written over.
    """
    path = path.resolve()
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise ConfigError(f"{path} is there already: name a folder that is not, or an empty one.")
        unfinished.mkdir(parents=True)
        yield unfinished
        unfinished.replace(path)
    except OSError as error:
        raise DiskFailed(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
