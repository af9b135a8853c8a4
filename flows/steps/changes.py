"""Compare texts: what a revision corrected."""

from typing import Final

from flows.steps._changes.kinds import corrections_between

CORRECTION_RULES: Final = "1"  # raise it when corrections are told otherwise: all of them are then read again

__all__ = ["CORRECTION_RULES", "corrections_between"]
