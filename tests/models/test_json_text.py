"""JSON as the archive keeps it."""

from zoneinfo import ZoneInfo

import pytest
from multidict import istr

from models import json_text
from models.evidence import Evidence


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param({istr("ETag"): istr('"a"')}, '{"ETag":"\\"a\\""}', id="a parser's own kind of string"),
        pytest.param(
            (Evidence(term="sea level", field="lead", weight=1.5, start=3, end=12),),
            '[{"term":"sea level","field":"lead","weight":1.5,"start":3,"end":12,"kind":"term"}]',
            id="a Struct",
        ),
        pytest.param(["é", "石", None], '["é","石",null]', id="any script"),
    ],
)
def test_what_is_written(value: object, text: str) -> None:
    """Compact, in UTF-8, and read again to plain values."""
    assert json_text.encode_text(value) == text
    assert json_text.encode(json_text.decode(text)) == text.encode()


def test_what_has_no_json_is_an_error() -> None:
    """It is not written as something else."""
    with pytest.raises(TypeError, match="ZoneInfo"):
        json_text.encode({"zone": ZoneInfo("UTC")})
