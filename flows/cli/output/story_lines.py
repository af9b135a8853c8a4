"""A story as a line of JSON gives it: id, title, text, and perhaps feed_topics, url and feed_share."""

import json
from typing import Any


def read_story(line: bytes) -> dict[str, Any]:
    """Return the object of a line, with those fields in it; what else it holds stays.

    Raises:
        ValueError: It is none; the message is half a sentence that ends with a point.

    """
    try:
        story = json.loads(line)
    except (UnicodeDecodeError, RecursionError):
        raise ValueError("this is not JSON in UTF-8.") from None
    except ValueError as error:
        raise ValueError(f"this is not JSON: {error}.") from None
    if not isinstance(story, dict) or story.get("id") is None:
        raise ValueError("this is not an object with an id.")
    # A title alone is a story too; null is what other tools write for a text that they do not have.
    story = {"title": "", "text": "", "feed_topics": [], "url": ""} | {
        key: value for key, value in story.items() if value is not None
    }
    for key in ("title", "text", "url"):
        if not isinstance(story[key], str):
            raise ValueError(f"{key} is not a text.")  # noqa: TRY004  (every mistake of a line is one kind)
    texts_of(story, "feed_topics")
    share = story.get("feed_share", 0)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise ValueError("feed_share is not a number from 0 to 1.")
    return story


def texts_of(story: dict[str, Any], key: str) -> tuple[str, ...]:
    """Return a list of texts; what is not there is empty. Raise ValueError where it is anything else."""
    given = story.get(key, [])
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise ValueError(f"{key} is not a list of texts.")
    return tuple(given)
