"""What texts for customers may not say: requests for secrets, foreign links, scripts, safety advice turned into its opposite."""

from __future__ import annotations

import re
from collections import Counter
from typing import Dict, FrozenSet, Iterator, List, Tuple

from bot.workshop.gate.edition import Edition, TextId, normalised
from bot.workshop.gate.figures import typed_figures
from bot.workshop.gate.report import Refusal
from bot.workshop.gate.safety_topics import orders_of_a_swindler
from content.editing.links import Found, foreign_links, hosts_of, markup
from content.editing.secrets import secret_requests
from content.traditional_words import load_traditional_words
from language.traditional import FILE as TRADITIONAL_WORDS

_CLAUSE = re.compile(r"[，。；！？,;!?\n：:（）()]|\.(?=\s|$)")
_NEGATION = re.compile(
    r"不要|不能|不可以?|不会|不用|不必|不得|不|别|勿|莫|没有|没|未|无法|无需|无须|从不|从未|禁止|严禁|拒绝|停止"
    r"|\b(?:do not|does not|did not|cannot|can not|will not|must not|should not|not|never|no|nobody|none|without|neither|refuse|stop)\b|n['’]t\b"
)
#: Words that come and go with a negation.
_AROUND = re.compile(
    r"请|务必|切|放心|尽管|随意|要|会|能|可以|可|需要|需|必须|应该?|再|都|也|就|任何|所有"
    r"|\b(?:please|do|does|did|always|should|must|can|will|would|may|any|some|all|ever|to|a|an|the)\b|[\s*_`]"
)
_OPPOSITES = (
    ("免费", "收费"), ("最多", "最少"), ("以上", "以下"), ("之前", "之后"), ("提前", "延后"), ("增加", "减少"), ("开启", "关闭"),
    ("打开", "关闭"), ("挂断", "接听"), ("停止", "继续"), ("真", "假"), ("always", "never"), ("at most", "at least"), ("before", "after"),
    ("free", "charged"), ("hang up", "pick up"), ("stop", "continue"), ("stop", "go on with"), ("above", "below"), ("turn on", "turn off"),
)  # fmt: skip
#: A clause about one of these protects the customer.
_SAFETY = re.compile(
    r"密码|验证码|付款|转账|转钱|充值|链接|共享|扫码|屏幕|告诉|透露|报警|挂断|止付|冻结|陌生|退款|骗|可疑|远程|安装|密钥|安全|拨打|索要|要您|向您|问您"
    r"|\b(?:pass ?words?|codes?|pay|payment|transfers?|links?|share|screen|tell|call|police|hang|freeze|frozen|stranger|scam|fraud|remote|install|key|safe|ask|asks|send|open|tap)\b"
)


