"""Month names as feeds write them, as data. The same word can be another month in another language."""

import unicodedata
from collections import defaultdict
from collections.abc import Sequence

# Twelve months each, other forms of one after a stroke. Accents, case and dots do not matter. Sorted by language.
_MONTHS = {
    "ar": "يناير/جانفي/كانون_الثاني فبراير/فيفري/شباط مارس/آذار أبريل/ابريل/إبريل/أفريل/نيسان مايو/ماي/أيار "
          "يونيو/جوان/حزيران يوليو/جويلية/تموز أغسطس/اغسطس/أوت/آب سبتمبر/أيلول أكتوبر/اكتوبر/تشرين_الأول "
          "نوفمبر/تشرين_الثاني ديسمبر/كانون_الأول",
    "az": "yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr",
    "be": "студзеня/студзень/сту лютага/люты/лют сакавіка/сакавік/сак красавіка/красавік/кра мая/травень/траўня "
          "чэрвеня/чэрвень/чэр ліпеня/ліпень/ліп жніўня/жнівень/жні верасня/верасень/вер кастрычніка/кастрычнік/кас "
          "лістапада/лістапад/ліс снежня/снежань/сне",
    "bg": "януари/яну февруари/фев март/мар април/апр май юни юли август/авг септември/сеп октомври/окт ноември/ное "
          "декември/дек",
    "bn": "জানুয়ারি/জানুয়ারী ফেব্রুয়ারি/ফেব্রুয়ারী মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর "
          "ডিসেম্বর",
    "ca": "gener/gen febrer/febr març abril/abr maig juny juliol/jul agost/ag setembre/set octubre/oct novembre/nov "
          "desembre/des",
    "cs": "ledna/leden/led února/únor/úno března/březen/bře dubna/duben/dub května/květen/kvě června/červen/čvn/čer "
          "července/červenec/čvc srpna/srpen/srp září/zář října/říjen/říj listopadu/listopad/lis "
          "prosince/prosinec/pro",
    "da": "januar/jan februar/feb marts/mar april/apr maj juni/jun juli/jul august/aug september/sep oktober/okt "
          "november/nov december/dec",
    "de": "januar/jan/jänner/jaenner/jän februar/feber/feb märz/maerz/mrz/mär april/apr mai juni/jun juli/jul "
          "august/aug september/sept/sep oktober/okt november/nov dezember/dez",
    "el": "ιανουαρίου/ιανουάριος/ιαν φεβρουαρίου/φεβρουάριος/φεβ μαρτίου/μάρτιος/μαρ απριλίου/απρίλιος/απρ "
          "μαΐου/μάιος/μαΐ/μάι ιουνίου/ιούνιος/ιουν ιουλίου/ιούλιος/ιουλ αυγούστου/αύγουστος/αυγ "
          "σεπτεμβρίου/σεπτέμβριος/σεπ/σεπτ οκτωβρίου/οκτώβριος/οκτ νοεμβρίου/νοέμβριος/νοε "
          "δεκεμβρίου/δεκέμβριος/δεκ",
    "en": "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sept/sep "
          "october/oct november/nov december/dec",
    "es": "enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago "
          "septiembre/setiembre/sep/sept/set octubre/oct noviembre/nov diciembre/dic",
    "et": "jaanuar/jaan veebruar/veebr märts aprill/apr mai juuni juuli august/aug september/sept oktoober/okt "
          "november/nov detsember/dets",
    "eu": "urtarrila/urt otsaila/ots martxoa apirila/api maiatza/mai ekaina/eka uztaila/uzt abuztua/abu iraila/ira "
          "urria/urr azaroa/aza abendua/abe",
    "fa": "ژانویه فوریه مارس آوریل مه ژوئن ژوئیه/جولای اوت سپتامبر اکتبر نوامبر دسامبر",
    "fi": "tammikuuta/tammikuu/tammi helmikuuta/helmikuu/helmi maaliskuuta/maaliskuu/maalis "
          "huhtikuuta/huhtikuu/huhti toukokuuta/toukokuu/touko kesäkuuta/kesäkuu/kesä heinäkuuta/heinäkuu/heinä "
          "elokuuta/elokuu/elo syyskuuta/syyskuu/syys lokakuuta/lokakuu/loka marraskuuta/marraskuu/marras "
          "joulukuuta/joulukuu/joulu",
    "fr": "janvier/janv/jan février/févr/fév mars avril/avr mai juin juillet/juil août septembre/sept/sep "
          "octobre/oct novembre/nov décembre/déc",
    "gl": "xaneiro/xan febreiro/feb marzo/mar abril/abr maio/mai xuño/xuñ xullo/xul agosto/ago setembro/set "
          "outubro/out novembro/nov decembro/dec",
    "he": "ינואר פברואר מרץ/מרס אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר",
    "hi": "जनवरी/जन फ़रवरी/फरवरी/फर मार्च अप्रैल मई जून जुलाई अगस्त/अग सितंबर/सितम्बर/सित अक्टूबर/अक्तूबर/अक्टू "
          "नवंबर/नवम्बर/नव दिसंबर/दिसम्बर/दिस",
    "hr": "siječnja/siječanj/sij veljače/veljača/velj/vel ožujka/ožujak/ožu travnja/travanj/tra svibnja/svibanj/svi "
          "lipnja/lipanj/lip srpnja/srpanj/srp kolovoza/kolovoz/kol rujna/rujan/ruj listopada/listopad/lis "
          "studenoga/studenog/studeni/stu prosinca/prosinac/pro",
    "hu": "január/jan február/febr március/márc április/ápr május/máj június/jún július/júl augusztus/aug "
          "szeptember/szept október/okt november/nov december/dec",
    "id": "januari/jan februari/feb/peb maret/mar april/apr mei juni/jun juli/jul agustus/agu/agt september/sep "
          "oktober/okt november/nopember/nov desember/des",
    "is": "janúar/jan febrúar/feb mars/mar apríl/apr maí júní/jún júlí/júl ágúst/ágú september/sep október/okt "
          "nóvember/nóv desember/des",
    "it": "gennaio/gen febbraio/feb marzo/mar aprile/apr maggio/mag giugno/giu luglio/lug agosto/ago "
          "settembre/set/sett ottobre/ott novembre/nov dicembre/dic",
    "ka": "იანვარი/იან თებერვალი/თებ მარტი/მარ აპრილი/აპრ მაისი/მაი ივნისი/ივნ ივლისი/ივლ აგვისტო/აგვ "
          "სექტემბერი/სექ ოქტომბერი/ოქტ ნოემბერი/ნოე დეკემბერი/დეკ",
    "kk": "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан",
    "lt": "sausio/sausis/saus vasario/vasaris/vas kovo/kovas/kov balandžio/balandis/bal gegužės/gegužė/geg "
          "birželio/birželis/birž liepos/liepa/liep rugpjūčio/rugpjūtis/rugp rugsėjo/rugsėjis/rugs "
          "spalio/spalis/spal lapkričio/lapkritis/lapkr gruodžio/gruodis/gruod",
    "lv": "janvāris/janvārī/janv februāris/februārī/febr marts/martā aprīlis/aprīlī/apr maijs/maijā "
          "jūnijs/jūnijā/jūn jūlijs/jūlijā/jūl augusts/augustā/aug septembris/septembrī/sept oktobris/oktobrī/okt "
          "novembris/novembrī/nov decembris/decembrī/dec",
    "mk": "јануари/јан февруари/фев март/мар април/апр мај јуни/јун јули/јул август/авг септември/септ октомври/окт "
          "ноември/ноем декември/дек",
    "ms": "januari/jan februari/feb mac april/apr mei jun julai/jul ogos/ogo september/sep oktober/okt november/nov "
          "disember/dis",
    "nb": "januar/jan februar/feb mars/mar april/apr mai juni/jun juli/jul august/aug september/sep oktober/okt "
          "november/nov desember/des",
    "nl": "januari/jan februari/feb maart/mrt april/apr mei juni/jun juli/jul augustus/aug september/sep "
          "oktober/okt november/nov december/dec",
    "pl": "stycznia/styczeń/sty lutego/luty/lut marca/marzec/mar kwietnia/kwiecień/kwi maja/maj "
          "czerwca/czerwiec/cze lipca/lipiec/lip sierpnia/sierpień/sie września/wrzesień/wrz "
          "października/październik/paź listopada/listopad/lis grudnia/grudzień/gru",
    "pt": "janeiro/jan fevereiro/fev março/mar abril/abr maio/mai junho/jun julho/jul agosto/ago setembro/set "
          "outubro/out novembro/nov dezembro/dez",
    "ro": "ianuarie/ian februarie/feb martie/mar aprilie/apr mai iunie/iun iulie/iul august/aug septembrie/sept "
          "octombrie/oct noiembrie/noi/nov decembrie/dec",
    "ru": "января/январь/янв февраля/февраль/фев/февр марта/март/мар апреля/апрель/апр мая/май июня/июнь/июн "
          "июля/июль/июл августа/август/авг сентября/сентябрь/сен/сент октября/октябрь/окт ноября/ноябрь/ноя/нояб "
          "декабря/декабрь/дек",
    "sk": "januára/január/jan februára/február/feb marca/marec/mar apríla/apríl/apr mája/máj júna/jún júla/júl "
          "augusta/august/aug septembra/september/sep októbra/október/okt novembra/november/nov "
          "decembra/december/dec",
    "sl": "januarja/januar/jan februarja/februar/feb marca/marec/mar aprila/april/apr maja/maj junija/junij/jun "
          "julija/julij/jul avgusta/avgust/avg septembra/september/sep oktobra/oktober/okt novembra/november/nov "
          "decembra/december/dec",
    "sq": "janar/jan shkurt/shk mars/mar prill/pri maj qershor/qer korrik/korr gusht/gush shtator/sht tetor/tet "
          "nëntor/nën dhjetor/dhj",
    "sr": "januar/januara/јануар/јануара/јан februar/februara/фебруар/фебруара/феб mart/marta/март/марта "
          "april/aprila/април/априла/апр maj/maja/мај/маја jun/juna/jun/јун/јуна jul/jula/јул/јула "
          "avgust/avgusta/avg/август/августа/авг septembar/septembra/септембар/септембра/сеп "
          "oktobar/oktobra/октобар/октобра/окт novembar/novembra/новембар/новембра/нов "
          "decembar/decembra/децембар/децембра/дец",
    "sv": "januari/jan februari/feb/febr mars/mar april/apr maj juni/jun juli/jul augusti/aug september/sep/sept "
          "oktober/okt november/nov december/dec",
    "sw": "januari februari machi aprili mei juni julai agosti septemba oktoba novemba desemba",
    "th": "มกราคม/มค กุมภาพันธ์/กพ มีนาคม/มีค เมษายน/เมย พฤษภาคม/พค มิถุนายน/มิย กรกฎาคม/กค สิงหาคม/สค กันยายน/กย "
          "ตุลาคม/ตค พฤศจิกายน/พย ธันวาคม/ธค",
    "tl": "enero/ene pebrero/peb marso abril/abr mayo hunyo/hun hulyo/hul agosto/ago setyembre/set oktubre/okt "
          "nobyembre/nob disyembre/dis",
    "tr": "ocak/oca şubat/şub mart/mar nisan/nis mayıs/may haziran/haz temmuz/tem ağustos/ağu eylül/eyl ekim/eki "
          "kasım/kas aralık/ara",
    "uk": "січня/січень/січ лютого/лютий/лют березня/березень/бер квітня/квітень/квіт травня/травень/трав "
          "червня/червень/черв липня/липень/лип серпня/серпень/серп вересня/вересень/вер жовтня/жовтень/жовт "
          "листопада/листопад/лист/лис грудня/грудень/груд",
    "ur": "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر",
    "uz": "yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr",
    "vi": "thang_1/thg_1 thang_2/thg_2 thang_3/thg_3 thang_4/thg_4 thang_5/thg_5 thang_6/thg_6 thang_7/thg_7 "
          "thang_8/thg_8 thang_9/thg_9 thang_10/thg_10 thang_11/thg_11 thang_12/thg_12",
}  # fmt: skip
_SHORTEST = 3  # letters of a name that was cut
_LIKE = {"bs": "hr", "sh": "hr", "no": "nb", "nn": "nb", "fil": "tl"}  # their months are those of another language


