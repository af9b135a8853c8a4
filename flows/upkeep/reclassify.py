"""Label the stories that are kept by today's terms and weights: in batches that can be resumed, then one switch."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Engine

from config.settings import Settings
from config.topics import load_topics
from flows.runs.database import ready_engine
from flows.runs.locks import archive_lock, run_lock
from flows.runs.opening import RunRequest, open_run
from flows.runs.session import utc_now
from flows.steps.classify import Classifier
from flows.steps.vectors import encoder_version
from flows.upkeep.relabel import Churn, RelabelRequest, judge_all
from models.archive.labels import switch
from models.archive.ledger.feeds import sync_topics
from models.archive.ledger.runs import NewRun, finish_run, start_run
from models.archive.texts.search_queue import index_batch
from models.errors import ConfigError
from models.reports import MeaningCounts, RunMode, RunStatus
from models.storage.database import write_transaction


async def read_waiting(settings: Settings) -> MeaningCounts:
    """Have the second reader read all that waits for it, in a run of its own; return what came of it.

    Raises:
        ConfigError: The sentence encoder is not installed, or a file of config/ is wrong.
        LockHeld: Another process works on the archive.

    """
    if encoder_version() is None:
        raise ConfigError("The extra [meaning] is not installed: there is nothing that could read a story's meaning.")
    unbounded = replace(settings.meaning, share=math.inf)
    request = RunRequest(mode=RunMode.RECLASSIFY, parameters={"waiting": True})
    async with open_run(replace(settings, meaning=unbounded), request) as run:
        pass  # reading is what closing a run does
    return run.meaning


class ReclassifyResult(Struct, frozen=True, kw_only=True):
    """What became of a reclassification."""

    classifier_version: str
    churn: Churn
    is_switched: bool


def reclassify(settings: Settings, request: RelabelRequest, *, most_churn: float, is_sure: bool) -> ReclassifyResult:
    """Label stories again; old labels stay until the new set is complete.

    Where more than `most_churn` of the stories would get another first topic and nobody `is_sure`, nothing is switched;
    the new labels are kept beside the old, and the same call goes on from there.

    Raises:
        ConfigError: topics.yaml is wrong.
        LockHeld: Another process works on the archive.

    """
    taxonomy = load_topics(settings.topics_file, **settings.meaning.readers)
    classifier = Classifier(taxonomy)
    with ready_engine(settings) as engine, _held(engine):
        if not request.is_rehearsal:
            with write_transaction(engine) as connection:
                sync_topics(connection, taxonomy)
        churn = judge_all(engine, classifier, request)
        if request.is_rehearsal or (churn.share > most_churn and not is_sure):
            return ReclassifyResult(classifier_version=classifier.version, churn=churn, is_switched=False)
        _switch(engine, request, classifier.version)
        while _index(engine):
            pass
    return ReclassifyResult(classifier_version=classifier.version, churn=churn, is_switched=True)


def _switch(engine: Engine, request: RelabelRequest, version: str) -> None:
    """Make the new labels the current ones, and write the run that did it into the ledger."""
    now = utc_now()
    new = NewRun(
        mode=RunMode.RECLASSIFY, started_by="hand", code_version=version, parameters={"feeds": [], "asked": []}
    )
    with write_transaction(engine) as connection:
        run_id = start_run(connection, new, now)
        switch(connection, request.choice, version, run_id, now)
        finish_run(connection, run_id, RunStatus.COMPLETED, None, utc_now())


@contextmanager
def _held(engine: Engine) -> Iterator[None]:
    purpose = f"reclassify since {utc_now():%Y-%m-%d %H:%M} UTC"
    with archive_lock(engine, purpose), run_lock(engine, purpose):
        yield


def _index(engine: Engine) -> int:
    with write_transaction(engine) as connection:
        return index_batch(connection)
