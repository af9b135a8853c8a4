"""Have SIGTERM and SIGHUP interrupt a command as Ctrl-C does: a run is closed, and nothing is left unfinished.

systemd, docker, `timeout` and a machine that is turned off send the first, a terminal that is closed the second.
"""

import os
import signal
from types import FrameType
from typing import Final, NoReturn

_ENDINGS: Final = (signal.SIGTERM, signal.SIGHUP)
_told: Final[list[int]] = []


def heed_endings() -> None:
    """Have them interrupt this process from now on; what it was started to ignore, as nohup does, it ignores."""
    for number in _ENDINGS:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _interrupt)


def heed_again() -> None:
    """Take SIGTERM back from a library that has put a handler of its own in the place of ours."""
    if signal.getsignal(signal.SIGHUP) is _interrupt:
        signal.signal(signal.SIGTERM, _interrupt)


def end_as_told() -> None:
    """End this process by the signal that interrupted it, if any: whoever sent it knows it by that."""
    if _told:
        signal.signal(_told[0], signal.SIG_DFL)
        os.kill(os.getpid(), _told[0])


def end_at_once(code: int) -> None:
    """Have who is impatient from now on, when only this process's end is left, end it without a word.

    It ends by the signal that interrupted it before, else with this exit code.
    """

    def end(_number: int, _frame: FrameType | None) -> NoReturn:
        end_as_told()
        os._exit(code)

    for number in (signal.SIGINT, *_ENDINGS):
        if callable(signal.getsignal(number)):
            signal.signal(number, end)


def was_interrupted(error: BaseException | None) -> bool:
    """Tell whether an interrupt is behind an error: a library may have caught it, and raised another in its place."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


def _interrupt(number: int, _frame: FrameType | None) -> None:
    _told.append(number)
    if callable(signal.getsignal(signal.SIGINT)):
        signal.raise_signal(signal.SIGINT)  # an event loop has its own answer to that
    else:  # in the background of a shell's script Ctrl-C is ignored
        raise KeyboardInterrupt
