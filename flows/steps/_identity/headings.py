"""The heading that a text is judged under is its story's, which may be another feed's than the text."""

from models.identity import Decision, Known, StoryState
from models.stages import CleanStory, Heading


def heading_of(state: StoryState) -> Heading:
    """Return what a story's text is judged together with."""
    return Heading(title=state.title, tags=state.tags, url=state.url)


def page_heading(state: StoryState, page: CleanStory) -> Heading:
    """Return what a page's text is judged together with: a story without a title gets the page's own."""
    return Heading(title=state.title or page.page_title or "", tags=state.tags, url=state.url)


def unjudged(decision: Decision, known: Known) -> dict[int, Heading]:
    """Return the headings of the texts that are about to be kept, or to open the gate, and are not judged under them.

    The keys are the positions of their entries.
    """
    found: dict[int, Heading] = {}
    for change in decision.changes:
        before = None if change.story_id is None else known.stories[change.story_id].state
        state = change.state or before
        assert state is not None  # a story is born with all its columns
        is_judged = change.item.classified is not None and change.item.classified.heading == heading_of(state)
        may_open = before is not None and not before.is_relevant and change.sighting is not None
        if (change.version is not None or may_open) and not is_judged:
            found[change.item.entry.position] = heading_of(state)
    return found
