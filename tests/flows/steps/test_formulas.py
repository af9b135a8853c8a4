"""Formulas in MathML are read as words and figures, in feeds and on pages."""

import pytest
from lxml.html import fragment_fromstring

from flows.steps._cleaning.formulas import spelled
from flows.steps._extracting.prepare import prepare
from flows.steps.clean import clean_html

CO2 = "<math><msub><mi>CO</mi><mn>2</mn></msub></math>"


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("<msub><mi>CO</mi><mn>2</mn></msub>", "CO2"),
        ("<mi>CO</mi><msub><mi></mi><mn>2</mn></msub>", "CO2"),
        ("<msup><mn>10</mn><mn>6</mn></msup>", "10⁶"),
        ("<msubsup><mi>SO</mi><mn>4</mn><mrow><mn>2</mn><mo>-</mo></mrow></msubsup>", "SO4²⁻"),
        ("<msup><mi>e</mi><mrow><mi>k</mi><mi>t</mi></mrow></msup>", "e^(kt)"),
        ("<msup><mn>1.5</mn><mo>∘</mo></msup><mtext> C </mtext>", "1.5°C"),
        ("<mfrac><mn>1</mn><mn>3</mn></mfrac>", "1/3"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac>", "(a+b)/c"),
        ("<msqrt><mn>2</mn></msqrt>", "√2"),
        ("\n <mi>E</mi>\n <mo>=</mo> <mn>3</mn>\n", "E=3"),
        ("<semantics><mn>3</mn><annotation encoding='application/x-tex'>x_3</annotation></semantics>", "3"),
        ("<mfrac><mn>1</mn></mfrac><msup></msup>", "1"),
        ("<mn>1</mn><mfrac><mn>1</mn><mn>3</mn></mfrac><mi>x</mi>", "1 1/3 x"),
        ("<mn>1</mn><mo>&#8292;</mo><mrow><mfrac><mn>1</mn><mn>3</mn></mfrac></mrow>", "1 1/3"),
        ("<mi>x</mi><mo>=</mo><mfrac><mn>1</mn><mn>3</mn></mfrac><mo>+</mo>", "x=1/3+"),
        ("<mn>2</mn><mroot><mn>8</mn><mn>3</mn></mroot>", "2 ³√8"),
        ("<mn>5</mn><mtext>kg</mtext><mi>x</mi><mtext>&nbsp;if</mtext><mo>(</mo>", "5 kg x if("),
        ("<msub><mtext>H</mtext><mn>2</mn></msub><mtext>O</mtext>", "H2O"),
        ("<mtext>CO</mtext><mn>2</mn>", "CO2"),
        ("<mn>3</mn><mspace width='1em'/><mn>4</mn><mspace width='-1em'/><mn>5</mn>", "3 45"),
        ("<mtable><mtr><mtd>1</mtd><mtd>2</mtd></mtr><mtr><mtd>3</mtd></mtr></mtable>", "1 2 3"),
        ("<mmultiscripts><mi>C</mi><mprescripts/><none/><mn>14</mn></mmultiscripts>", "C 14"),
        ("<mi>a</mi><mphantom><mi>b</mi></mphantom><!-- c --><mi>d</mi>", "ad"),
    ],
)
def test_a_formula_is_spelled(inside, text):
    """What is raised, lowered or parted stays so: a third is not 13."""
    assert spelled(fragment_fromstring(f"<math>{inside}</math>")) == text


def test_a_formula_stays_in_its_sentence():
    """Text and HTML hold its letters, and none of its own tags."""
    cleaned = clean_html(f"<p>Of the {CO2} a third fell.</p>", base_url="https://a.example/")
    assert (cleaned.text, cleaned.html) == (
        "Of the CO2 a third fell.",
        "<p>Of the <span>CO2</span> a third fell.</p>",
    )


def test_a_formula_within_another_is_read_once():
    """No HTML allows it, and some of it is written."""
    assert clean_html(f"<p><math><mtext>{CO2}</mtext></math></p>", base_url="").text == "CO2"


MATHML = "<math><mrow><mi>CO</mi><msub><mi></mi><mn>2</mn></msub></mrow></math>"


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        pytest.param(
            f'<span class="katex"><span class="katex-mathml">{MATHML}</span>'
            '<span class="katex-html" aria-hidden="true"><span>CO</span><span>2</span></span></span>',
            "CO2",
            id="KaTeX",
        ),
        pytest.param(
            f'<mjx-container><mjx-math aria-hidden="true">CO</mjx-math> <mjx-assistive-mml>{MATHML}</mjx-assistive-mml>'
            "</mjx-container>",
            "CO2",
            id="MathJax",
        ),
        pytest.param(f'<span>{MATHML}<span aria-hidden="true">CO2</span></span>', "CO2", id="right beside it"),
        pytest.param('<span><math></math><i aria-hidden="true">CO2</i></span>', "CO2", id="nothing but the rendering"),
        pytest.param(
            f'<span style="display: none">{MATHML}</span><i aria-hidden="true">CO2</i>', "CO2", id="a hidden holder"
        ),
        pytest.param(f'{MATHML} and <i aria-hidden="true">so</i>', "CO2 and so", id="other words"),
        pytest.param(MATHML.replace("<math", "<math hidden"), "", id="hidden"),
        pytest.param(MATHML.replace("<math", "<math style='display:none'"), "", id="not displayed"),
    ],
)
def test_a_formula_that_is_drawn_too_is_read_once(formula, text):
    """What a script has drawn for the eye stands beside what it was drawn from."""
    assert clean_html(f"<p>Of {formula} half</p>", base_url="").text == " ".join(f"Of {text} half".split())


def test_a_formula_around_blocks_is_no_formula():
    """It was closed too late, and what it holds is the story."""
    html = f"<div><math><p>It rains.</p><ul><li>Much.</li></ul>{CO2}<annotation>x</annotation></math></div>"
    assert clean_html(html, base_url="").text == "It rains.\n\n- Much.\n\nCO2"


def test_many_formulas_cost_no_search_among_each_other():
    """Each is changed in its place."""
    many = clean_html("<p>" + "<math><mn>1</mn></math> " * 20_000 + "</p>", base_url="")
    assert many.text.count("1") == 20_000


def test_a_formula_within_another_is_left_alone_on_a_page():
    """It is spelled with the one around it."""
    tree = fragment_fromstring(f"<div><math><msqrt><mn>2</mn></msqrt><math>{CO2}</math></math></div>")
    inner = list(tree.iter("math"))[1:]
    prepare(tree, {})
    assert (tree.text_content(), [one.tag for one in inner]) == ("√2CO2", ["math", "math"])


def test_a_formula_around_blocks_keeps_a_page_its_paragraphs():
    """The formulas in it are spelled nevertheless."""
    tree = fragment_fromstring(f"<div><math><p>It rains.</p>{CO2}<annotation>x</annotation></math></div>")
    prepare(tree, {})
    assert [(one.tag, one.text_content()) for one in tree.iter("p", "span")] == [("p", "It rains."), ("span", "CO2")]
