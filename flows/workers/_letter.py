"""What a process is told when it starts, in a file without a name.

The pipe by which a process is started holds 64 kB. One that is killed before it has read more than that would keep its
parent writing for ever, and with it the night.
"""

import bz2
import os
import pickle
import sys
import tempfile
from collections.abc import Callable
from multiprocessing.reduction import DupFd
from typing import Any

from models.errors import WorkersFailed


class Letter:
    """A value of any size on its way to processes that are started; only its handle goes through their pipes.

    Raise WorkersFailed where it cannot be written: a limit of file sizes binds files without a name too.
    """

    def __init__(self, content: object) -> None:
        # A third of the size: within any limit that an archive could live with.
        written = bz2.compress(pickle.dumps(content))
        try:
            self._file = _nameless_file()
        except OSError as error:
            raise _unwritten(error) from error
        try:
            with open(self._file, "wb", closefd=False) as file:
                file.write(written)
        except OSError as error:
            self.close()
            raise _unwritten(error) from error

    def __reduce__(self) -> tuple[Callable[[Any], "Letter"], tuple[Any]]:
        """Let a process that is being started inherit the file."""
        return _received, (DupFd(self._file),)

    def read(self) -> Any:  # noqa: ANN401 (whatever was put in)
        """Return the value, as often as it is asked for."""
        # Not by the file's position, which all processes share.
        written = os.pread(self._file, os.fstat(self._file).st_size, 0)
        return pickle.loads(bz2.decompress(written))  # noqa: S301 (our own bytes)

    def close(self) -> None:
        """Give the file up."""
        os.close(self._file)


def _unwritten(error: OSError) -> WorkersFailed:
    return WorkersFailed(f"The processes that parse cannot start: what they are told cannot be written: {error}.")


def _received(handle: Any) -> Letter:  # noqa: ANN401 (multiprocessing's own)
    letter = Letter.__new__(Letter)
    letter._file = handle.detach()  # noqa: SLF001 (its own class)
    return letter


def _nameless_file() -> int:
    if sys.platform == "linux":
        return os.memfd_create("climate-archive")  # a full disk is no matter to it
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
