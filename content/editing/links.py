"""Links and other ways of contact in texts: which of them are not the wallet's own."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, FrozenSet, Iterable, List, Mapping

# The ends of host names that a text may hold without `http`. A complete list would take "e.g." and file names for hosts.
_TOP = (
    "com|cn|net|org|example|top|xyz|info|io|app|shop|store|vip|cc|site|online|club|link|links|me|co|hk|tw|mo|sg|jp|kr|us|uk|ru|tk|"
    "ml|ga|cf|gq|live|icu|work|biz|asia|ltd|group|pro|mobi|tv|ly|gl|gd|gov|edu|dev|cloud|page|web|win|bid|fun|ink|wang|url|in|eu|de|"
    "money|chat|support|help|finance|center|cash|bank|pay|loan|credit|world|today|space|tech|games|email|news|run|trade|services"
)
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_DOT = r"(?:\.|。|．|\s?\(dot\)\s?|\s?\[\.\]\s?)"
_LINK = re.compile(
    rf"(?P<scheme>[a-z][a-z0-9+]{{1,15}})://(?P<rest>[^\s「」“”()（）<>，。；]*)"
    rf"|(?P<script>javascript|vbscript|data):(?=\S)"
    rf"|(?:[\w.+-]+@)?(?P<host>(?:{_LABEL}{_DOT})+(?:{_TOP}))(?![a-z0-9-])"
    rf"|(?<![\d.])(?P<ip>\d{{1,3}}(?:\.\d{{1,3}}){{3}})(?![\d.])"
)
_MARKUP = re.compile(r"<\s*/?\s*[a-z!][^>\n]{0,200}>|<\s*script|\]\(\s*(?P<target>[^)\s]*)")
# Another channel than the wallet's: where a customer is led away to.
_CHANNEL = re.compile(
    r"(?:加|添加|扫码加|联系)(?:一?下)?(?:我们?|客服|专员|工作人员)?的?(?:企业)?(?:个人)?(?:微信|qq|vx|wx|企鹅|telegram|whatsapp|line|skype|钉钉)(?!官方|客服(?:热线|电话)?(?:处理|咨询|查询|核实|$|[，。；,.!！]))"
    r"|(?:微信|\bqq|\bvx|\bwx|钉钉|telegram|whatsapp|抖音)[^。！？!?\n]{0,8}?(?:搜索?|查找|搜一搜|添加|加好友|加群|进群)"
    r"|(?:微信|\bqq|\bvx|\btelegram|\bwhatsapp|\bline id|\bskype)(?:号|群)?(?:是|为)?\s?[::]\s?\S+"
    r"|\b(?:add|contact|message|text|reach|find)\b[^.!?\n]{0,30}\b(?:on|via|by|at)\s(?:our\s)?(?:wechat|qq|telegram|whatsapp|line|skype|signal)\b"
)
_SAFE_SCHEMES = frozenset({"http", "https", "tel", "mailto"})


@dataclass(frozen=True)
class Found:
    """A place of a text, with the words that stand there."""

    start: int
    end: int
    words: str


def folded(text: str) -> str:
    """The text in lower case and half width, character by character, so that places stay the same."""
    kept = []
    for character in text:
        narrow = unicodedata.normalize("NFKC", character).lower()
        kept.append(narrow if len(narrow) == 1 else character)
    return "".join(kept)


def hosts_of(values: Iterable[Any]) -> FrozenSet[str]:
    """The wallet's own domains: the last two labels of each host and e-mail address among the values of the facts."""
    found = set()
    for value in values:
        for each in value.values() if isinstance(value, Mapping) else (value,):
            for match in _LINK.finditer(folded(str(each))):
                host = match.group("host") or (match.group("rest") or "").split("/")[0].split("@")[-1].split(":")[0]
                if "." in host:
                    found.add(domain_of(host))
    return frozenset(found)


def domain_of(host: str) -> str:
    """The last two labels of a host name."""
    return ".".join(re.split(_DOT, host)[-2:])


def foreign_links(text: str, own: FrozenSet[str]) -> List[Found]:
    """Links, e-mail addresses and channels that are not on one of the wallet's `own` domains (`hosts_of`), and scripts."""
    lower, found = folded(text), []
    for match in _LINK.finditer(lower):
        if match.group("scheme"):
            host = match.group("rest").split("/")[0].split("?")[0].split("@")[-1].split(":")[0]
            is_own = match.group("scheme") in _SAFE_SCHEMES and domain_of(host) in own
        else:
            is_own = bool(match.group("host")) and "。" not in match.group("host") and domain_of(match.group("host")) in own
        if not is_own:
            found.append(_found(text, match.start(), match.end()))
    found += [
        _found(text, match.start(), match.end()) for match in _CHANNEL.finditer(lower) if not _is_warned(lower, match.start())
    ]
    return found


def markup(text: str) -> List[Found]:
    """HTML tags and scripts in a text: customers read them as they stand, or a page could run them."""
    lower = folded(text)
    return [_found(text, match.start(), match.end()) for match in _MARKUP.finditer(lower) if match.group("target") is None]


def _is_warned(text: str, start: int) -> bool:
    return bool(re.search(r"(不|别|勿|切勿|不要|never|not|n't)[^。！？.!?\n]{0,8}$", text[max(0, start - 20) : start]))


def _found(text: str, start: int, end: int) -> Found:
    return Found(start, end, text[start:end])
