"""The data of the site is complete."""

from tests.flows.demo.readme import CONTENT

TAXONOMY_TOPICS = {
    "science", "extreme-weather", "policy", "negotiations", "finance", "clean-energy", "fossil-fuels", "transport",
    "industry-buildings", "food-land", "nature-water", "adaptation", "health", "justice-activism", "business-tech",
    "media-society",
}  # fmt: skip
STORIES = [story for outlet in CONTENT.outlets for story in outlet.stories]


def test_every_topic_leads_at_least_two_stories() -> None:
    """Each of the 16 topics is the first of two stories or more, and no other id occurs."""
    first = [story.topics[0] for story in STORIES if story.topics]
    assert {topic for story in STORIES for topic in story.topics} == TAXONOMY_TOPICS
    assert min(first.count(topic) for topic in TAXONOMY_TOPICS) >= 2


def test_no_slug_is_used_twice() -> None:
    """A slug names one story of the whole site, so that no path or guid occurs twice."""
    assert len({story.slug for story in STORIES}) == len(STORIES)


def test_every_language_has_the_same_furniture() -> None:
    """What a page says around its story is known in each language."""
    assert {outlet.language for outlet in CONTENT.outlets} == CONTENT.words.keys()
    assert {tuple(words) for words in CONTENT.words.values()} == {tuple(CONTENT.words["en"])}


def test_dates_are_aware_and_fall_in_one_autumn() -> None:
    """Every story has a moment with a zone, between late October and 20 November 2026."""
    assert all(story.date.tzinfo is not None for story in STORIES)
    days = sorted(f"{story.date:%Y-%m-%d}" for story in STORIES)
    assert (days[0], days[-1]) == ("2026-10-28", "2026-11-20")
