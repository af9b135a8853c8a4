"""What nobody foresaw, as a row of the ledger tells it: in one line, for the traceback beside it has the rest."""

from typing import Final

from models.errors import Bug
from models.stages import Problem

MAX_CHARACTERS: Final = 200


def bug_problem(error: BaseException) -> Problem:
    """Tell of a bug by its class and its first line; of one that a database met, without statement and parameters."""
    # SQLAlchemy's own words begin with the driver's and go on with the whole statement, stories' texts and all.
    cause = getattr(error, "orig", None) or error
    line = str(cause).strip().partition("\n")[0]
    return Problem(error=Bug.__name__, message=f"bug: {type(cause).__name__}: {line}"[:MAX_CHARACTERS])
