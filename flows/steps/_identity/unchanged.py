"""The shortcut of most nights: a document that shows only what its feed showed before asks for nothing.

It needs a glance at each story where `dedupe.decide` needs all of it, and comes to the same decision.
"""

from collections.abc import Mapping, Sequence

from models.identity import Decision, Glance, Item, LoadContext, Outcome


def decide_unchanged(items: Sequence[Item], glances: Mapping[str, Glance], context: LoadContext) -> Decision | None:
    """Return what decide() would return where nothing is to be done; None where it must be asked.

    `glances` are by entry digest.
    """
    if len({item.entry.digest for item in items}) < len(items):
        return None  # of two equal entries only one speaks
    outcomes = []
    for item in items:
        glance = glances.get(item.entry.digest)
        if glance is None or not _is_settled(glance, item, context):
            return None
        outcomes.append(Outcome.UNCHANGED if glance.is_relevant else Outcome.OFF_TOPIC)
    return Decision(changes=(), outcomes=tuple(outcomes), shared=())


def _is_settled(glance: Glance, item: Item, context: LoadContext) -> bool:
    """Tell whether the feed's settings ask for nothing that this story has not had."""
    if not glance.is_open:
        return False
    if not glance.is_relevant:
        return not context.is_vouched
    return glance.is_followed or not context.is_full_text or item.entry.url is None
