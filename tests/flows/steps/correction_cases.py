# ruff: noqa: E501 - each case is one line, however long
"""Made edits of our own writing: a text, what an editor did to it, and the kinds of correction that this is.

A case is `language | before | after | kinds`. Each stands within an article of its language, which stays as it is.
"""

from msgspec import Struct

ARTICLES = {
    "en": "The river authority met on Tuesday. Residents had asked for a wall along the old quay. {} "
    "Work on the bank would begin in spring. “We cannot wait for another flood like the last one,” said Ada Lind.",
    "de": "Die Flussbehörde tagte am Dienstag. Anwohner hatten eine Mauer am alten Kai gefordert. {} "
    "Die Arbeiten am Ufer sollen im Frühjahr beginnen. „Wir können nicht auf die nächste Flut warten“, sagte Ada Lind.",
    "fr": "L'agence du fleuve s'est réunie mardi. Des riverains réclamaient un mur le long du vieux quai. {} "
    "Les travaux sur la rive commenceraient au printemps. « Nous ne pouvons plus attendre », a dit Ada Lind.",
    "es": "La autoridad del río se reunió el martes. Los vecinos pedían un muro junto al viejo muelle. {} "
    "Las obras en la orilla empezarían en primavera. «No podemos esperar otra inundación», dijo Ada Lind.",
    "it": "L'autorità del fiume si è riunita martedì. I residenti chiedevano un muro lungo il vecchio molo. {} "
    "I lavori sulla riva inizierebbero in primavera.",
    "pt": "A autoridade do rio reuniu-se na terça-feira. Os moradores pediam um muro junto ao velho cais. {} "
    "As obras na margem começariam na primavera.",
    "nl": "De rivierdienst kwam dinsdag bijeen. Bewoners vroegen om een muur langs de oude kade. {} "
    "Het werk aan de oever zou in het voorjaar beginnen.",
    "ru": "Речное ведомство собралось во вторник. Жители просили построить стену вдоль старой набережной. {} "
    "Работы на берегу начнутся весной.",
    "zh": "河务局周二开会。居民要求在旧码头修建一道墙。{}岸上的工程将于春天开始。",
    "ja": "河川局は火曜日に会合を開いた。住民は古い岸壁に壁を求めていた。{}岸の工事は春に始まる予定だ。",
    "ko": "하천 당국은 화요일에 회의를 열었다. 주민들은 옛 부두에 벽을 요구했다. {} 둑 공사는 봄에 시작될 예정이다.",
}

