"""Recognises the language of a message, if the message has evidence of one.

Messages are short, mixed and misspelt. A wrong "foreign language" costs a person's time, and a wrong switch costs the customer
the answer. Therefore each language needs its own evidence; without evidence the conversation keeps its language. Time is linear
in the length. Libraries were measured and are worse here: docs/decisions/024-one-recogniser-of-languages.md.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import FrozenSet, List, NamedTuple, Optional, Tuple

import opencc

from contract.locales import ENGLISH, SIMPLIFIED, TRADITIONAL
from language.vocabulary import (
    BOTH_ENGLISH_AND_PINYIN,
    CANTONESE,
    ENGLISH_GRAMMAR,
    ENGLISH_THOUGH_SYLLABLES,
    ENGLISH_WORDS,
    FOREIGN_DISTRESS,
    FOREIGN_LETTERS,
    FOREIGN_WORDS,
    NOT_TELLING_ALONE,
    PINYIN_SYLLABLES,
    PINYIN_WORDS,
    SAYS_LITTLE,
)

#: The languages that bot and desk do not write and that `language_of` recognises: ISO 639 codes, and "und" for any other.
FOREIGN = tuple(dict.fromkeys((*(code for code, _, _ in FOREIGN_LETTERS), *FOREIGN_WORDS, "ja")))

#: Characters that are examined; the beginning of a text shows its language.
_LIMIT = 1000
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_HIRAGANA, _KATAKANA = re.compile(r"[\u3041-\u3096]"), re.compile(r"[\u30a1-\u30fa]")
_HIRAGANA_RUN, _KATAKANA_RUN = re.compile(r"[\u3041-\u3096]{2,}"), re.compile(r"[\u30a1-\u30fa\u30fc]{3,}")
#: Japanese words that Chinese customers write for fun.
_KATAKANA_CHEERS = re.compile(r"(?:キタ)+ー*|オワタ|ワロタ|ワロス")
#: Letters without an accent in Unicode that are replaced by plain ones.
_FOLDED = str.maketrans({"đ": "d", "ı": "i", "ß": "ss", "ł": "l", "œ": "oe", "’": " ", "'": " "})
#: Text that is not the customer's: placeholders of the desk, quotations, addresses.
_NOT_OWN = re.compile(r"\[[^\[\]]{0,40}\]|【[^【】]{0,40}】|https?://\S+|\S+@\S+\.\S+")
_QUOTED_HAN = re.compile(r"[“”\"'‘’「『《(（][^“”\"'‘’「」『』《》()（）a-zA-Z]{1,40}[“”\"'‘’」』》)）]")
#: Words in Latin letters, without pieces of codes, file names and similar text.
_WORD = re.compile(r"(?<![\w/@.-])[a-z\u00e0-\u024f\u0300-\u036f\u1ea0-\u1eff]+(?:['’][a-z\u00e0-\u024f]+)*(?![\w/@-]|\.\w)")
#: Function words of Chinese sentences; names of shops and labels of buttons rarely contain one.
_HAN_GRAMMAR = frozenset(
    "的了吗嗎呢吧啊我你您他她它是不没沒怎什么麼为為啥在被把给給就还還要会會这這那哪谁誰请請能过過到让讓帮幫唔冇嘅咗喺系係"
)
_FEWEST_HAN = 2


class _English(NamedTuple):
    """The number of words in a text, and how many of them are English."""

    words: int
    grammar: int
    known: int
    ambiguous: int
    telling: int

    def is_sentence(self) -> bool:
        """Whether the text is a sentence with some grammar, or a few known words with a meaning."""
        return self.has_grammar() or self.is_all_known()

    def has_grammar(self) -> bool:
        """Whether there are three words or more, at least one function word, and few unknown words."""
        share = (self.known + self.ambiguous) / (self.words or 1)
        is_english = (self.known >= 2 and share >= 0.4) or (self.grammar >= 2 and share >= 0.3)
        return self.words >= 3 and self.grammar >= 1 and is_english

    def is_all_known(self) -> bool:
        """Whether all words are known, or three quarters of several, and not only words of a screen or a courtesy."""
        share = (self.known + self.ambiguous) / (self.words or 1)
        if share == 1:
            return self.words >= 2 and self.telling >= 1
        return self.words > 3 and share >= 0.75 and self.telling >= 2


def language_of(text: str, before: Optional[str] = None) -> Optional[str]:
    """The language of a message: "zh" (simplified), "zh-Hant", "en", an ISO 639 code of another one, "und", or None.

    None: the text has no evidence (a number, an emoji, "ok", a name), and the conversation keeps its language. `before`: the
    conversation's language; it decides between the Chinese scripts if all characters belong to both. Chinese in Latin letters
    (pinyin) is "zh", or the Chinese script of the conversation. In a message of two languages the customer's sentence counts,
    not the product's words, placeholders or quotations in it. Never raises.

    >>> language_of("我的card被declined了"), language_of("the code [验证码] does not work"), language_of("轉帳未到")
    ('zh', 'en', 'zh-Hant')
    """
    own = _NOT_OWN.sub(" ", unicodedata.normalize("NFC", text[:_LIMIT]))
    lowered = own.lower()
    han = len(_HAN.findall(own))
    if _is_japanese(own, han):
        return "ja"
    foreign = _foreign_script(lowered, han) or _wholly_foreign_script(lowered, han)
    if foreign:
        return foreign
    words = _WORD.findall(lowered)
    english = _english(words)
    if han:
        if english.has_grammar() and not _is_chinese_sentence(own):
            return ENGLISH
        return _chinese(own, before) if han >= _FEWEST_HAN else None
    if english.is_sentence() and not _is_foreign_grammar(words, english):
        return ENGLISH
    latin = _foreign_latin(words, english) or _foreign_distress(own)
    if latin:
        return latin
    if _is_pinyin(words, english):
        return before if before in (SIMPLIFIED, TRADITIONAL) else SIMPLIFIED
    return ENGLISH if _is_english_alone(own) else None


def tag_of(language: Optional[str]) -> Optional[str]:
    """The tag of a language in decisions: "zh-Hans", "zh-Hant", "en", "other"; None stays None."""
    if language is None:
        return None
    return "other" if is_foreign(language) else {TRADITIONAL: "zh-Hant", ENGLISH: "en"}.get(language, "zh-Hans")


def is_foreign(language: Optional[str]) -> bool:
    """Whether a language is one that bot and desk do not write."""
    return language in FOREIGN


def written_as(language: Optional[str]) -> str:
    """The language of the texts for a customer of this language: English for a language that bot and desk do not write."""
    if language in (TRADITIONAL, ENGLISH):
        return str(language)
    return ENGLISH if is_foreign(language) else SIMPLIFIED


# --- Chinese -----------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=1)
def _telling_characters() -> Tuple[FrozenSet[str], FrozenSet[str]]:
    """The characters that only simplified, and that only traditional Chinese has."""
    characters = [chr(code) for code in range(0x4E00, 0xA000)]
    apart = "\n".join(characters)
    simplified = opencc.OpenCC("t2s").convert(apart).split("\n")
    traditional = opencc.OpenCC("s2t").convert(apart).split("\n")
    only_traditional = {char for char, to in zip(characters, simplified) if to != char}
    # Characters of both scripts, such as 后, 里, 台, 只, 干, are in OpenCC's table of Taiwan's or Hong Kong's forms, or are
    # separate words in traditional texts.
    both = set("后里台只干面发余几丑斗谷合家范松升舍札咸郁云于制准才伙克表布蔑御征致证线")
    both -= set("发证线")
    only_simplified = {char for char, to in zip(characters, traditional) if to != char} - only_traditional - both
    # Simplified Chinese also has them: 著 in 著名, 乾 in 乾坤, 於 as a name.
    return frozenset(only_simplified), frozenset(only_traditional - set("著乾於藉瞭"))


def _chinese(text: str, before: Optional[str]) -> str:
    only_simplified, only_traditional = _telling_characters()
    simplified = sum(char in only_simplified for char in text)
    traditional = sum(char in only_traditional for char in text)
    if traditional > simplified:
        return TRADITIONAL
    if simplified:
        return SIMPLIFIED
    if before in (SIMPLIFIED, TRADITIONAL):
        return before
    return TRADITIONAL if any(char in CANTONESE for char in text) else SIMPLIFIED


def _is_chinese_sentence(text: str) -> bool:
    """Whether the Chinese in a text with an English sentence is the customer's sentence, and not a name or a quotation."""
    unquoted = _QUOTED_HAN.sub(" ", text)
    runs = list(_HAN_RUN.finditer(unquoted))
    if not any(char in _HAN_GRAMMAR for run in runs for char in run.group()):
        return False
    if len(runs) > 1:
        return True
    # Words of a screen between the halves of an English sentence.
    before, after = unquoted[: runs[0].start()].lower(), unquoted[runs[0].end() :].lower()
    return not (_english(_WORD.findall(before)).grammar and _english(_WORD.findall(after)).grammar)