def text_refusals(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Each text of the draft that may not be said. Words that were live before are not reported again."""
    own = hosts_of([*old.bundle.facts["zh"].values(), *old.bundle.facts["en"].values()])
    texts: Dict[TextId, str] = {**new.texts, **_fact_texts(new)}
    before: Dict[TextId, str] = {**old.texts, **_fact_texts(old)}
    for text, template in texts.items():
        said = before.get(text, "")
        if template == said:
            continue
        yield from _found(
            text,
            template,
            said,
            secret_requests(template),
            "asks_for_a_secret",
            "asks customers for a secret",
            "向客户索要密码、验证码或卡号",
        )
        yield from _found(
            text, template, said, foreign_links(template, own), "foreign_link", "has a link or contact that is not the wallet's",
            "含有不属于本钱包的链接或联系方式",
        )  # fmt: skip
        yield from _found(
            text, template, said, markup(template), "markup_in_text", "holds a script or HTML", "含有脚本或 HTML 标签"
        )
    yield from _foreign_phones(old, new)
    yield from _short_numbers(old, new)
    yield from _orders(old, new)
    yield from _reversed(old, new)
    yield from _traditional(old, new)


def _fact_texts(edition: Edition) -> Dict[TextId, str]:
    return {
        TextId("fact", name, locale): str(value)
        for locale, facts in edition.bundle.facts.items()
        for name, value in facts.items()
    }


def _found(text: TextId, template: str, said: str, found: List[Found], kind: str, what: str, what_zh: str) -> Iterator[Refusal]:
    fresh = [each.words.strip() for each in found if each.words not in said]
    if fresh:
        yield Refusal(kind, f"{text} {what}: {_list(fresh)}", f"{text} {what_zh}：{_list(fresh)}", tuple(fresh))


def _list(words: List[str]) -> str:
    return "; ".join(f"“{each}”" for each in words)


def _foreign_phones(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Phone numbers that are typed and are no fact."""
    known = {re.sub(r"\D", "", str(value)) for facts in old.bundle.facts.values() for value in facts.values()}
    for text, template in new.texts.items():
        if template == old.texts.get(text):
            continue
        before = {figure.key for figure in typed_figures(old.texts.get(text, ""))}
        for figure in typed_figures(template):
            if figure.unit == "phone" and figure.key not in before and re.sub(r"\D", "", figure.words) not in known:
                yield Refusal(
                    "foreign_contact",
                    f"{text} names the number {figure.words.strip()}, which is not among the facts: use {{{{ service_phone }}}}.",
                    f"{text} 写了号码 {figure.words.strip()}，它不在事实里：请使用 {{{{ service_phone }}}}。",
                )


_CALL = re.compile(
    r"(?:改?拨打?|致电|打|联系|\bcall\b|\bdial\b|\bring\b)\s*[：:]?\s*(?P<number>1?\d{4,5})(?!\d)", re.IGNORECASE
)
#: A bank's line is the bank's: the customer reads whose it is.
_BANK = re.compile(r"银行|发卡行|运营商|移动|联通|电信|\bbank\b|\bcarrier\b|12306|\bissuer\b", re.IGNORECASE)


def _short_numbers(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Short numbers to call that are no fact and no bank's."""
    known = {re.sub(r"\D", "", str(value)) for facts in old.bundle.facts.values() for value in facts.values()}
    for text, template in new.texts.items():
        said = old.texts.get(text, "")
        if template == said:
            continue
        for clause in _CLAUSE.split(template):
            match = _CALL.search(clause)
            if match and match["number"] not in known and match["number"] not in said and not _BANK.search(clause):
                yield Refusal(
                    "foreign_contact",
                    f"{text} names the number {match['number']}, which is not among the facts: use {{{{ service_phone }}}}.",
                    f"{text} 写了号码 {match['number']}，它不在事实里：请使用 {{{{ service_phone }}}}。",
                )


def _orders(old: Edition, new: Edition) -> Iterator[Refusal]:
    """New sentences that tell a customer to do what a caller says."""
    for text, template in new.texts.items():
        if template == old.texts.get(text):
            continue
        before = set(orders_of_a_swindler(old.texts.get(text, ""), text.locale))
        said = [sentence for sentence in orders_of_a_swindler(template, text.locale) if sentence not in before]
        if said:
            yield Refusal(
                "order_of_a_swindler",
                f"{text} tells customers to do what a caller says: {_list(said)}.",
                f"{text} 让客户照来电的人说的做：{_list(said)}。",
                tuple(said),
            )


def _clauses(template: str) -> Counter[str]:
    return Counter(clause.strip().lower() for clause in _CLAUSE.split(template) if clause.strip())


def _core(clause: str) -> Tuple[str, bool]:
    """A clause without negations and the words around them, and whether it is negative."""
    negations = len(_NEGATION.findall(clause))
    return _AROUND.sub("", _NEGATION.sub("", clause)), negations % 2 == 1


def _reversed(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Clauses that say the opposite of what they said: on safety always, else if the other language did not change."""
    turned: Dict[TextId, List[str]] = {
        text: _turned(old.texts[text], new.texts[text]) for text in new.texts if text in old.texts
    }
    for text, clauses in turned.items():
        other = text._replace(locale="en" if text.locale == "zh" else "zh")
        is_alone = other in turned and not turned[other] and old.texts[other] == new.texts[other]
        said = [clause for clause in clauses if is_alone or _SAFETY.search(clause)]
        if said:
            yield Refusal(
                "meaning_reversed",
                f"{text} now says the opposite of what it said: {_list(said)}.",
                f"{text} 现在说的与原来相反：{_list(said)}。",
                tuple(said),
            )


def _turned(was: str, now: str) -> List[str]:
    removed, added = _clauses(was) - _clauses(now), _clauses(now) - _clauses(was)
    cores = {core: negative for core, negative in map(_core, removed) if core}
    found = []
    for clause in added:
        core, negative = _core(clause)
        if (core in cores and cores[core] != negative) or any(_swapped_words(clause, other) for other in removed):
            found.append(clause)
    return found


def _swapped_words(clause: str, other: str) -> bool:
    for pair in _OPPOSITES:
        for first, second in (pair, pair[::-1]):
            if first in clause and clause.replace(first, second) == other:
                return True
    return False


_PROTECTED = re.compile("报警|警察|止付|冻结|挂断|挂失|停止|转账|付款|密码|验证码|人工|诈骗|反诈|骗")


def _is_protected(word: str) -> bool:
    return bool(_PROTECTED.search(word))


def _word(text: str) -> FrozenSet[str]:
    """The protecting words of a text, in simplified characters."""
    return frozenset(_PROTECTED.findall(normalised(text)))


def _traditional(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Words of traditional Chinese that change a figure or turn the meaning."""
    before, after = (load_traditional_words(edition.folder / TRADITIONAL_WORDS) for edition in (old, new))
    for word, written in after.items():
        if before.get(word) == written:
            continue
        turned = sorted(_word(word) - _word(written)) if _is_protected(word) else []
        if turned:
            yield Refusal(
                "meaning_reversed",
                f"traditional.yml: `{word}` becomes `{written}`: a word that protects customers is replaced.",
                f"traditional.yml：`{word}` 变成 `{written}`：保护客户的词被换掉了。",
                (f"{word}: {written}",),
            )
        digits, negations = (
            (tuple(re.findall(r"\d+", each)) for each in (word, written)),
            (
                bool(_NEGATION.search(each.replace("無", "无").replace("沒", "没").replace("別", "别")))
                for each in (word, written)
            ),
        )
        if len(set(digits)) > 1 or len(set(negations)) > 1:
            yield Refusal(
                "meaning_reversed",
                f"traditional.yml: `{word}` becomes `{written}`, which means something else.",
                f"traditional.yml：`{word}` 变成 `{written}`，意思不一样。",
                (f"{word}: {written}",),
            )
