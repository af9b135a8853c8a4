"""The short way through simple HTML and BeautifulSoup's way give the same bytes."""

import gzip
import json
from html import escape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.demo.content import load_content
from flows.steps._cleaning.short_way import clean_simple
from flows.steps.clean import _clean_any, clean_html

GOLDEN = Path(__file__).parents[2] / "golden"
BASE = "https://news.example/2031/"
fuzzed = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])

_TEXTS = """
Rain|fell. |Mr. |2|10|COP29|“Hi,”|’|é|Ã©|日本|&nbsp;|&amp;|&#8217;|&copy;|&shy;|&bogus;|5 > 3|Read more|Share this:
Facebook, Twitter|Related: Floods rise again|The post Rain appeared first on News.|Sign up for our newsletter.|1 - 2
"""
_ODD = "&lt;|&lt;p&gt;|&amp;lt;|&#12;|&#x200b;|\u200b|\x0c|\x00|<!-- x -->|5 < 6|<|>|</"
_FOREIGN = "<table>|<td>|</td>|<wbr>|<video>|</x>|<pre>|</pre>|<nav>|</p>|</b>|<template>"
_OPEN = """
<p>|<p class='lead'>|<div>|<div class="wp-caption-text">|<b>|<i title='a"b'>|<a href='/x?a=1&amp;b=2'>
<blockquote cite=x>|<a href="https://twitter.com/share?u">|<a>|<ul>|<li>|<ol start=3>|<ol>
<h2>|<span style='display: none'>|<span hidden>
<em class="more-link">|<figure>|<figcaption>|<q>|<sup>|<sub>|<section id='related-posts'>|<dl>|<dt>|<dd>|<time>|<P>
"""
_EMPTY = """
<br>|<br/>|<hr>|<img src='/a.jpg' width='600' alt='A &quot;b&quot;'>|<img data-src=b.png src='data:x'>
<img src='https://stats.example/pixel.gif' width='1'>
"""
TEXTS, OPEN, EMPTY = (names.strip().replace("\n", "|").split("|") for names in (_TEXTS, _OPEN, _EMPTY))
DAMAGE = [*_ODD.split("|"), *_FOREIGN.split("|"), *OPEN]
SPACES = [" ", "\n", " \n\t ", "\xa0", "\r\n", ""]
texts = st.sampled_from(TEXTS + SPACES)


@st.composite
def elements(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """Draw a tag with its end around what stands in it."""
    tag = draw(st.sampled_from(OPEN))
    return f"{tag}{draw(inner)}</{tag[1:-1].split()[0]}>"


WELL_FORMED = st.recursive(
    texts | st.sampled_from(EMPTY),
    lambda inner: st.lists(inner | elements(inner), min_size=1, max_size=4).map("".join),
    max_leaves=20,
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """Draw HTML in which something odd stands somewhere."""
    html = draw(WELL_FORMED)
    for piece in draw(st.lists(st.sampled_from(DAMAGE), max_size=3)):
        place = draw(st.integers(0, len(html)))
        html = html[:place] + piece + html[place:]
    return html


def assert_both_ways_agree(html: str, base_url: str = BASE) -> None:
    """Hold what comes out to what BeautifulSoup's way gives."""
    assert clean_html(html, base_url=base_url) == _clean_any(html, base_url=base_url)


@fuzzed
@given(WELL_FORMED)
def test_well_formed_html_comes_out_alike(html):
    """Whatever is simple has the same text and the same HTML on both ways."""
    assert_both_ways_agree(html)


@fuzzed
@given(WELL_FORMED | damaged(), st.sampled_from(SPACES), st.sampled_from(SPACES))
def test_a_whole_page_comes_out_alike(html, outer, inner):
    """So has an extracted page with its html and its body, wherever white space stands."""
    assert_both_ways_agree(f"<html>{outer}<body>{inner}{html}{inner}</body>{outer}</html>")


@fuzzed
@given(damaged())
def test_damaged_html_comes_out_alike(html):
    """So has what is only nearly simple."""
    assert_both_ways_agree(html)


@pytest.mark.parametrize(
    "path", [*(GOLDEN / "clean").glob("*.html"), *(GOLDEN / "fuzz").iterdir()], ids=lambda p: p.name
)
def test_saved_entries_come_out_alike(path):
    """So have the golden entries and the documents that once hurt somebody."""
    assert_both_ways_agree(path.read_bytes().decode("utf-8", "surrogateescape"))


def test_the_demo_comes_out_alike_on_the_short_way():
    """So have the demo's stories, all of which are simple."""
    for outlet in load_content().outlets:
        for story in outlet.stories:
            html = "".join(f"<p>{block}</p>\n" for block in story.blocks)
            assert clean_simple(html, base_url=BASE) is not None
            assert_both_ways_agree(html)


def test_real_stories_come_out_alike(shared_path):
    """So have real stories, a line a paragraph and as plain text."""
    lines = gzip.decompress((shared_path / "topics" / "dev.jsonl.gz").read_bytes()).splitlines()
    for line in lines[:60]:
        text = json.loads(line)["text"]
        assert_both_ways_agree(text)
        assert_both_ways_agree("".join(f"<p>{paragraph}</p>" for paragraph in text.splitlines()))


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<p>Rain &amp; <a href='x'>sun</a><br></p><ul><li>a</li></ul>", id="running text"),
        pytest.param("Rain fell.\nSun came.", id="a summary without tags"),
        pytest.param("&lt;p&gt;Rain&lt;/p&gt;", id="a summary that was escaped"),
        pytest.param("<figure><img src='a.jpg'><figcaption>Sea</figcaption></figure><p>Rain</p>", id="a picture"),
        pytest.param("<p>Rain</p><p>The post X appeared first on Y.</p>", id="with an end to take away"),
    ],
)
def test_what_feeds_hold_is_simple(html):
    """The entries of most feeds go the short way."""
    assert clean_simple(html, base_url=BASE) is not None
    assert_both_ways_agree(html)


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<table><tr><td>a</td></tr></table>", id="a table"),
        pytest.param("<p>a<!-- b --></p>", id="a comment"),
        pytest.param("<p title=a>b</p>", id="an attribute without quotes"),
        pytest.param("<p>5 < 6</p>", id="a sign that could begin a tag"),
        pytest.param("<p>&amp;lt;b&amp;gt;</p>", id="a tag that was escaped twice"),
        pytest.param("<figure><figcaption>Sea</figcaption></figure>", id="nothing but a caption"),
        pytest.param("<b>" * 130 + "deep" + "</b>" * 130, id="great depth"),
        pytest.param(escape("<b>" * 130 + "deep" + "</b>" * 130), id="great depth, escaped"),
    ],
)
def test_what_is_doubtful_is_left_to_the_long_way(html):
    """The short way declines what it might read otherwise."""
    assert clean_simple(html, base_url=BASE) is None
