"""Which language a customer writes in, as far as one message tells."""

from __future__ import annotations

import re

_CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?")
#: What English sentences are made of, without syllables of pinyin. Customers also type Chinese in Latin letters ("zenme kaitong
#: qianbao", "wo de qian bei pian le"), and those customers read Chinese. `he`, `me`, `to`, `can` and `you` are both.
_GRAMMAR = frozenset(
    """
    i i'm i've i'd i'll im my mine myself the this that these those is was were are am been being be it it's its of and or
    but not do does did don't doesn't didn't dont didnt have has had haven't hasn't how what when where which who why with
    without from for into onto your you're they them their there here she his her our we us if then would could should will
    won't can't cant cannot someone somebody anyone please already still never just
    """.split()
)
_NOUNS_AND_VERBS = frozenset(
    """
    thanks thank sorry hello hi hey yes no none now stranger help account money card bank wallet payment paid pay transfer
    transferred sent send receive received refund charged charge twice stolen hacked scam scammed fraud lost phone code
    password login verify verification wrong failed error need want lock locked frozen unfreeze block report problem issue
    agent human person talk speak customer service stop
    """.split()
)
#: The share of its words that must be known.
_SHARE = 0.4
_FEWEST_WORDS = 3
_FEWEST_CHARACTERS = 2


def language_of(text: str) -> str | None:
    """`zh`, `en`, or None when the text does not tell: a number, an emoji, "ok", a name, pinyin.

    Two Chinese characters make a message Chinese, whatever else stands in it: names and error messages are often English.
    English needs three words or more and some grammar among them: "ok", "iPhone 15 Pro" and "error code E1" change nothing.
    """
    if len(_CHINESE.findall(text)) >= _FEWEST_CHARACTERS:
        return "zh"
    if _CHINESE.search(text):
        return None
    words = _WORD.findall(text.lower())
    if len(words) < _FEWEST_WORDS:
        return None
    plain = [word.replace("’", "'") for word in words]
    grammar = sum(word in _GRAMMAR for word in plain)
    known = grammar + sum(word in _NOUNS_AND_VERBS for word in plain)
    return "en" if grammar and known >= 2 and known / len(words) >= _SHARE else None
