"""Words that say nothing about the subject: dropped before stemming, n-grams and decompounding."""

from __future__ import annotations

__all__ = ["ENGLISH", "GERMAN", "STOP_WORDS"]

GERMAN = frozenset(
    """
    der die das den dem des ein eine einer eines einem einen kein keine keiner keines keinem keinen
    ich du er sie es wir ihr mich dich sich uns euch mir dir ihm ihn ihnen
    mein meine meiner meines meinem meinen dein deine deiner deines deinem deinen sein seine seiner seines seinem
    seinen ihre ihrer ihres ihrem ihren unser unsere unserer unseres unserem unseren euer eure eurer eurem euren
    dieser diese dieses diesem diesen jener jene jenes jenem jenen jeder jede jedes jedem jeden welcher welche
    welches welchem welchen man selbst derer deren dessen denen derselbe dieselbe dasselbe
    wer was wen wem wessen wie wo wann warum weshalb wieso woher wohin womit wofür wodurch worin woran worauf wovon
    wozu wobei
    bin bist ist sind seid war warst waren wart gewesen habe hast hat haben habt hatte hatten hattet gehabt
    werde wirst wird werden werdet wurde wurden worden kann kannst können könnt konnte konnten könnte könnten muss
    müssen musste mussten müsste soll sollen sollte sollten will wollen wollte wollten darf dürfen durfte dürfte mag
    mögen möchte möchten
    und oder aber denn sondern doch weil dass daß wenn als ob damit obwohl während sowie sowohl weder noch
    in im an am auf aus bei beim mit nach von vom zu zum zur für durch über unter um vor hinter neben zwischen ohne
    gegen bis seit ab per pro
    nicht auch nur schon sehr so da dort hier dann also etwa eher bereits
    """.split()  # noqa: SIM905 - a hundred quotes would hide the words
)
"""German articles, pronouns, question words, auxiliaries, conjunctions, prepositions and light adverbs."""

ENGLISH = frozenset(
    """
    a an the of to in on at by for with from as and or but if that this these those it its is are was were be been
    do does did has have had can could will would should may what which who whom whose when where why how
    i you he she we they my your his her our their there not
    """.split()  # noqa: SIM905
)
"""English function words; German texts quote English, and the other way round, so both lists always apply."""

STOP_WORDS = GERMAN | ENGLISH
