"""What pages on hosts that do not answer may cost a run: a few addresses a host, and so many seconds in all."""

from collections import defaultdict

from yarl import URL

from flows.steps._fetching.addresses import host_and_port
from flows.steps._fetching.limits import FetchLimits
from models.errors import ConnectFailed, LeftAlone, TemporaryDnsFailure, TimedOut
from models.stages import Problem

_SILENT = frozenset(kind.__name__ for kind in (ConnectFailed, TemporaryDnsFailure, TimedOut))


class Silence:
    """Remembers which servers answer, and adds up what was spent on those that do not."""

    def __init__(self, limits: FetchLimits) -> None:
        self._limits = limits
        self._silent: defaultdict[str, set[URL]] = defaultdict(set)  # addresses since the last answer
        self._answered: set[str] = set()
        self._spent_s = 0.0

    def note(self, url: URL, problem: Problem | None, elapsed_s: float, *, is_page: bool) -> None:
        """Take note of how a request went. What feeds cost is bounded elsewhere, a feed at a time."""
        server = host_and_port(url)
        if problem is None or problem.error not in _SILENT:
            self._answered.add(server)
            self._silent.pop(server, None)
        elif is_page:
            self._silent[server].add(url)
            self._spent_s += elapsed_s

    def check(self, url: URL) -> None:
        """Raise TimedOut where a server's latest addresses were all silent, LeftAlone where silence cost too much."""
        server, limits = host_and_port(url), self._limits
        if len(self._silent.get(server, ())) >= limits.unreachable_after:
            raise TimedOut(f"{server} did not answer for the last {limits.unreachable_after} pages of this run")
        if self._spent_s >= limits.silence_s and server not in self._answered:
            raise LeftAlone(f"hosts that do not answer have cost this run {limits.silence_s:.0f} s: {server} waits")