# --- English -----------------------------------------------------------------------------------------------------------


def _english(words: List[str]) -> _English:
    plain = [word.replace("’", "'") for word in words]
    grammar = sum(word in ENGLISH_GRAMMAR for word in plain)
    known = grammar + sum(word in ENGLISH_WORDS and word not in ENGLISH_GRAMMAR for word in plain)
    ambiguous = sum(word in BOTH_ENGLISH_AND_PINYIN for word in plain)
    telling = sum(word in ENGLISH_GRAMMAR or (word in ENGLISH_WORDS and word not in SAYS_LITTLE) for word in plain)
    return _English(len(plain), grammar, known, ambiguous, telling)


def _is_english_alone(text: str) -> bool:
    """Whether all words are English, and at least one is not a product's word, a courtesy or Chinese in Latin letters."""
    if any(char.isdigit() for char in text):  # a code, or the words of a screen
        return False
    words = re.findall(r"\w+(?:'\w+)*", text.lower().replace("’", "'"))
    known = ENGLISH_GRAMMAR | ENGLISH_WORDS | BOTH_ENGLISH_AND_PINYIN | NOT_TELLING_ALONE
    if not words or not all(word in known for word in words):
        return False
    return any(_tells_english_alone(word) for word in words)


def _tells_english_alone(word: str) -> bool:
    if word not in ENGLISH_WORDS or word in NOT_TELLING_ALONE:
        return False
    return word in ENGLISH_THOUGH_SYLLABLES or not _is_syllables(word)


