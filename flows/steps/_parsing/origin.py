"""Where a feed comes from, as far as it is known: by this, letters and words that mean several things are read."""

from msgspec import Struct
from msgspec.structs import replace

# The country that a language without a region points to, where that decides what zone letters mean. Sorted by language.
_HOMES = {
    "as": "IN", "bn": "BD", "da": "DK", "de": "DE", "fil": "PH", "ga": "IE", "gu": "IN", "he": "IL", "hi": "IN",
    "hy": "AM", "ja": "JP", "kn": "IN", "ko": "KR", "ml": "IN", "mr": "IN", "or": "IN", "pa": "IN", "si": "LK",
    "te": "IN", "tl": "PH", "ur": "PK", "zh": "CN",
}  # fmt: skip
# Languages of a country whose month words another language uses for other months. Sorted by country.
_SPOKEN = {
    "BA": "hr", "BY": "be", "CZ": "cs", "FI": "fi", "HR": "hr", "LT": "lt", "LV": "lv", "PL": "pl", "RS": "sr",
    "SI": "sl", "SK": "sk", "UA": "uk",
}  # fmt: skip
_NOWHERE = frozenset({"XX", "EU", "UN", ""})
# Who writes 03/04 for the fourth of March; who writes it in both orders, or always year first; languages in which the
# day goes first wherever they are written.
_MONTH_FIRST = frozenset({"AS", "FM", "GU", "MH", "MP", "PR", "PW", "US", "VI"})
_NO_ORDER = frozenset({"CA", "CN", "GH", "HK", "HU", "JP", "KE", "KP", "KR", "LT", "MN", "MO", "PH", "SE", "TW", "ZA"})
_DAY_FIRST_IN = """
    ar be bg bn bs ca cs cy da de el es et eu fi fr ga gl he hi hr id is it lb lv mk ms mt nb nl nn no pl pt ro ru sk
    sl sq sr sw th tr uk ur vi
"""
_DAY_FIRST = frozenset(_DAY_FIRST_IN.split())


class Origin(Struct, frozen=True, kw_only=True):
    """A feed's language (BCP 47) and country (ISO 3166-1) as feeds.yaml has them, and the document's own language."""

    language: str | None = None
    country: str | None = None
    document_language: str | None = None

    def in_document(self, language: str | None) -> "Origin":
        """Return the same with what a document says of itself."""
        return replace(self, document_language=language)

    @property
    def place(self) -> str:
        """The country by the best that is known, "" where nothing is."""
        if (country := (self.country or "").upper()) not in _NOWHERE:
            return country
        declared = [language for language in (self.language, self.document_language) if language]
        return next(filter(None, map(_country_of, declared)), "")

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages to be expected, the most likely first, without their regions."""
        declared = (self.language, _SPOKEN.get((self.country or "").upper()), self.document_language)
        return tuple(dict.fromkeys(language.split("-")[0].lower() for language in declared if language))

    @property
    def is_day_first(self) -> bool | None:
        """Whether 03/04 is the third of April there; None where nobody can know."""
        if (country := (self.country or "").upper()) not in _NOWHERE:
            return _order_in(country)
        declared = [language for language in (self.language, self.document_language) if language]
        orders = map(_order_of, declared)
        return next((order for order in orders if order is not None), None)


def _order_in(country: str) -> bool | None:
    return None if country in _NO_ORDER else country not in _MONTH_FIRST


def _order_of(language: str) -> bool | None:
    primary, *others = language.split("-")
    region = next((part.upper() for part in others if len(part) == 2), "")
    if region:
        return _order_in(region)
    return True if primary.lower() in _DAY_FIRST else None


def _country_of(language: str) -> str:
    primary, *others = language.split("-")
    region = next((part.upper() for part in others if len(part) == 2), "")
    return region or _HOMES.get(primary.lower(), "")
