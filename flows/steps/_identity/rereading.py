"""What better code makes of an old text is no revision: the old source is read again before two texts are compared."""

from collections.abc import Mapping

from msgspec.structs import replace

from flows.steps._identity.versions import REVISIONS
from models.identity import Decision, Known, KnownStory, NewVersion


def outdated_versions(decision: Decision, known: Known, extractor: str) -> frozenset[int]:
    """Return the versions that older code made and that a document's texts are about to be called revisions of."""
    found: set[int] = set()
    for change in decision.changes:
        if change.story_id is not None:
            found |= outdated_version(change.version, known.stories[change.story_id], extractor)
    return frozenset(found)


def outdated_version(version: NewVersion | None, known: KnownStory, extractor: str) -> frozenset[int]:
    """Return the story's present version if older code made it and a new version is about to be called its revision."""
    if version is None or version.reason not in REVISIONS:
        return frozenset()
    present = known.versions[-1]
    return frozenset() if present.extractor_version == extractor else frozenset({present.id})


def as_read_now(known: KnownStory, hashes: Mapping[int, str | None]) -> KnownStory:
    """Return a story with the content hashes that today's code finds; where it finds none, the old one stands."""
    found = hashes.get(known.versions[-1].id) if known.versions else None
    if found is None:
        return known
    present = replace(known.versions[-1], content_hash=found)
    state = replace(known.state, content_hash=found)
    return replace(known, state=state, versions=(*known.versions[:-1], present))


def all_as_read_now(known: Known, hashes: Mapping[int, str | None]) -> Known:
    """Do so for all stories of a document."""
    stories = {story_id: as_read_now(story, hashes) for story_id, story in known.stories.items()}
    return replace(known, stories=stories) if hashes else known
