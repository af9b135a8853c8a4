"""Every text a story had, and what each changed."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from flows.cli.output.terminal import moment, print_lines
from flows.exports.shape import iso
from models.queries.one_story import VersionRecord


def versions_json(versions: Sequence[VersionRecord]) -> list[dict[str, Any]]:
    """Return versions as JSON shows them, the oldest first."""
    return [_version_json(version) for version in versions]


def print_revisions(versions: Sequence[VersionRecord], zone: ZoneInfo) -> None:
    """Print versions, the oldest first, each with the lines that left (-) and came (+)."""
    earlier: VersionRecord | None = None
    for version in versions:
        origin = version.source if version.feed_id is None else f"{version.source} {version.feed_id}"
        head = f"Version {version.number}: {version.reason}, {moment(version.created_at, zone)}, by {origin}"
        print_lines("", f"{head}, run {version.run_id}")
        if earlier is not None:
            print_lines(*_changes(earlier, version))
        earlier = version


def _version_json(version: VersionRecord) -> dict[str, Any]:
    shape = asdict(version) | {"created_at": iso(version.created_at), "feed": version.feed_id}
    shape["sha256"] = shape.pop("content_hash")
    del shape["id"], shape["feed_id"]
    return shape


def _changes(earlier: VersionRecord, later: VersionRecord) -> Iterator[str]:
    old, new = ([version.title, *version.text.splitlines()] for version in (earlier, later))
    for line in difflib.unified_diff(old, new, lineterm="", n=0):
        if line.startswith(("-", "+")) and not line.startswith(("---", "+++")) and line[1:].strip():
            yield f"  {line[0]} {line[1:]}"
