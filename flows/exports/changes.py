"""What changed, as files: each story with how it stands, and a tombstone in the place of one that is gone."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO, Final

from flows.exports.csv import write_changes_csv
from flows.exports.safe_json import json_text
from flows.exports.shape import iso, story_shape
from models.queries.changes import ChangedStory


def write_changes_jsonl(changes: Iterable[ChangedStory], out: BinaryIO) -> int:
    """Write a change a line, in UTF-8; return how many."""
    count = 0
    for change in changes:
        out.write(json_text(change_shape(change)).encode() + b"\n")
        count += 1
    return count


def change_shape(change: ChangedStory) -> dict[str, Any]:
    """Return a change as JSON shows it: the story, or of one that is gone id and uid alone."""
    told: dict[str, Any] = {
        "standing": change.standing.value,
        "kinds": [kind.value for kind in change.kinds],
        "changed_at": iso(change.changed_at),
        "run_id": change.run_id,
        "cursor": change.cursor,
    }
    if change.story is not None:
        return story_shape(change.story) | {"change": told}
    told |= {"reason": change.reason, "merged_into": change.merged_into}
    return {"id": change.id, "uid": change.uid, "change": told}


CHANGE_FORMATS: Final[Mapping[str, Callable[[Iterable[ChangedStory], BinaryIO], int]]] = {
    "jsonl": write_changes_jsonl,
    "csv": write_changes_csv,
}
