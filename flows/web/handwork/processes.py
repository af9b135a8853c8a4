"""Reruns as processes of their own, where no Prefect serves: `climate-archive rerun RUN_ID --failed`."""

import os
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import IO, Final

from msgspec import Struct

from config.settings import PREFIX, Settings

_MOST_KEPT: Final = 10
_LAST_WORDS: Final = 2000  # bytes of what it said


class RerunStanding(Struct, frozen=True, kw_only=True):
    """How a process stands."""

    run_id: int  # whose feeds it fetches again
    name: str  # who started it
    started_at: datetime
    code: int | None  # None while it works
    said: str  # its last line


class _Started(Struct, kw_only=True):
    process: "subprocess.Popen[bytes]"
    said: IO[bytes]
    run_id: int
    name: str
    started_at: datetime
    last: str = ""  # line of what it said

    def standing(self) -> RerunStanding:
        code = self.process.poll()
        if not self.said.closed:
            self.last = self._last_line()
        if code is not None:
            self.said.close()
        return RerunStanding(run_id=self.run_id, name=self.name, started_at=self.started_at, code=code, said=self.last)

    def _last_line(self) -> str:
        file = self.said.fileno()
        # The process writes where this file stands: it is read without being moved.
        words = os.pread(file, _LAST_WORDS, max(0, os.fstat(file).st_size - _LAST_WORDS))
        lines = words.decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")


class Reruns:
    """Starts such a process, one at a time, and tells how the latest ones stand."""

    def __init__(self) -> None:
        self._started: deque[_Started] = deque(maxlen=_MOST_KEPT)
        self._lock = Lock()

    def start(self, settings: Settings, run_id: int, name: str, now: datetime) -> bool:
        """Start one; tell False where another is still at work."""
        with self._lock:
            if any(one.standing().code is None for one in self._started):
                return False
            self._started.append(_begin(settings, run_id, name, now))
        return True

    def standings(self) -> list[RerunStanding]:
        """Return how the latest ones stand, the newest first."""
        with self._lock:
            return [one.standing() for one in reversed(self._started)]


def _begin(settings: Settings, run_id: int, name: str, now: datetime) -> _Started:
    said = tempfile.TemporaryFile()  # noqa: SIM115 (as long as it is asked about)
    process = subprocess.Popen(  # noqa: S603 (this very interpreter)
        [sys.executable, "-m", "flows", "rerun", str(run_id), "--failed"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=said,
        env=os.environ | _environment(settings),
        start_new_session=True,  # the end of the pages is not its end
    )
    return _Started(process=process, said=said, run_id=run_id, name=name, started_at=now)


def _environment(settings: Settings) -> Mapping[str, str]:
    """Return the archive that these pages show, in the words of the environment; the token is no business of a run."""
    url = settings.database_url
    return {
        f"{PREFIX}HOME": str(settings.home),
        f"{PREFIX}DATABASE_URL": url.revealed() if url else "",
        f"{PREFIX}WEB__TOKEN": "",
    }