_EDITS = """
en | Temperatures rose by 1.54 degrees Celsius last year. | Temperatures rose by 1.5 degrees Celsius last year. | number
en | Some 1,200 homes were flooded. | Some 2,100 homes were flooded. | number
en | The wall will cost $3.2 million. | The wall will cost $3.2 billion. | number
en | The plant emits 40 tonnes of methane a year. | The plant emits 4 tonnes of methane a year. | number
en | At least three people died in the storm. | At least five people died in the storm. | number
en | Sea ice covers 14% less than it did. | Sea ice covers 41% less than it did. | number
en | The reactor lies 12 miles north of the town. | The reactor lies 12 kilometres north of the town. | number
en | The law was passed in 2015 by a small majority. | The law was passed in 2016 by a small majority. | number
en | Emissions fell by 30 per cent and costs by 12 per cent. | Emissions fell by 20 per cent and costs by 10 per cent. | number
en | He owns twelve boats on the lake. | He owns twenty boats on the lake. | number
en | The fund holds 500 million euros for such walls. | The fund holds 50 million euros for such walls. | number
en | Some 1,200 homes were flooded. | Some 1200 homes were flooded. | wording
en | Emissions fell by 30 per cent. | Emissions fell by 30%. | wording
en | About 3 boats were lost. | About three boats were lost. | wording
en | The wall cost 3 million euros. | The wall cost 3,000,000 euros. | wording
en | The report was written by Carl Weiss for the ministry. | The report was written by Karl Weiss for the ministry. | name
en | The mayor, Joan Hill, opened the quay. | The mayor, Jane Hill, opened the quay. | name
en | The dam belongs to Norsk Kraft and its owners. | The dam belongs to Nord Energi and its owners. | name
en | A spokesman for the EPA declined to comment. | A spokesman for the EIA declined to comment. | name
en | The fire began near Port Ellen in the night. | The fire began near Port Ellis in the night. | name
en | Professor Maria Costa led the study of the bay. | Professor Mario Costa led the study of the bay. | name
en | The government was slow to act. | The cabinet was slow to act. | wording
en | The Government was slow to act. | The government was slow to act. | wording
en | Engineers quickly closed the gates. | Engineers closed the gates at once. | wording
en | The plan met fierce resistance from farmers. | The plan met strong resistance from farmers. | wording
en | It was a bad year for the coast, experts say. | It was a terrible year for the coast, experts say. | wording
en | The council agreed - at last. | The council agreed – at last. | none
en | He said: "The sea will take the town within a decade." | He declined to say more. | retraction addition
en | The minister agreed. “The company lied to all of us about the leak,” she said. | The minister agreed. | retraction
en | The wall would be low. Officials had hidden the first report from the public. | The wall would be low. | retraction
en | The gates held. | The gates held. Inspectors will visit the site again in March, the agency said. | addition
en | The gates held. | The gates held. A second wall is planned for the northern shore. | addition
en | The ministry paid for the wall. | The ministry paid for the wall, after two years of talks with the region and its towns. | addition
en | The gates held. | The gates held. This article was amended on 3 May 2026 to correct the height of the wall. | notice
en | The gates held. | The gates held. Correction: the wall is four metres high, not five. | notice
en | The gates held. | The gates held. An earlier version of this article misstated the height of the wall. | notice
en | The gates held. | The gates held. Clarification: the agency paid for the gates alone. | notice
en | The gates held. | The gates held. The market correction continued on Friday in all cities. | addition
en | The gates held. | The gates held. Officials corrected the course of the stream last year. | addition
de | Die Temperatur stieg um 1,54 Grad. | Die Temperatur stieg um 1,5 Grad. | number
de | Rund 1.200 Häuser standen unter Wasser. | Rund 2.100 Häuser standen unter Wasser. | number
de | Die Mauer kostet 3 Millionen Euro. | Die Mauer kostet 3 Milliarden Euro. | number
de | Rund 1.200 Häuser standen unter Wasser. | Rund 1200 Häuser standen unter Wasser. | wording
de | Das Haus am Ufer wurde von der Flut zerstört. | Das Gebäude am Ufer wurde von der Flut zerstört. | wording
de | Der Bericht stammt von Karl Weiß aus der Stadt. | Der Bericht stammt von Carl Weiss aus der Stadt. | name
de | Die Leiterin Anna Berg hat das bestätigt. | Die Leiterin Anne Berg hat das bestätigt. | name
de | Die Tore hielten stand. | Die Tore hielten stand. In einer früheren Version hieß es, die Mauer sei fünf Meter hoch. | notice
de | Die Tore hielten stand. | Die Tore hielten stand. Anmerkung der Redaktion: Die Höhe der Mauer wurde korrigiert. | notice
de | Die Tore hielten stand. | Die Tore hielten stand. Fachleute wollen den Damm im Herbst noch einmal prüfen. | addition
de | Er klagte. „Die Firma hat uns alle jahrelang belogen“, sagte er. | Er klagte. | retraction
fr | La hausse atteint 1,54 degré. | La hausse atteint 1,5 degré. | number
fr | Quelque 12 000 habitants ont fui. | Quelque 21 000 habitants ont fui. | number
fr | Le maire Jean Petit a inauguré le quai. | Le maire Jacques Petit a inauguré le quai. | name
fr | Les portes ont tenu. | Les portes ont tenu. Cet article a été modifié pour corriger la hauteur du mur. | notice
fr | Les portes ont tenu. | Les portes ont tenu. Rectificatif : le mur mesure quatre mètres. | notice
fr | Les portes ont tenu. | Les portes ont tenu. Un deuxième mur est prévu au nord de la ville. | addition
fr | Il a protesté. « La société nous a menti pendant des années », a-t-il dit. | Il a protesté. | retraction
fr | Le conseil a vite accepté ce projet. | Le conseil a rapidement accepté ce projet. | wording
es | La subida llega a 1,54 grados. | La subida llega a 1,5 grados. | number
es | Murieron tres personas en la tormenta. | Murieron cinco personas en la tormenta. | number
es | La alcaldesa Rosa Gil abrió el muelle. | La alcaldesa Rosa Gual abrió el muelle. | name
es | Las puertas aguantaron. | Las puertas aguantaron. Fe de erratas: el muro mide cuatro metros. | notice
es | Las puertas aguantaron. | Las puertas aguantaron. Una versión anterior de este artículo daba otra altura. | notice
es | Las puertas aguantaron. | Las puertas aguantaron. Habrá un segundo muro en la orilla norte. | addition
es | El plan tuvo una fuerte oposición. | El plan tuvo una dura oposición. | wording
it | L'aumento è di 1,54 gradi. | L'aumento è di 1,5 gradi. | number
it | Le porte hanno retto. | Le porte hanno retto. Errata corrige: il muro è alto quattro metri. | notice
it | La sindaca Rosa Galli ha aperto il molo. | La sindaca Rita Galli ha aperto il molo. | name
pt | O aumento é de 1,54 graus. | O aumento é de 1,5 graus. | number
pt | As portas aguentaram. | As portas aguentaram. Correção: o muro mede quatro metros. | notice
pt | As portas aguentaram. | As portas aguentaram. Haverá um segundo muro na margem norte. | addition
nl | De stijging is 1,54 graden. | De stijging is 1,5 graden. | number
nl | De poorten hielden het. | De poorten hielden het. In een eerdere versie stond een andere hoogte van de muur. | notice
nl | Burgemeester Jan Visser opende de kade. | Burgemeester Jan Vissers opende de kade. | name
ru | Рост составил 1,54 градуса. | Рост составил 1,5 градуса. | number
ru | Доклад написал Иван Петров из города. | Доклад написал Игорь Петров из города. | name
ru | Ворота выдержали. | Ворота выдержали. Исправление: высота стены четыре метра. | notice
ru | Ворота выдержали. | Ворота выдержали. Вторую стену построят на северном берегу. | addition
zh | 去年气温上升1.54度。 | 去年气温上升1.5度。 | number
zh | 暴风雨造成三人死亡。 | 暴风雨造成五人死亡。 | number
zh | 这道墙耗资3亿元。 | 这道墙耗资3万元。 | number
zh | 报告由王明教授撰写。 | 报告由王敏教授撰写。 | name
zh | 闸门经受住了考验。 | 闸门经受住了考验。更正：墙高四米。 | notice
zh | 闸门经受住了考验。 | 闸门经受住了考验。北岸还将修建第二道墙。 | addition
zh | 该计划遭到农民强烈反对。 | 该计划遭到农民激烈反对。 | wording
ja | 昨年の気温は1.54度上がった。 | 昨年の気温は1.5度上がった。 | number
ja | 田中一郎氏が報告を書いた。 | 田中二朗氏が報告を書いた。 | name
ja | 水門は持ちこたえた。 | 水門は持ちこたえた。訂正：壁の高さは四メートルでした。 | notice
ja | 水門は持ちこたえた。 | 水門は持ちこたえた。北岸にも第二の壁が建てられる。 | addition
ko | 지난해 기온은 1.54도 올랐다. | 지난해 기온은 1.5도 올랐다. | number
ko | 김민수 장관은 벽을 열었다. | 김민호 장관은 벽을 열었다. | name
ko | 수문은 버텼다. | 수문은 버텼다. 정정: 벽의 높이는 4미터입니다. | notice
"""


class Edit(Struct, frozen=True):
    """What an editor did."""

    language: str
    before: str
    after: str
    kinds: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, str]:
        """Return the whole article before and after."""
        article = ARTICLES[self.language]
        return article.format(self.before), article.format(self.after)


def _edit(line: str) -> Edit:
    language, before, after, kinds = (part.strip() for part in line.split(" | "))
    return Edit(language, before, after, tuple(kinds.split()))


EDITS = [_edit(line) for line in _EDITS.strip().splitlines()]
