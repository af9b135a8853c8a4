"""Formulas in MathML are read as words and figures, in feeds and on pages."""

import pytest
from lxml.html import fragment_fromstring

from flows.steps._cleaning.formulas import spelled
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
    ],
)
def test_a_formula_is_spelled(inside, text):
    """What is raised, lowered or parted stays so: a third is not 13."""
    assert spelled(fragment_fromstring(f"<math>{inside}</math>")) == text


def test_a_formula_stays_in_its_sentence():
    """Text and HTML hold its letters, and none of its tags."""
    cleaned = clean_html(f"<p>Of the {CO2} a third fell.</p>", base_url="https://a.example/")
    assert (cleaned.text, cleaned.html) == ("Of the CO2 a third fell.", "<p>Of the CO2 a third fell.</p>")


def test_a_formula_within_another_is_read_once():
    """No HTML allows it, and some of it is written."""
    assert clean_html(f"<p><math><mtext>{CO2}</mtext></math></p>", base_url="").text == "CO2"
