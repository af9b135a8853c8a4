"""Words of dates, as data: month names as feeds write them, and time zones by their letters."""

import unicodedata

# One line a month: English, French, Spanish, German, Portuguese, Italian, Dutch, Polish, Swedish, Turkish, Indonesian,
# Russian and Ukrainian, names and the abbreviations that are in use. Accents and dots do not matter.
_MONTHS = (
    "january jan janvier janv enero ene januar janner jaenner janeiro gennaio gen januari stycznia styczen sty ocak "
    "oca января январь янв січня січень січ",
    "february feb fevrier fevr fev febrero februar feber fevereiro febbraio februari lutego luty lut subat sub "
    "февраля февраль фев февр лютого лютий лют",
    "march mar mars marzo marz maerz mrz marco maart mrt marca marzec mart maret марта март мар березня березень бер",
    "april apr avril avr abril abr aprile kwietnia kwiecien kwi nisan nis апреля апрель апр квітня квітень квіт",
    "may mai mayo maio maggio mag mei maja maj mayis мая май травня травень трав",
    "june jun juin junio juni junho giugno giu czerwca czerwiec cze haziran haz июня июнь июн червня червень черв",
    "july jul juillet juil julio juli julho luglio lug lipca lipiec lip temmuz tem июля июль июл липня липень лип",
    "august aug aout agosto ago augustus sierpnia sierpien sie augusti agustos agu agustus agu "
    "августа август авг серпня серпень серп",
    "september sep sept septembre septiembre setiembre set setembro settembre wrzesnia wrzesien wrz eylul eyl "
    "сентября сентябрь сен сент вересня вересень вер",
    "october oct octobre octubre oktober okt outubro out ottobre ott pazdziernika pazdziernik paz ekim eki "
    "октября октябрь окт жовтня жовтень жовт",
    "november nov novembre noviembre novembro listopada listopad lis kasim kas nopember ноября ноябрь ноя нояб "
    "листопада листопад лист",
    "december dec decembre diciembre dic dezember dez dezembro dicembre grudnia grudzien gru aralik ara desember des "
    "декабря декабрь дек грудня грудень груд",
)

# Minutes east of UTC. Letters that two countries use for different zones are read as news feeds most often mean them:
# IST is India's, CST America's, BST British summer time.
ZONE_MINUTES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0,
    "bst": 60, "west": 60, "cet": 60, "mez": 60, "wat": 60,
    "cest": 120, "mesz": 120, "eet": 120, "sast": 120, "cat": 120,
    "eest": 180, "msk": 180, "eat": 180, "trt": 180,
    "pkt": 300, "ist": 330, "npt": 345,
    "ict": 420, "wib": 420, "hkt": 480, "sgt": 480, "pht": 480, "awst": 480,
    "jst": 540, "kst": 540, "acst": 570, "aest": 600, "acdt": 630, "aedt": 660, "nzst": 720, "nzdt": 780,
    "ndt": -150, "brt": -180, "art": -180, "adt": -180, "nst": -210, "ast": -240, "edt": -240, "clt": -240,
    "est": -300, "cdt": -300, "cot": -300, "pet": -300, "cst": -360, "mdt": -360, "mst": -420, "pdt": -420,
    "pst": -480, "akdt": -480, "akst": -540, "hst": -600,
}  # fmt: skip


def folded(text: str) -> str:
    """Write text in one way: full-width digits as plain ones, without accents, without case."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(letter for letter in letters if not unicodedata.combining(letter)))


MONTHS = {folded(name): number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}
