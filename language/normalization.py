"""One spelling for everything a customer can type, used by training, serving and the floor alike."""

import functools
import re
import unicodedata

import opencc

#: Longest text, in characters, that the statistical components look at. Their cost is linear in the length,
#: and what a customer wants stands in the first lines; the floor's patterns read the whole text.
MODEL_TEXT_LIMIT = 300

# Spellings that writers do not notice (登陆 is a third of all uses of 登录, 帐 a tenth of all uses of 账).
_SPELLINGS = (("帐", "账"), ("登陆", "登录"), ("邦定", "绑定"), ("帮定", "绑定"))
_SPACE = re.compile(r"\s+")
_CHINESE_GAP = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")


@functools.lru_cache(maxsize=1)
def _traditional_to_simplified() -> opencc.OpenCC:
    # "tw2sp" also turns Taiwan's words into the mainland's (軟體 -> 软件), which plain "t2s" leaves alone.
    return opencc.OpenCC("tw2sp")


def normalize(text: str) -> str:
    """The text as the models and patterns see it.

    NFKC (full-width to half-width), format characters (zero-width, bidi) and lone surrogates out, control characters to
    spaces, traditional to simplified, unnoticed misspellings mended, lower case, runs of space to one, no leading "/"
    (Rasa would read one as a command, and it means nothing to a customer). Idempotent for ordinary text; never raises.

    >>> normalize("  /ＲＥＳＴＡＲＴ ")
    'restart'
    >>> normalize("轉帳５萬\u200b塊")
    '转账5万块'
    """
    kept = []
    for character in text:
        category = unicodedata.category(character)
        if category in ("Cs", "Cf", "Co", "Cn"):
            continue
        kept.append(" " if category == "Cc" else character)
    text = unicodedata.normalize("NFKC", "".join(kept))
    # Gaps first: a word that is typed with one in it (軟 體) must be seen as a word by what follows.
    text = _CHINESE_GAP.sub("", _SPACE.sub(" ", text))
    text = _traditional_to_simplified().convert(text).lower()
    for spelled, meant in _SPELLINGS:
        text = text.replace(spelled, meant)
    return text.lstrip(" /").rstrip()
