"""What an article tells in places and letters of its own: quotations in figures, transcripts, notices, big initials."""

from time import process_time

import pytest
from lxml.html import document_fromstring

from flows.steps._extracting.prepare import prepare
from flows.steps.extract import extract_page
from tests.saved_pages import PARAGRAPHS, URL, page

SAID = "We cannot wait for the next winter, it is simply too cold here."
LONGEST_S = 5.0  # ten times what it takes, for a machine that is busy
NOTICE = "This article was amended on 5 March 2026 because the depth of the pump was wrong in it."
SCENE = "<p>Ana: Here the water comes up, and it is cold.</p><p>Mayor: But warm enough, as you see.</p>"


def story(*, middle: str = "", end: str = "", first: str = f"<p>{PARAGRAPHS[0]}</p>") -> list[str]:
    """Extract an article that has something before, in the middle or at its end, in paragraphs."""
    rest = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS[1:])
    body = f"<article><h1>Lake heat</h1>{first}{middle}{rest}{end}</article>"
    html = f"<html lang='en'><head><title>Lake heat</title></head><body><main>{body}</main></body></html>"
    return extract_page(html.encode(), url=URL).text.split("\n\n")


@pytest.mark.parametrize(
    ("block", "told"),
    [
        pytest.param(
            f"<figure><blockquote><p>{SAID}</p></blockquote><figcaption>Ana Marsh, mayor</figcaption></figure>",
            [SAID, "Ana Marsh, mayor"],
            id="a figure with who said it in the caption",
        ),
        pytest.param(
            f"<blockquote><p>{SAID}</p><footer>— Ana Marsh, <cite>mayor</cite></footer></blockquote>",
            [SAID, "— Ana Marsh, mayor"],
            id="who said it in the quotation's footer",
        ),
        pytest.param(
            "<figure class='pullquote'><blockquote><p>a plant beside the station takes the warmth out of it</p>"
            "</blockquote></figure>",
            [],
            id="what is pulled out of the text is not said twice",
        ),
        pytest.param(
            f"<figure class='embed'><blockquote class='twitter-tweet'><p>{SAID}</p></blockquote></figure>",
            [],
            id="another site's post",
        ),
        pytest.param(
            "<figure><video></video><figcaption>The pump.</figcaption>"
            f"<details><summary>Transcript</summary>{SCENE}</details></figure>",
            ["Transcript", "Ana: Here the water comes up, and it is cold.", "Mayor: But warm enough, as you see."],
            id="the transcript of a video, without its caption",
        ),
        pytest.param(
            f"<figure><img src='/a.jpg'><figcaption>{SCENE}</figcaption></figure>", [], id="a long caption"
        ),
    ],
)  # fmt: skip
def test_what_a_figure_tells_is_kept(block, told):
    """Quotations and transcripts are text, pictures with their captions are not."""
    assert story(middle=block) == [PARAGRAPHS[0], *told, *PARAGRAPHS[1:]]


@pytest.mark.parametrize(
    "block",
    [
        "<footer class='article-footer'><p>{}</p><p>Topics: <a href='/l'>Lakes</a></p></footer>",
        "<footer>• {}</footer>",
        "<aside><div><em>{}</em></div></aside>",
    ],
)
def test_a_notice_of_correction_beside_the_article_is_kept(block):
    """What a publisher corrected is part of the story wherever it says so; the rest of its footer is not."""
    assert story(end=block.format(NOTICE)) == [*PARAGRAPHS, NOTICE]
    assert story(end=block.format("This article is the property of the Valley Times.")) == PARAGRAPHS


def test_a_notice_in_the_sites_footer_is_no_part_of_the_article():
    """It stands under every page."""
    html = page().decode().replace("All rights reserved", f"<p>{NOTICE}</p>")
    assert extract_page(html.encode(), url=URL).text.split("\n\n") == PARAGRAPHS


REST = PARAGRAPHS[0][1:]


