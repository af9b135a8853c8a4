"""Files as a whole: read where they are ordinary and not too large, written beside their place and renamed over it."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class NotOrdinaryError(OSError):
    """Raised for a file that is not read whole: too large, or a device or a pipe, which may never end."""


def read_ordinary(path: Path, max_bytes: int) -> bytes:
    """Read a file of at most so many bytes. Raise OSError, of which NotOrdinaryError tells what is not read."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise NotOrdinaryError(errno.EINVAL, "it is no ordinary file", str(path))
        body = file.read(max_bytes + 1)
    if len(body) > max_bytes:
        raise NotOrdinaryError(errno.EFBIG, f"it is larger than {max_bytes // 1_000_000} MB", str(path))
    return body


@contextmanager
def replacing(path: Path, *, owner_only: bool = False) -> Iterator[BinaryIO]:
    """Open a file that takes its place when the context ends well, with the older one's permissions.

    Until then, and where the context ends by an error, the older one stands. With owner_only, nobody else can read the
    new one at any moment. A link stays a link, to the new file. Raise OSError.
    """
    path = path.resolve()
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        with _created(unfinished, 0o600 if owner_only else 0o666) as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        if path.exists() and not owner_only:
            unfinished.chmod(path.stat().st_mode & 0o777)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def replace_text(path: Path, text: str, *, owner_only: bool = False) -> None:
    """Write a text over a file, whole or not at all. Raise OSError."""
    with replacing(path, owner_only=owner_only) as out:
        out.write(text.encode())


def _created(path: Path, mode: int) -> BinaryIO:
    path.unlink(missing_ok=True)
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode))
