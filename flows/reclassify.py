"""Label the stories that are kept by today's terms and weights: in batches that can be resumed, then one switch."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine

from config.settings import Settings
from config.topics import load_topics
from flows.night.desk import utc_now
from flows.night.engine import ready_engine
from flows.night.lock import archive_lock, night_lock
from flows.night.relabel import Churn, Request, judge_all
from flows.steps.classify import Classifier
from models.archive.feeds import sync_topics
from models.archive.labels import switch
from models.archive.search_queue import index_batch
from models.database import writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a reclassification."""

    classifier_version: str
    churn: Churn
    is_switched: bool


def reclassify(settings: Settings, request: Request, *, most_churn: float, is_sure: bool) -> Outcome:
    """Label stories again; old labels stay until the new set is complete.

    Where more than `most_churn` of the stories would get another first topic and nobody `is_sure`, nothing is switched;
    the new labels are kept beside the old, and the same call goes on from there.

    Raises:
        ConfigError: topics.yaml is wrong.
        LockHeld: Another process works on the archive.

    """
    taxonomy = load_topics(settings.topics_file)
    classifier = Classifier(taxonomy)
    with ready_engine(settings) as engine, _held(engine):
        if not request.is_rehearsal:
            with writing(engine) as connection:
                sync_topics(connection, taxonomy)
        churn = judge_all(engine, classifier, request)
        if request.is_rehearsal or (churn.share > most_churn and not is_sure):
            return Outcome(classifier_version=classifier.version, churn=churn, is_switched=False)
        with writing(engine) as connection:
            switch(connection, request.choice, classifier.version, utc_now())
        while _index(engine):
            pass
    return Outcome(classifier_version=classifier.version, churn=churn, is_switched=True)


@contextmanager
def _held(engine: Engine) -> Iterator[None]:
    purpose = f"reclassify since {utc_now():%Y-%m-%d %H:%M} UTC"
    with archive_lock(engine, purpose), night_lock(engine, purpose):
        yield


def _index(engine: Engine) -> int:
    with writing(engine) as connection:
        return index_batch(connection)