@pytest.mark.parametrize(
    ("first", "text"),
    [
        pytest.param(f"<div class='dropcap'>T</div><p>{REST}</p>", PARAGRAPHS[0], id="in a block of its own"),
        pytest.param(f"<p>“T</p><p>{REST}</p>", f"“{PARAGRAPHS[0]}", id="without a name, behind a quote"),
        pytest.param(f"<p><img alt='T' src='/t.png'>{REST}</p>", PARAGRAPHS[0], id="a picture of it"),
        pytest.param(f"<p><span class='dropcap'>T</span>\n {REST}</p>", PARAGRAPHS[0], id="before a blank"),
        pytest.param(
            "<div class='dropcap'>A</div><p>pump lifts the water to the town, and it is cold.</p>",
            "A pump lifts the water to the town, and it is cold.",
            id="a word by itself",
        ),
        pytest.param(
            "<div class='dropcap'>A</div><p>fter the vote all of them went home, it is said.</p>",
            "After the vote all of them went home, it is said.",
            id="the same letter within a word",
        ),
    ],
)  # fmt: skip
def test_a_big_initial_belongs_to_its_word(first, text):
    """However it is set apart for the eye."""
    assert story(first=first)[0] == text


def test_a_letter_that_is_a_paragraph_stays_one():
    """Without a name, and as a word, it begins nothing."""
    assert story(middle="<p>A</p><p>and so on in small letters, they say.</p>")[1] == "A"


@pytest.mark.parametrize(
    "word",
    ["<ruby>湖<rp>(</rp><rt>みずうみ</rt><rp>)</rp></ruby>", "<ruby><rb>湖</rb><rt>みずうみ</ruby>"],
)
def test_readings_are_no_part_of_a_word(word):
    """A Japanese text comes without the kana that spell its characters."""
    said = (
        "の水で家を暖めると町は火曜日に決めた。四十メートルの深さから七度の水をくみ上げ、駅のそばの設備が熱を取り出す。"
    )
    assert story(first=f"<p>{word}{said}</p>")[0] == f"湖{said}"


INVITATION = (
    "<h3>Get the green mail</h3><p>Sign up for our weekly newsletter on the climate, free and every Friday.</p>"
)
FORM = "<form><input type='email'><p>You agree to our terms.</p><button>Go</button></form>"


@pytest.mark.parametrize(
    "box",
    [f"<div class='c'>{INVITATION}{FORM}</div>", f"<div><section>{INVITATION}</section><div>{FORM}</div></div>"],
    ids=["one box", "boxes in a box"],
)
def test_a_box_that_asks_for_an_address_of_mail_is_no_text(box):
    """Whatever its classes are called: its form shows what it is."""
    assert story(middle=box) == PARAGRAPHS


def test_what_a_page_tells_around_a_form_stays():
    """A form of another purpose has a question that is read, and a short note beside a form is the page's story."""
    asked = "Were you at the lake when it froze over in the year of the great cold?"
    assert story(middle=f"<div><p>{asked}</p>{FORM}</div>")[1] == asked
    note = "The newsletter of the town is printed on paper made of reeds from now on, as the council has decided."
    html = f"<html><body><div class='c'><h2>Reeds</h2><p>{note}</p><p>{note[4:]}</p>{FORM}</div></body></html>"
    assert note in extract_page(html.encode(), url=URL).text


@pytest.mark.parametrize("caption", ["{}", "<p>{}</p>"])
def test_a_gallery_is_told_in_its_captions(caption):
    """They are paragraphs where the article has hardly any others, and none beside a text."""
    figures = "".join(
        f"<figure><img src='/a.jpg'><figcaption>{caption.format(one)}</figcaption></figure>" for one in PARAGRAPHS
    )
    body = f"<main><article><h1>The lake in pictures</h1><p>Our readers sent these.</p>{figures}</article></main>"
    html = f"<html lang='en'><head><title>The lake in pictures</title></head><body>{body}</body></html>"
    assert extract_page(html.encode(), url=URL).text.split("\n\n") == ["Our readers sent these.", *PARAGRAPHS]
    pictures = figures.replace("<figcaption>", "<figcaption>In the picture: ")
    assert story(middle=f"<p>{PARAGRAPHS[0]}</p>{pictures}", end=f"<p>{PARAGRAPHS[1]}</p>").count(PARAGRAPHS[2]) == 1


