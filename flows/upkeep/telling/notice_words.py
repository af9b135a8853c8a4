"""A sentence for each try to tell somebody."""

from models.queries.notices import NoticeRecord
from models.wording import counted


def notice_sentence(notice: NoticeRecord) -> str:
    """Say in one sentence whom a run told of what, or why not."""
    what = f"the watch {notice.watch}" if notice.watch else "the morning brief"
    stories = counted(notice.stories, "story", "stories")
    if notice.refusal:
        return f"{notice.recipient} took nothing of {what} ({stories}): {notice.refusal}."
    return f"{notice.recipient} was told of {what}: {stories}."
