"""What follows a whole night: those who want to know are told, its health is looked at, its report is written."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import Engine

from config.settings import Settings
from flows.runs.database import ready_engine
from flows.upkeep.telling.alerts import look, tell_changes
from flows.upkeep.telling.delivery import Deliver, Occasion, deliver
from flows.upkeep.telling.report import report_markdown, write_report
from models.errors import ArchiveError
from models.queries.notices import notices_of_run
from models.reports import RunReport
from models.storage.database import read_transaction

log = logging.getLogger(__name__)


def look_after(settings: Settings, report: RunReport, send: Deliver = deliver) -> str:
    """Do what follows a night, and return its report in Markdown. The night is over: no trouble here is its own."""
    now = datetime.now(settings.zone)
    with ready_engine(settings) as engine:
        _tell(settings, engine, Occasion(night=report, now=now, deliver=send))
        found = look(settings, engine, now)
        with read_transaction(engine) as connection:
            notices = notices_of_run(connection, report.run_id)
    text = report_markdown(report, found, notices)
    try:
        write_report(settings.home / "report.md", text)
    except OSError as error:
        log.warning("the report of run %d could not be written: %s", report.run_id, error.strerror or error)
    tell_changes(settings, found)
    return text


def _tell(settings: Settings, engine: Engine, occasion: Occasion) -> None:
    """Tell of the watches and send the brief. What fails is logged; health knows of it too."""
    for tell in _tellers(settings):
        try:
            tell(settings, engine, occasion)
        except ArchiveError as error:
            log.warning("after run %d not all could be told: %s", occasion.night.run_id, error)
        except Exception:  # the night is over and its report is due, whatever telling of it meets
            log.exception("a bug in telling after run %d", occasion.night.run_id)


def _tellers(settings: Settings) -> Iterator[Callable[[Settings, Engine, Occasion], None]]:
    """Give what is to be told of; an archive that tells nobody loads nothing for it."""
    if settings.watches_file is not None:
        from flows.upkeep.telling.watching import tell_watches

        yield tell_watches
    if settings.alerts.brief:
        from flows.upkeep.telling.brief import send_brief

        yield send_brief