# --- pinyin ------------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=4096)
def _is_syllables(word: str) -> bool:
    """Whether a word can be split into syllables of pinyin."""
    reachable = [True] + [False] * len(word)
    for end in range(1, len(word) + 1):
        reachable[end] = any(reachable[start] and word[start:end] in PINYIN_SYLLABLES for start in range(max(0, end - 6), end))
    return reachable[-1]


def _is_pinyin(words: List[str], english: _English) -> bool:
    """Whether a text is Chinese in Latin letters: nearly all words are syllables, and enough are common Chinese words."""
    short = [word for word in words if len(word) <= 24]
    if len(short) < 2 or len(short) != len(words):
        return False
    common = sum(word in PINYIN_WORDS for word in words)
    syllables = sum(_is_syllables(word) for word in words)
    return common >= 2 and common / len(words) >= 0.3 and syllables / len(words) >= 0.75 and english.grammar == 0


# --- other languages ---------------------------------------------------------------------------------------------------


def _is_japanese(text: str, han: int) -> bool:
    """Whether a text is a sentence with kana. "の" in a shop's name, and katakana in faces such as ツ, do not count."""
    hiragana, katakana = len(_HIRAGANA.findall(text)), len(_KATAKANA.findall(text))
    kana = hiragana + katakana
    if hiragana >= 3 and kana + han >= 6 and kana / (kana + han) >= 0.25:
        return True
    if not re.search(r"[a-z]", text, re.IGNORECASE):
        # A short message of mostly hiragana, or only katakana; one letter, "キタ" and "ノシ" are parts of faces.
        runs = _KATAKANA_RUN.findall(_KATAKANA_CHEERS.sub(" ", text))
        if _HIRAGANA_RUN.search(text) and hiragana >= (han or 1):
            return True
        if not han and any(len(set(run)) >= 3 for run in runs):
            return True
    return katakana >= 6 and han + hiragana >= 2 and katakana > han and hiragana > 0


def _foreign_script(text: str, han: int) -> Optional[str]:
    """A language by its letters: two or more consecutive words in letters that no written language of bot and desk has."""
    if text.isascii():
        return None
    for code, letters, fewest in FOREIGN_LETTERS:
        found = re.findall(letters, text)
        count = sum(len(word) for word in found)
        if count >= fewest and count > han and (len(found) > 1 or count >= 2 * fewest):
            latin = sum(len(word) for word in re.findall(r"[a-z]+", text))
            return code if count >= latin else None
    return None


def _wholly_foreign_script(text: str, han: int) -> Optional[str]:
    """A language whose letters are the only ones of a message. Such a message is unambiguous at any length.

    Faces consist of single letters (ω, Д), or of a repeated letter, and do not count.
    """
    if han or text.isascii() or re.search(r"[a-z]", text):
        return None
    for code, letters, _ in FOREIGN_LETTERS:
        if any(len(set(word)) >= 2 for word in re.findall(letters, text)):
            return code
    return None


def _is_foreign_grammar(words: List[str], english: _English) -> bool:
    """Whether the function words of another language outnumber the English ones."""
    return any(sum(word in known for word in words) > max(2, english.known) for known, _ in FOREIGN_WORDS.values())


def _foreign_latin(words: List[str], english: _English) -> Optional[str]:
    """A language in Latin letters, by its function words and by its own letters."""
    if len(words) < 3:
        return None
    best, score = None, 0.0
    for code, (known, letters) in FOREIGN_WORDS.items():
        little = len({word for word in words if word in known})
        own = sum(any(char in letters for char in word) for word in words)
        found = little + min(own, 1)
        if little >= 2 and found >= 3 and (little + own) / len(words) >= 0.35 and found > score:
            best, score = code, found
    return best if score > english.known else None


def _foreign_distress(text: str) -> Optional[str]:
    """A language by a short call for help or a word for fraud, with or without accents."""
    folded = unicodedata.normalize("NFKD", text.lower().translate(_FOLDED))
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    joined = " ".join(["", *re.findall(r"[^\W_]+", plain), ""])
    for code, phrases in FOREIGN_DISTRESS.items():
        if any(f" {phrase} " in joined for phrase in phrases):
            return code
    return None
