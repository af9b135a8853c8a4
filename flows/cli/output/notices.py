"""Whom a run told of something, for programs."""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import asdict

from flows.exports.shape import iso
from models.queries.notices import NoticeRecord


def notices_json(notices: Iterable[NoticeRecord]) -> list[dict[str, Any]]:
    """Return tries to tell somebody as JSON shows them."""
    return [asdict(notice) | {"tried_at": iso(notice.tried_at)} for notice in notices]
