"""The three standard streams, which every part of the program takes for granted."""

import os
import sys
from typing import Final

_MODES: Final = {"stdin": "r", "stdout": "w", "stderr": "w"}  # in the order of their numbers


def open_closed_streams() -> None:
    """Open the null device for each that the process was started without, as some schedulers do.

    Else the next file that is opened, a lock or a document, has its number, and what a child says is written into it.
    """
    for number, (name, mode) in enumerate(_MODES.items()):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 (as long as it runs)
