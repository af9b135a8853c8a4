"""The small words by which a language is known, those that nearly every paragraph has. Sorted by language."""

FUNCTION_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "ar": "في من على إلى أن التي الذي عن هذا هذه مع كان ما لا بين بعد قال وقال خلال وفي ومن كما",
        "bg": "на и в за се от да че са по не това като ще до беше при или който която които също през",
        "ca": "de la que i el en els les a per amb una un del és no al dels més ha són pel aquest aquesta també han",
        "cs": "a se v na je že s z do o i to k ve by ale za jsou po jako podle který která které bylo také jeho když",
        "da": "og i at det er en til af den for på de med der ikke har et som om vi fra ved blev også efter være kan",
        "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus",
        "en": "the of and to in a is that for it on with as was are be by this from at have has its which not will",
        "es": "de la que el en y a los del se las por un para con no una su al lo como más es ha sus este entre",
        "et": "ja on ei et see ka kui mis oli aga oma või seda ning ta selle välja kes siis nii mida veel pole",
        "eu": "eta da ez du bat dira dute baina ere izan den zen bere egin duen horrek beste dela",
        "fa": "و در به از که این را با است برای آن یک خود تا کرد بر هم شد شده می بود اما دارد نیز",
        "fi": "ja on ei että se oli hän myös mutta ovat kun joka tai ole mukaan kuin sen vuoden jo niin voi sekä ovat",
        "fr": "de la le et les des en un une du que est pour qui dans par sur au pas plus ne ce se avec sont il son",
        "gl": "de a o que e do da en un para os unha con por as dos no das na ao máis se como non é polo foi",
        "hr": "je i u na se da za su od s a kako o što će koji iz koja koje bi ne to ali više nije kao te godine",
        "hu": "a az és hogy nem is egy ez meg de volt van csak már el vagy mint kell még szerint azt után ami lesz",
        "id": "yang dan di untuk dengan dari ini dalam pada itu tidak akan juga ke oleh tersebut adalah karena kata",
        "it": "di e che la il in un per è del non a una della i le con si da dei al sono nel anche più come gli alla",
        "lt": "ir yra kad iš su į o tai kaip bet ar už nuo jau dėl buvo taip kuris pat apie per metų",
        "lv": "un ir ka no ar uz par lai kas arī bet tika gada pēc tas kā līdz šo var ne",
        "mk": "на и во за се од да дека со не што ќе е по како кој која кои но а тоа беше според",
        "nb": "og i det er på som en til for av at med har de ikke den et om var vi fra å seg men også ble etter kan",
        "nl": "de van het een en in is dat op te zijn voor met die niet aan er om ook als bij uit door naar wordt",
        "pl": "w i na z się do nie że to jest o od za po są przez jak dla ale tym co oraz już może tego jego które",
        "pt": "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao das pela são",
        "ro": "de în și a la cu care pe din că nu o un pentru este mai au fost se sunt prin după ce dar fi al ale ca",
        "ru": "и в не на что с по это как а для из от к но он до за его о также при был так все года которые",
        "sk": "a sa v na je že s z do o aj to k vo by ale za sú po ako podľa ktorý ktorá ktoré bolo tiež jeho keď",
        "sl": "je in v na se da za so s tudi ki z po pa iz ne pri ali bi bo kot od bil še leta kar",
        "sr": "је и у на се да за су од с а како о што ће који из која које би не то али више није као",
        "sv": "och i att det är en som på för av med den till har inte om ett de vi från han men också var kan så",
        "sw": "ya na wa kwa ni katika za la kuwa hii hiyo pia lakini yake kama cha huo wake ambao hilo",
        "tl": "ang ng sa na mga at ay ni para si kung hindi ito may mula sila nang upang dahil",
        "tr": "ve bir bu için de da ile olarak çok daha olan gibi ne kadar en sonra ise olduğu değil var ancak göre",
        "uk": "і в не на що з та до у це як за від про для які але він його цього також року був так під",
        "ur": "کے میں کی ہے اور سے کا کو اس نے کہ پر یہ ہیں ایک بھی کر تھا جو گیا",
        "vi": "và của là có được cho trong các với không những đã một này người để từ khi về tại",
    }.items()
}

# Words that say nothing of what a text is about, of all these languages, with more of English.
_MORE = """
about after again all also am among an another any around away back became become been before being between both
but can come could did do does doing done down during each even ever every few first get gets getting give given go
goes going gone got had he her here hers him his how i if into just keep let like made make makes making many may
me might more most much must my new next no nor now off often once one only or other our out over own per put said
same say says see seen she should since so some still such take than their them then there these they thing things
this those through time times too took toward two under until up upon us use used very via want was way we well
went were what when where whether while who whom whose why within without would year years yet you your
"""
SMALL_WORDS: frozenset[str] = frozenset().union(*FUNCTION_WORDS.values()) | frozenset(_MORE.split())
