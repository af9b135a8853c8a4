"""Short articles, and what stands on top of them."""

import pytest

from flows.steps.extract import extract_page
from tests.saved_pages import PARAGRAPHS, URL

NOTES = {
    "zh": [
        "市议会周二晚上决定，用湖水为居民供暖。",
        "水泵从四十米深处抽取七度的湖水，车站旁的设备从中取热。",
        "首批一千二百户将在春天接入，市长承诺费用不变。",
        "三个城镇的工程师参观了这一计划，他们的湖水并不更冷。",
        "渔民曾担心鳟鱼，但两年的研究发现水温几乎没有变化。",
    ],
    "ko": [
        "시의회는 화요일 저녁 호수의 물로 집을 데우기로 결정했다.",
        "사십 미터 깊이에서 칠 도의 물을 퍼 올려 역 옆의 시설이 열을 얻는다.",
        "첫 천이백 가구는 봄에 연결되며 요금은 그대로라고 시장은 약속했다.",
        "다른 세 도시의 기술자들이 계획을 살펴보았다.",
    ],
}


@pytest.mark.parametrize("language", NOTES)
def test_a_short_article_of_dense_characters_is_read_without_what_is_around_it(language):
    """A hundred of them say what 250 letters do: navigation and the editor's name are none of the text."""
    text = "".join(f"<p>\u3000{one}</p>" for one in NOTES[language])
    html = (
        f"<html lang='{language}'><head><title>湖</title></head><body><div class='nav'><a href='/'>首页</a></div>"
        f"<div class='article'><h1>湖</h1><div class='article-content'>{text}</div>"
        "<div class='editor'>责任编辑：王小明</div></div></body></html>"
    )
    assert extract_page(html.encode(), url=URL).text.split("\n\n") == NOTES[language]


@pytest.mark.parametrize(
    ("top", "text"),
    [
        ("<h1>Lake heat</h1>", []),
        ("<p>Climate</p><h1>Lake heat</h1>", ["Climate"]),
        ("<h1>Lake heat</h1><p>Climate</p><h2>Lake heat</h2>", ["Climate"]),
    ],
    ids=["alone", "behind a kicker", "twice"],
)
def test_a_headline_on_top_is_not_said_again(top, text):
    """Neither in the text nor as an empty heading of the HTML."""
    own = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    html = f"<html><head><title>Lake heat</title></head><body><main><article>{top}{own}</article></main></body></html>"
    story = extract_page(html.encode(), url=URL)
    assert story.text.split("\n\n") == [*text, *PARAGRAPHS]
    assert "<h" not in story.html
