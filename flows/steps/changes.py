"""Compare texts: what a revision corrected."""

from flows.steps._changes.kinds import corrections_between

__all__ = ["corrections_between"]