def folded(text: str) -> str:
    """Write text in one way: full-width digits as plain ones, without accents, without case."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(letter for letter in letters if not unicodedata.combining(letter)))


def _by_word() -> dict[str, dict[str, int]]:
    months: dict[str, dict[str, int]] = defaultdict(dict)
    for language, names in _MONTHS.items():
        for number, forms in enumerate(names.split(), start=1):
            for form in forms.split("/"):
                months[folded(form)][language] = number
    return dict(months)


_BY_WORD = _by_word()


def month_number(word: str, languages: Sequence[str]) -> int | None:
    """Return the month of a folded word: in the first of the languages that has it, else the one that it always is."""
    meanings = _BY_WORD.get(word) or _BY_WORD.get(word.removeprefix("ב")) or {}
    known = (meanings.get(_LIKE.get(language, language)) for language in languages)
    expected = next((month for month in known if month), None)
    return expected or (next(iter(meanings.values())) if len(set(meanings.values())) == 1 else None)


def month_begun(word: str, languages: Sequence[str]) -> int | None:
    """Return the month of which a folded word is the beginning, in the first of the languages that has just one such.

    Programs cut names to three letters where a language does not: Lok for lokakuuta. What is a month elsewhere is none.
    """
    if len(word) < _SHORTEST or word in _BY_WORD:
        return None
    begun = ({by[name] for form, by in _BY_WORD.items() if name in by and form.startswith(word)} for name in languages)
    return next((months.pop() for months in begun if len(months) == 1), None)
