"""The job of the second reader, in worker processes of its own: they hold the sentence encoder and no parser."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from config.topics import forget_what_was_learnt, with_what_was_learnt
from models.stages import Classification, Heading, Taxonomy

if TYPE_CHECKING:
    from flows.steps.classify import Classifier

_classifiers: "Final[list[Classifier]]" = []  # one, once prepare_to_read() has run in this process, or before its fork


def prepare_to_read(taxonomy: Taxonomy, readers: Mapping[str, bool]) -> None:
    """Tell this process and those forked from it the topics, without what was learnt, and load what reads once."""
    from flows.steps.classify import Classifier
    from flows.steps.vectors import load_encoder

    _classifiers[:] = [Classifier(with_what_was_learnt(taxonomy, **readers))]
    forget_what_was_learnt()
    _classifiers[0].load()
    load_encoder()


def read_meanings(texts: Sequence[tuple[Heading, str]]) -> list[Classification | str]:
    """Judge texts by both readers, in their order, each with its vector; why where one cannot be read."""
    return [_read(heading, text) for heading, text in texts]


def _read(heading: Heading, text: str) -> Classification | str:
    from flows.steps.vectors import encoder_version, story_vectors

    try:
        found = _classifiers[0].classify(heading.title, text, feed_topics=heading.tags, url=heading.url)
        if found.vector is not None:
            return found
        return replace(found, vector=story_vectors([(heading.title, text)])[0], encoder=encoder_version() or "")
    except MemoryError:
        raise  # what is left of this process cannot be trusted
    except Exception as error:  # noqa: BLE001 (a bug costs one story, not those beside it)
        return f"bug: {type(error).__name__}: {error}".partition("\n")[0]
