"""Writes the site's HTML: article pages with the furniture that a real one has, and front pages."""

import json
from html import escape
from string import Template

from flows.demo.content import Access, DemoOutlet, DemoStory
from flows.demo.edition import Edition
from flows.demo.render_text import html_of

_RELATED = 4  # links below an article


def render_article(edition: Edition, outlet: DemoOutlet, story: DemoStory) -> bytes:
    """Write a story's page as its outlet lays it out; behind a paywall, only its first paragraph."""
    words = edition.content.words[outlet.language]
    is_open = story.access is not Access.PAYWALLED
    body = html_of(story.blocks if is_open else story.blocks[:1])
    if not is_open:
        body += f'\n<div class="paywall"><h3>{escape(words["paywall"])}</h3><p>{escape(words["offer"])}</p></div>'
    page = _facts(edition, outlet, story) | {
        "body": body,
        "related": _links(edition, outlet, story),
        "metadata": _metadata(edition, outlet, story),
    }
    return Template(edition.content.templates[outlet.template]).substitute(page).encode()


def render_front(edition: Edition, outlet: DemoOutlet) -> bytes:
    """Write an outlet's front page: its stories of the night."""
    links = "".join(_teaser(edition, outlet, story) for story in edition.listed(outlet))
    return _plain_page(outlet.language, outlet.name, f"<p>{escape(outlet.tagline)}</p>\n<ul>{links}</ul>")


def render_index(edition: Edition) -> bytes:
    """Write the site's own front page: its outlets."""
    links = "".join(
        f'<li><a href="{edition.base_url}{outlet.home}" lang="{outlet.language}">{escape(outlet.name)}</a>'
        f' <a href="{edition.base_url}{outlet.feed.path}">({outlet.feed.format})</a></li>\n'
        for outlet in edition.content.outlets
    )
    note = "<p>Invented newspapers with invented stories, for trying out the climate archive.</p>"
    return _plain_page("en", f"The demo newsstand, night {edition.night}", f"{note}\n<ul>{links}</ul>")


def _facts(edition: Edition, outlet: DemoOutlet, story: DemoStory) -> dict[str, str]:
    facts = {
        "language": outlet.language,
        "outlet": outlet.name,
        "tagline": outlet.tagline,
        "home": edition.base_url + outlet.home,
        "feed": edition.base_url + outlet.feed.path,
        "url": edition.base_url + outlet.path_of(story),
        "title": story.title,
        "teaser": story.teaser,
        "author": story.author,
        "published": story.date.isoformat(),
        "published_date": f"{story.date:%Y-%m-%d}",
        "modified": story.changed_at.isoformat(),
        "section": story.tags[0] if story.tags else outlet.name,
    }
    words = {f"word_{name}": text for name, text in edition.content.words[outlet.language].items()}
    return {name: escape(text) for name, text in (facts | words).items()}


def _metadata(edition: Edition, outlet: DemoOutlet, story: DemoStory) -> str:
    """Return the page's JSON-LD, safe to stand inside a script element."""
    facts = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "description": story.teaser,
        "inLanguage": outlet.language,
        "datePublished": story.date.isoformat(),
        "dateModified": story.changed_at.isoformat(),
        "author": [{"@type": "Person", "name": story.author}],
        "publisher": {"@type": "NewsMediaOrganization", "name": outlet.name},
        "mainEntityOfPage": edition.base_url + outlet.path_of(story),
        "keywords": list(story.tags),
        "isAccessibleForFree": story.access is not Access.PAYWALLED,
    }
    return json.dumps(facts, ensure_ascii=False).replace("</", "<\\/")


def _links(edition: Edition, outlet: DemoOutlet, story: DemoStory) -> str:
    others = [other for other in edition.listed(outlet) if other.slug != story.slug]
    return "".join(_teaser(edition, outlet, other) for other in others[:_RELATED])


def _teaser(edition: Edition, outlet: DemoOutlet, story: DemoStory) -> str:
    url = edition.base_url + outlet.path_of(story)
    return f'<li><a href="{escape(url)}">{escape(story.title)}</a></li>\n'


def _plain_page(language: str, title: str, body: str) -> bytes:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title>'
    body = f"<h1>{escape(title)}</h1>\n{body}"
    return f'<!DOCTYPE html>\n<html lang="{language}"><head>{head}</head>\n<body>{body}</body></html>\n'.encode()
