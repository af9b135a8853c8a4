"""The exit codes of the command, and which one an error or a run's report means."""

from typing import TYPE_CHECKING, Final

from models.errors import ArchiveError, ConfigError, NotFound

if TYPE_CHECKING:
    from models.reports import RunReport

EXIT_FAILED: Final = 1  # also: something was found that needs a person
EXIT_USAGE: Final = 2
EXIT_STRICT: Final = 3
EXIT_NOT_FOUND: Final = 4
EXIT_INTERRUPTED: Final = 130


def exit_code_of(error: ArchiveError) -> int:
    """Return the exit code that an error ends the command with."""
    if isinstance(error, ConfigError):
        return EXIT_USAGE
    return EXIT_NOT_FOUND if isinstance(error, NotFound) else EXIT_FAILED


def exit_code_of_run(report: "RunReport", *, strict: bool) -> int:
    """Return the exit code that a run's report ends the command with."""
    from models.reports import RunStatus  # no other command's exit needs it

    if report.status is RunStatus.FAILED:
        return EXIT_FAILED
    return EXIT_STRICT if strict and report.failed else 0
