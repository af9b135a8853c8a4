"""Know the sentence by which a publisher says that it corrected a text."""

import re
from typing import Final

_LONGEST: Final = 600  # characters: what is longer is no notice

# A heading, alone or before a colon or dash: the word within a sentence may mean anything, a market's correction too.
_HEADS: Final = (
    r"corrections?(?: and clarifications?)?|clarifications?|corrigend(?:um|a)|errat(?:um|a)|editor['’]s note|"
    r"korrektur(?:hinweis)?|berichtigung|richtigstellung|anmerkung der redaktion|"
    r"rectificatif|rectification|précision|note de la rédaction|"
    r"correcci[óo]n|rectificaci[óo]n|fe de errores|fe de erratas|nota de la redacci[óo]n|"
    r"errata corrige|rettifica|correzione|nota della redazione|"
    r"erramos|correç[ãa]o|retificaç[ãa]o|"
    r"correctie|rectificatie|sprostowanie|korekta|rättelse|rettelse|korrigering|oikaisu|korjaus|oprava|helyesbítés|"
    r"исправление|поправка|уточнение|виправлення|düzeltme|ralat|koreksi|đính chính|διόρθωση|تصحيح|"
    r"訂正(?:とお詫び)?|お詫びと訂正|更正(?:启事|啟事)?|勘误|勘誤|정정(?:보도)?|바로잡습니다"
)
_HEAD: Final = re.compile(
    rf"\W{{0,4}}(?:{_HEADS})\s{{0,2}}(?:\([^)]{{0,40}}\)\s?|[\d./ ]{{0,12}})(?:[:：—–-]|\W{{0,3}}$)", re.IGNORECASE
)
_SAYS: Final = re.compile(
    r"\b(?:this|the) (?:article|story|report|piece|post|headline|page|text|item)\b.{0,40}\b"
    r"(?:amended|corrected|clarified|revised to (?:correct|clarify|reflect))"
    r"|\b(?:an?|the) (?:earlier|previous|original|prior) version of this\b"
    r"|\bwas (?:amended|corrected) on\b|\bwe (?:have|['’]ve) (?:amended|corrected)\b|\bregret(?:s)? the error\b"
    r"|\bin eine[rm] (?:früheren|vorherigen|ersten|älteren) (?:version|fassung)\b"
    r"|\b(?:artikel|text|beitrag|meldung)\b.{0,60}\b(?:korrigiert|berichtigt)\b"
    r"|\bcet article a été (?:modifié|corrigé|rectifié)"
    r"|\bune (?:première |précédente )?version (?:antérieure|précédente|initiale)"
    r"|\bune première version de cet article"
    r"|\beste? (?:artículo|noticia|texto|información) (?:ha sido|fue) (?:corregid|modificad|rectificad)"
    r"|\buna versión (?:anterior|previa) de (?:este|esta)"
    r"|\bquesto articolo è stato (?:corretto|modificato|rettificato)|\buna versione precedente di quest"
    r"|\best[ea] (?:artigo|texto|reportagem|matéria) foi (?:corrigid|alterad|retificad)|\buma versão anterior dest"
    r"|\bdit artikel is (?:gecorrigeerd|aangepast)|\bin een eerdere versie"
    r"|\bwe wcześniejszej wersji|\bi en tidigare version|\bi en tidligere (?:versjon|version|utgave)"
    r"|\baiemmassa versiossa|\bв (?:предыдущей|более ранней|первоначальной) версии|\bу попередній версії"
    r"|\bbu haberin (?:önceki|ilk) (?:sürümü|hali)|\bversi sebelumnya dari"
    r"|(?:本文|本稿|この記事).{0,12}(?:更正|修正|訂正|修订)|(?:此前|早前|之前)版本|(?:誤り|間違い)(?:が|を).{0,12}訂正"
    r"|이 기사.{0,16}(?:정정|수정)|نسخة سابقة من هذا",
    re.IGNORECASE,
)


def is_correction_notice(sentence: str) -> bool:
    """Tell whether a sentence says that the text was corrected."""
    if len(sentence) > _LONGEST:
        return False
    return _HEAD.match(sentence) is not None or _SAYS.search(sentence) is not None
