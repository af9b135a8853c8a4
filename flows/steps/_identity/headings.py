"""The heading that a text is judged under is its story's, which may be another feed's than the text."""

from models.identity import Decision, Known, StoryState
from models.stages import CleanStory, Heading


def heading_of(state: StoryState) -> Heading:
    """Return what a story's text is judged together with."""
    return Heading(title=state.title, tags=state.tags, url=state.url)


def page_heading(state: StoryState, page: CleanStory) -> Heading:
    """Return what a page's text is judged together with: a story without a title gets the page's own."""
    return Heading(title=state.title or page.page_title or "", tags=state.tags, url=state.url)


def misjudged(decision: Decision, known: Known) -> dict[int, Heading]:
    """Return the right headings of the texts that are about to be kept under another than they were judged by.

    The keys are the positions of their entries.
    """
    found: dict[int, Heading] = {}
    for change in decision.changes:
        text = change.item.classified
        if change.version is None or text is None:
            continue
        state = change.state if change.story_id is None else change.state or known.stories[change.story_id].state
        assert state is not None  # a story is born with all its columns
        if heading_of(state) != text.heading:
            found[change.item.entry.position] = heading_of(state)
    return found
