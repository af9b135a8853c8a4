"""Words that tell how a sentence is built, not what it is about: no reason to a reader, alone or in a pair.

English ones, and those of other languages that English news holds in names.

They stand as the learnt weights know words: in small letters and the singular.
"""

from typing import Final

_WORDS: Final = """
a about above across after again against ago all almost along already also although always am among an and another
any anyone anything are around as at away back be became because become becoming been before behind being below
between both but by came can cannot come coming could day did do doe doing done down during each either else enough
even ever every everyone everything far few first for found from further gave get getting give given giving go going
gone got had half has have having he held her here herself him himself his how however if in including indeed
instead into is it itself just keep kept know known last later least les less let like likely made make making many
may me mean might more most much must my myself near need neither never next no non none nor not nothing now of off
often on once one only onto or other our out over own per perhaps put quite rather really said same saw say saying
second see seem seen several shall she should show since so some someone something soon still such take taken taking
tell than that the their them themselve then there these they thi thing think this those though three through thu
time to today together told too took toward two under until up upon us use used using very via was way we week well
went were what when where whether which while who whole whom whose why will with within without would year yesterday
yet you your
al als au aux con da das de dem den der des die do du ein eine el em en et il im in la las le les lo los mit na no nach
não nicht o os para par pas pour por que sa se sur um uma un una und une van von zu zur het een di che del della dei il
"""
FUNCTION_WORDS: Final = frozenset(_WORDS.split())
