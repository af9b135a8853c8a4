"""Pages as a browser saves them, written from parts, and what is extracted of them."""

import json
from typing import Any

from flows.steps.extract import extract_page
from models.stages import CleanStory

URL = "https://news.example/2031/05/lake"
PARAGRAPHS = [
    "The valley will heat its homes with water from the lake, the council decided on Tuesday after a long evening.",
    "A pump at forty metres lifts water of seven degrees, and a plant beside the station takes the warmth out of it.",
    "The first twelve hundred homes are connected in the spring; their bills stay what they are, the mayor promised.",
    "Engineers from three other towns looked at the plans, for their lakes are no colder and their winters no milder.",
]


def page(*, head: str = "", body: str = "", lang: str = "en", paragraphs: list[str] = PARAGRAPHS) -> bytes:
    """Write a page with a navigation, an article and a footer."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!DOCTYPE html><html lang='{lang}'><head><meta charset='utf-8'>{head}</head><body>"
        f"<nav><a href='/'>Home</a> <a href='/news'>News</a></nav><article>{body}{text}</article>"
        f"<footer>All rights reserved</footer></body></html>"
    ).encode()


def json_ld(value: Any) -> str:
    """Write value as a page's JSON-LD."""
    text = value if isinstance(value, str) else json.dumps(value)
    return f"<script type='application/ld+json'>{text}</script>"


def article(**fields: Any) -> str:
    """Write the JSON-LD of an article."""
    return json_ld({"@context": "https://schema.org", "@type": "NewsArticle", **fields})


def extracted(**parts: Any) -> CleanStory:
    """Extract the story of a page made of parts."""
    return extract_page(page(**parts), url=URL)
