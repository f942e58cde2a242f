"""How similar Chinese sentences are to real queries: lengths, shares, words and frames, compared with `data/traits.yml`."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from pydantic import BaseModel, Extra, ValidationError
from scipy.stats import binom

from content.sources import ContentError, load_yaml

#: Evaluation sets of this name are written to the traits; the other sets serve the comparison with earlier models.
REAL_VOICE = "*_voice.jsonl"
TARGETS = Path("data/traits.yml")

_CHINESE = re.compile("[\u4e00-\u9fff]")
_CLAUSE_END = re.compile(r"[,，。;；!！?？…~、\s]+")
_LETTER = re.compile(r"\w")
_GREETING = re.compile("请问|你好|您好|^亲")
_HOW, _CAN = re.compile("怎么|如何|咋"), re.compile("能|可以")
# The function words of a frame; the text between them is the matter of the query.
_FUNCTION_WORDS = (
    "什么时候 为什么 怎么办 怎么样 怎么回事 在哪里 能不能 什么 如何 怎么 怎样 多少 多久 可以 没有 不了 我的 你们 我 你 "
    "是 不 没 要 能 会 吗 了 呢 啊 吧 呀 么 嘛 的 才 就 还 都 也 又 再 只 很 太 这个 那个 这 那 哪里 哪 有 在 把 被 给 让 "
    "和 跟 用 可 得 过 去 到 后 上 里 请问 你好 咋 为啥 几 想 已经 一直"
).split()
_FUNCTION_WORD = re.compile("|".join(sorted(_FUNCTION_WORDS, key=len, reverse=True)))

Range = Tuple[float, float]


class _Factors(BaseModel):
    length: float
    share: float
    rare_share: float
    word: float

    class Config:
        extra = Extra.forbid


class Targets(BaseModel):
    """`data/traits.yml`: ranges of real queries (`lengths` in characters, `shares` of 1, `words` and `frames` per 10,000)."""

    version: int
    factors: _Factors
    rare_below: float
    least_expected: float
    words_off: float
    lengths: Dict[int, Range]
    shares: Dict[str, Range]
    words: Dict[str, Dict[str, float]]
    frames: Dict[str, float]

    class Config:
        extra = Extra.forbid


@dataclass(frozen=True)
class Trait:
    """A trait's figure in one set, with its 95% interval (`low`, `high`) and the range of real queries.

    `group`: length, share, frames, or the name of a list of words. `off`: 0, or -1 (too low) or 1 (too high) by more than the
    factor; None if the set is too small.
    """

    group: str
    name: str
    value: float
    low: float
    high: float
    target: Range
    off: Optional[int]


def load_targets(path: Path) -> Targets:
    """Read the targets. Raises ContentError."""
    document = load_yaml(path)
    try:
        targets = Targets.parse_obj(document)
    except ValidationError as error:
        first = error.errors()[0]
        raise ContentError(path, None, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    unknown = sorted(set(targets.shares) - set(_SHARES))
    if unknown:
        raise ContentError(path, None, f"shares: nothing measures {', '.join(unknown)}")
    return targets


def has_punctuation(text: str) -> bool:
    """Whether a text contains punctuation of any script."""
    return any(unicodedata.category(character)[0] == "P" for character in text)


def clauses(text: str) -> int:
    """The number of parts with two letters or more between stops, commas and spaces.

    >>> clauses("转账没到 怎么办？")
    2
    """
    return sum(len(_LETTER.findall(part)) > 1 for part in _CLAUSE_END.split(text))


def frame(text: str) -> str:
    """The function words of a text in their order, with `~` for the text between them.

    >>> frame("为什么我的卡绑不上？")
    '为什么我的~不上'
    """
    bare, found, end = "".join(_LETTER.findall(text)), "", 0
    for match in _FUNCTION_WORD.finditer(bare):
        found += ("~" if match.start() > end else "") + match.group()
        end = match.end()
    return found + ("~" if end < len(bare) else "")


_SHARES: Dict[str, Callable[[str], bool]] = {
    "has_punctuation": has_punctuation,
    "ends_with_question_mark": lambda text: text.endswith(("?", "？")),
    "begins_with_i": lambda text: text.startswith("我"),
    "begins_with_why": lambda text: text.startswith(("为什么", "为啥")),
    "begins_with_how": lambda text: text.startswith(("怎么", "如何")),
    "contains_how": lambda text: bool(_HOW.search(text)),
    "contains_can": lambda text: bool(_CAN.search(text)),
    "greets": lambda text: bool(_GREETING.search(text)),
    "two_clauses": lambda text: clauses(text) > 1,
}


def chinese(texts: Iterable[str]) -> List[str]:
    """The texts that contain Chinese characters, stripped."""
    return [text.strip() for text in texts if _CHINESE.search(text)]


def wilson(hits: int, n: int) -> Range:
    """The 95% interval of a share of `n` (Wilson 1927)."""
    z = 1.96
    middle, half = hits + z * z / 2, z * math.sqrt(hits * (n - hits) / n + z * z / 4)
    return (middle - half) / (n + z * z), (middle + half) / (n + z * z)


def _off(low: float, high: float, target: Range, factor: float) -> int:
    # The complete interval must be beyond the factor, so that chance alone does not flag a set.
    return -1 if high < target[0] / factor else 1 if low > target[1] * factor else 0


def measure(texts: Sequence[str], targets: Targets) -> List[Trait]:
    """Every trait of the sentences with Chinese characters; empty without such a sentence."""
    texts = chinese(texts)
    if not texts:
        return []
    return [*_lengths(texts, targets), *_shares(texts, targets), *_words(texts, targets)]


def _lengths(texts: Sequence[str], targets: Targets) -> Iterator[Trait]:
    ordered, n = sorted(map(len, texts)), len(texts)
    for percent, target in targets.lengths.items():
        ranks = binom.ppf([0.025, 0.975], n, percent / 100)
        low, high = (ordered[min(n - 1, max(0, int(rank)))] for rank in ranks)
        value = ordered[min(n - 1, int(n * percent / 100))]
        yield Trait("length", f"length {percent}%", value, low, high, target, _off(low, high, target, targets.factors.length))


def _shares(texts: Sequence[str], targets: Targets) -> Iterator[Trait]:
    for name, target in targets.shares.items():
        hits = sum(map(_SHARES[name], texts))
        low, high = wilson(hits, len(texts))
        factor = targets.factors.rare_share if target[1] < targets.rare_below else targets.factors.share
        yield Trait("share", name, hits / len(texts), low, high, target, _off(low, high, target, factor))


def _words(texts: Sequence[str], targets: Targets) -> Iterator[Trait]:
    frames = Counter(map(frame, texts))
    groups = {**targets.words, "frames": targets.frames}
    for group, rates in groups.items():
        for word, rate in rates.items():
            hits = frames[word] if group == "frames" else sum(word in text for text in texts)
            low, high = (10_000 * bound for bound in wilson(hits, len(texts)))
            judged = rate * len(texts) / 10_000 >= targets.least_expected
            off = _off(low, high, (rate, rate), targets.factors.word) if judged else None
            yield Trait(group, word, 10_000 * hits / len(texts), low, high, (rate, rate), off)


def new_pairs(texts: Iterable[str], seen: Iterable[str]) -> float:
    """The share of the Chinese character pairs in the texts that do not occur in `seen`; nan without any pair."""
    known = {text[i : i + 2] for text in seen for i in range(len(text) - 1)}
    pairs = [text[i : i + 2] for text in chinese(texts) for i in range(len(text) - 1)]
    return sum(pair not in known for pair in pairs) / len(pairs) if pairs else math.nan


def problems(name: str, texts: Sequence[str], targets: Targets, groups: Sequence[str]) -> List[str]:
    """The problems of a set called `name`: lengths, shares, and the lists of words in `groups`."""
    traits = measure(texts, targets)
    found: List[str] = []
    for trait in traits:
        if trait.group in ("length", "share") and trait.off:
            value, target = shown(trait.group, trait.value), shown_range(trait.group, trait.target)
            found.append(f"{name}: `{trait.name}` is {value}, in real queries {target} (docs/writing-examples.md)")
    for group in groups:
        judged = [trait for trait in traits if trait.group == group and trait.off is not None]
        off = [trait for trait in judged if trait.off]
        if len(off) > targets.words_off * len(judged):
            words = ", ".join(f"{one.name} {one.value:.0f} of {one.target[0]:.0f}" for one in off)
            found.append(f"{name}: {len(off)} of {len(judged)} words of `{group}` are off, per 10,000 sentences: {words}")
    return found


def shown(group: str, value: float) -> str:
    """A figure for the table: a share in percent, else a count."""
    return f"{round(100 * value, 1):g}%" if group == "share" else f"{value:.0f}"


def shown_range(group: str, target: Range) -> str:
    """A target for the table."""
    low, high = (shown(group, bound) for bound in target)
    return low if low == high else f"{low} to {high}"


def read_texts(folder: Path, pattern: str) -> List[str]:
    """The sentences of the evaluation files of a folder."""
    lines = (line for path in sorted(folder.glob(pattern)) for line in path.read_text(encoding="utf-8").split("\n"))
    return [json.loads(line)["text"] for line in lines if line.strip()]


@dataclass(frozen=True)
class TraitTable:
    """The traits of several sets in the same order, the number of Chinese sentences of each set, and its share of new pairs.

    The share is None for sets that are trained on."""

    sets: Dict[str, List[Trait]]
    sentences: Dict[str, int]
    new_pairs: Dict[str, Optional[float]]


def trait_table(
    training: Sequence[str], plain: Sequence[str], unseen: Mapping[str, Sequence[str]], targets: Targets
) -> TraitTable:
    """The table of the training sentences, the plain ones among them, and the unseen sets. Empty sets are left out."""
    sets = {name: texts for name, texts in {"training": training, "plain": plain, **unseen}.items() if chinese(texts)}
    return TraitTable(
        {name: measure(texts, targets) for name, texts in sets.items()},
        {name: len(chinese(texts)) for name, texts in sets.items()},
        {name: new_pairs(texts, training) if name in unseen else None for name, texts in sets.items()},
    )
