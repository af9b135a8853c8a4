"""Write a file that appears complete or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from models.errors import DiskFailed
from models.storage.whole_file import replacing


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its place when the context ends well; an older one stands until then.

    A pipe or a device is written as it is. Raise DiskFailed.
    """
    is_special = path.exists() and not path.is_file()
    try:
        if is_special:
            with path.open("wb") as out:
                yield out
        else:
            with replacing(path) as out:
                yield out
    except OSError as error:
        raise DiskFailed(f"{path} cannot be written: {error.strerror or error}.") from error
