"""The error tree. Each leaf knows by its branch whether a retry can help.

ArchiveError
├── Transient                 a retry may help
│   ├── ConnectFailed         refused, reset, closed early
│   ├── TemporaryDnsFailure   the resolver could not answer now
│   ├── TimedOut              one of the deadlines passed
│   └── TryLater              408, 425, 429, 5xx; may carry Retry-After
│       └── LeftAlone         not asked in this run: its host asked for patience, or silence cost too much
├── Permanent                 the same request would fail again
│   ├── HttpRefused           any other 4xx, or a status that is none
│   ├── UnknownHost           no such name
│   ├── TlsFailed             a certificate or handshake that cannot be trusted
│   ├── AddressRefused        the address is private, the scheme or the URL is not allowed
│   ├── RedirectFailed        loop, too many hops, no Location
│   ├── TooLarge              over the cap, declared or decoded
│   ├── RobotsDenied          robots.txt says no
│   ├── BadResponse           not HTTP, or a body that cannot be decoded
│   ├── NotAFeed              parsed, and it is something else
│   ├── WorkerKilled          a parser ran out of its time or memory
│   └── Bug                   anything unforeseen: our fault, recorded with its traceback
├── ConfigError               a setting or a file of config/ is wrong (exit 2)
├── StorageError              the database or the disk cannot serve (exit 1)
│   ├── DatabaseUnreachable
│   ├── DatabaseNewerThanCode
│   ├── DiskFailed            full or read-only
│   └── DocumentDamaged       a stored document is not what its digest says
├── WorkersFailed             the processes that parse cannot start (exit 1)
├── LockHeld                  somebody else works on this archive (exit 1)
├── RunEnded                  the run is closed, and may not write any more (exit 1)
└── NotFound                  no such story or run (exit 4)
"""

from datetime import datetime


class ArchiveError(Exception):
    """Base of every error that this project raises on purpose; its text is one clear sentence."""


class Transient(ArchiveError):
    """A retry may help."""


class ConnectFailed(Transient):
    """The connection was refused, reset or closed early."""


class TemporaryDnsFailure(Transient):
    """The resolver could not answer now."""


class TimedOut(Transient):
    """A deadline passed."""


class TryLater(Transient):
    """The server answered with a status that may pass: 408, 425, 429 or 5xx."""

    def __init__(self, message: str, *, retry_at: datetime | None = None) -> None:
        super().__init__(message)
        self.retry_at = retry_at


class LeftAlone(TryLater):
    """Not asked in this run: its host asked for patience, or hosts that do not answer cost enough."""


class Permanent(ArchiveError):
    """The same request would fail again."""


class HttpRefused(Permanent):
    """The server answered with a status that no retry mends."""


class UnknownHost(Permanent):
    """The host name does not exist."""


class TlsFailed(Permanent):
    """The connection cannot be trusted."""


class AddressRefused(Permanent):
    """The URL or the address behind it may not be asked."""


class RedirectFailed(Permanent):
    """A redirect that leads nowhere: a loop, too many hops, no Location."""


class TooLarge(Permanent):
    """The body is over its cap, declared or decoded."""


class RobotsDenied(Permanent):
    """The site's robots.txt forbids this page."""


class BadResponse(Permanent):
    """Not HTTP, or a body that cannot be decoded."""


class NotAFeed(Permanent):
    """The document was read, and it is not a feed."""


class WorkerKilled(Permanent):
    """A worker ran out of its time or memory on this input."""


class Bug(Permanent):
    """Anything unforeseen, recorded with its traceback."""


class ConfigError(ArchiveError):
    """A setting or a file of config/ is wrong."""


class StorageError(ArchiveError):
    """The database or the disk cannot serve."""


class DatabaseUnreachable(StorageError):
    """No connection to the database."""


class DatabaseNewerThanCode(StorageError):
    """The database was migrated by a newer version of this program."""


class DiskFailed(StorageError):
    """The disk is full or cannot be written."""


class DocumentDamaged(StorageError):
    """A stored document is not what it was when it was stored; it is never given out otherwise."""


class WorkersFailed(ArchiveError):
    """The processes that parse cannot start, so that nothing can be read."""


class LockHeld(ArchiveError):
    """Somebody else works on this archive; the message names the holder."""


class RunEnded(ArchiveError):
    """The run on whose behalf something was to be written is not at work any more."""


class NotFound(ArchiveError):
    """No such story or run."""
