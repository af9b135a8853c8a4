"""Make Prefect ready before it is imported: it reads its settings once, at import."""

import os
from collections.abc import Mapping
from pathlib import Path

from config.settings import Settings
from flows.runs.database import make_private
from flows.server.server import API_SETTING, announced_secret, live_address, use_server


def prefect_environment(settings: Settings) -> Mapping[str, str]:
    """Return what Prefect is to be told where the environment says nothing else."""
    return {
        "PREFECT_HOME": str(settings.home / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "60",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "flows",
        # What a person reads is the progress and the report; the rest is in Prefect's own log of the run.
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    }


def prepare_prefect(settings: Settings, *, is_server: bool = False) -> None:
    """Set Prefect's environment for this process: also which server, that of PREFECT_API_URL or the one of `serve`.

    A process that is about to start a server itself asks for none.
    """
    for name, value in prefect_environment(settings).items():
        os.environ.setdefault(name, value)
    if os.environ["PREFECT_HOME"] == (own := str(settings.home / "prefect")):
        make_private(Path(own))
        # Its database makes temporary files, which it has in /var/tmp or /tmp: they may be small, or closed to us.
        os.environ.setdefault("SQLITE_TMPDIR", own)
    if not is_server and not os.environ.get(API_SETTING) and (address := live_address(settings)):
        use_server(address, announced_secret(settings))