@pytest.mark.parametrize(
    "block",
    [
        f"<figure><blockquote><p>{SAID}</p></blockquote></figure>",
        "<aside>" + f"<p>{NOTICE}</p>",
        "<div class='dropcap'>A</div><p>fter all</p>",
        "<div><p>Our newsletter</p><form><input type='email'></form></div>",
        f"<p>{NOTICE}</p><aside><p>{NOTICE}</p><p>{SAID}</p></aside>",
    ],
    ids=["figures", "asides", "initials", "forms", "boxes"],
)
def test_thousands_of_such_parts_cost_no_more_than_they_are(block):
    """What is looked for on the whole page is looked for once."""
    tree = document_fromstring(f"<html><body><article>{block * 4_000}</article></body></html>")
    began = process_time()
    prepare(tree, {})
    assert process_time() - began < LONGEST_S


FACTS = [
    "Deep water keeps the same few degrees in each season of the year.",
    "A heat pump raises them to sixty, which is enough for a radiator.",
]
BOX = f"<h3>What is lake heat?</h3><p>{FACTS[0]}</p><p>{FACTS[1]}</p>"


@pytest.mark.parametrize(
    ("box", "told"),
    [
        pytest.param(f"<aside class='fact-box'>{BOX}</aside>", ["What is lake heat?", *FACTS], id="what it explains"),
        pytest.param(
            f"<aside><ul><li>{FACTS[0]}</li><li>{FACTS[1]}</li></ul></aside>",
            [f"- {FACTS[0]}\n- {FACTS[1]}"],
            id="a list",
        ),
        pytest.param(f"<aside><p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[2]}</p></aside>", [], id="pulled out of the text"),
        pytest.param(f"<aside class='related-stories'>{BOX}</aside>", [], id="other stories by its name"),
        pytest.param(
            f"<aside><p><a href='/a'>{FACTS[0]}</a></p><p><a href='/b'>{FACTS[1]}</a></p></aside>", [], id="links"
        ),
        pytest.param(f"<aside>{BOX}<p>Support our work with a gift.</p></aside>", [], id="asks for a gift"),
        pytest.param("<aside><p>We changed how this page looks to you.</p></aside>", [], id="one sentence"),
    ],
)  # fmt: skip
def test_a_box_that_explains_the_story_is_kept(box, told):
    """It stands between the paragraphs and speaks for itself; a promotion is none."""
    assert story(middle=box) == [PARAGRAPHS[0], *told, *PARAGRAPHS[1:]]


def test_a_box_behind_the_text_is_no_part_of_it():
    """There the author is told of, and the next story."""
    assert story(end=f"<aside>{BOX}</aside>") == PARAGRAPHS


OFFER = (
    "<h3>Continue reading with a subscription</h3><p>Already a subscriber? Log in here.</p>"
    "<p>You have read your last free article this month.</p>"
)


@pytest.mark.parametrize(
    "box",
    [
        f"<div class='paywall'>{OFFER}</div>",
        "<div id='piano-inline'><p>It is reserved for our subscribers.</p><p>80 % of this article are left.</p></div>",
        "<section class='abo-box'><p>Jetzt weiterlesen mit Plus.</p><p>Monatlich kündbar.</p></section>",
        "<div class='article-premium'><p>Cet article est réservé aux abonnés.</p></div>",
    ],
)
def test_an_offer_of_the_rest_of_a_text_is_no_text(box):
    """What a page asks of readers is not the story's."""
    assert story(end=box) == PARAGRAPHS


def test_a_text_in_a_container_that_is_named_for_subscribers_stays():
    """Sites name what they show to all so, and a story may speak of subscribers."""
    said = "The town's paper lets all read on who subscribe to its letter, the council said."
    assert story(middle=f"<div class='paywall-content'><p>{SAID}</p></div>")[1] == SAID
    assert story(middle=f"<p>{said}</p>")[1] == said
