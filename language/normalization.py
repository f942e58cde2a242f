"""Normalisation of everything a customer can type; training, serving and the floor use the same function."""

import functools
import re
import unicodedata

import opencc

#: Longest text, in characters, that the statistical components read. Their cost is linear in the length, and the first lines
#: state the customer's matter; the floor's patterns read the complete text.
MODEL_TEXT_LIMIT = 300

# Frequent misspellings (登陆 is a third of all uses of 登录, 帐 a tenth of all uses of 账).
_SPELLINGS = (("帐", "账"), ("登陆", "登录"), ("邦定", "绑定"), ("帮定", "绑定"))
_SPACE = re.compile(r"\s+")
_CHINESE_GAP = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")


@functools.lru_cache(maxsize=1)
def _traditional_to_simplified() -> opencc.OpenCC:
    # "tw2sp" also converts Taiwan's words into the mainland's (軟體 -> 软件); plain "t2s" does not.
    return opencc.OpenCC("tw2sp")


def normalize(text: str) -> str:
    """The text as the models and patterns see it.

    Steps: NFKC (full-width to half-width), without format characters (zero-width, bidi) and lone surrogates, control characters
    to spaces, traditional to simplified, frequent misspellings corrected, lower case, runs of space to one space, without a
    leading "/" (Rasa reads it as a command, and customers do not mean one). Idempotent for ordinary text; never raises.

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
    # Gaps first: the conversion below must see a word that was typed with a gap (軟 體) as one word.
    text = _CHINESE_GAP.sub("", _SPACE.sub(" ", text))
    text = _traditional_to_simplified().convert(text).lower()
    for spelled, meant in _SPELLINGS:
        text = text.replace(spelled, meant)
    return text.lstrip(" /").rstrip()
