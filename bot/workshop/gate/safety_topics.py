"""What a text tells a customer in danger, and what only a swindler tells: both read from the words, without a model.

A topic counts only in its protecting sense: "do not tell anyone a code" has the topic `codes`, "tell us the code" has not.
A draft may say a topic in other words. A safety text that loses one is refused.
"""

from __future__ import annotations

import re
from typing import Dict, FrozenSet, List, Mapping, Pattern

_SENTENCE = re.compile(r"[。！？!?\n；;]|\.(?=\s|$)")
_NO_ZH = r"(?:停止|停下|暂停|不要|不能|不可|不得|先不|先别|不再|再也不|别再?|切?勿|莫|拒绝|禁止|不|没有?|从不)"
_NO_EN = r"(?:stop|do not|don['’]t|never|no|not|avoid|enter no|open no|give no|without)"

_CHINESE: Mapping[str, str] = {
    "stop_paying": rf"{_NO_ZH}[^，。；]{{0,10}}(?:付款|转账|支付|汇款|转钱|付钱|转出)|止付|停止[^。]{{0,6}}(?:付款|转账|支付)",
    "codes": rf"{_NO_ZH}[^。；]{{0,14}}(?:密码|验证码|付款码)|(?:密码|验证码)[^。；]{{0,10}}{_NO_ZH}[^。；]{{0,6}}(?:给|告诉|说|透露|提供|任何人)",
    "hang_up": r"(?:挂断|挂掉|挂了?|结束)[^，。；]{0,6}(?:电话|通话)|(?:电话|通话)[^，。；]{0,4}挂(?:断|掉)",
    "screen": rf"(?:退出|关掉|关闭|停止|断开|停掉)[^。；]{{0,12}}(?:屏幕|远程|视频)|{_NO_ZH}[^，。；]{{0,6}}(?:共享|分享)[^，。；]{{0,4}}屏幕"
    r"|屏幕[^，。；]{0,4}(?:关掉|停掉|退出)",
    "police_never": r"(?:警察|公安|客服|工作人员|官方|钱包)[^。；]{0,10}(?:不会|从不|绝不|不可能|没有)",
    "safe_account": r"没有[^。；]{0,6}安全账户|安全账户[^。；]{0,8}(?:不存在|是骗|都是假|没有)",
    "links": rf"{_NO_ZH}[^，。；]{{0,6}}(?:链接|扫码|回拨|装|安装|下载)",
    "evidence": r"(?:保留|留好|保存|截图保存|留存)[^。；]{0,12}(?:记录|截图|凭证|聊天|证据)",
    "password": r"(?:修改|改|更换|重设)[^，。；]{0,10}密码",
    "cards": r"(?:解绑|暂停|挂失|移除)[^，。；]{0,8}(?:银行卡|卡|手机|设备)",
    "freeze": r"冻结[^，。；]{0,4}账户|冻结",
    "police": r"报警|反诈|警方",
    "no_contact": rf"{_NO_ZH}[^，。；]{{0,4}}(?:联系|理会)[^，。；]{{0,3}}(?:对方|骗子)?",
    "scam": r"诈骗|骗局|被骗|是骗",
}
_ENGLISH: Mapping[str, str] = {
    "stop_paying": rf"\b{_NO_EN}\b[^.;]{{0,30}}\b(?:pay|payments?|transfers?|send)\b|payments? stopped",
    "codes": rf"\b{_NO_EN}\b[^.;]{{0,30}}\b(?:codes?|passwords?)\b|\b(?:codes?|passwords?)\b[^.;]{{0,30}}\bto yourself\b",
    "hang_up": r"\bhang(?:ing)? up\b|\bend the call\b",
    "screen": rf"\b(?:stop|leave|close|end|quit)\b[^.;]{{0,20}}\b(?:screen|remote|video)\b|\b{_NO_EN}\b[^.;]{{0,60}}\bshar(?:e|ing)\b[^.;]{{0,10}}\bscreen|avoid[^.;]{{0,30}}screen",
    "police_never": r"\b(?:police|support|staff|wallet|we)\b[^.;]{0,25}\b(?:never|will not|won['’]t|does not|do not|not)\b",
    "safe_account": r"\bno\b[^.;]{0,6}safe account|safe account[^.;]{0,20}\b(?:scam|not exist|fake)",
    "links": rf"\b{_NO_EN}\b[^.;]{{0,30}}\b(?:links?|scan|call back|install)\b",
    "evidence": r"\b(?:keep|save)\b[^.;]{0,20}\b(?:records?|receipts?|chats?|screenshots?|evidence)\b",
    "password": r"\b(?:change|reset)\b[^.;]{0,20}\bpasswords?\b",
    "cards": r"\b(?:remove|suspend|block|unbind)\b[^.;]{0,25}\b(?:cards?|phone|devices?|sim)\b",
    "freeze": r"\bfreez",
    "police": r"\bpolice\b|anti-fraud",
    "no_contact": r"\b(?:do not|never|don['’]t) (?:contact|answer|reply)\b",
    "scam": r"\bscam|\bfraud(?!-)|swindl",
}
_TOPICS: Mapping[str, Mapping[str, Pattern[str]]] = {
    locale: {topic: re.compile(pattern, re.IGNORECASE) for topic, pattern in topics.items()}
    for locale, topics in (("zh", _CHINESE), ("en", _ENGLISH))
}
#: In a language that nobody here writes: the words for "stop" and "hang up" that the line to victims must keep.
_FOREIGN: Mapping[str, Mapping[str, Pattern[str]]] = {
    locale: {"stop_paying": re.compile(stop, re.IGNORECASE), "hang_up": re.compile(hang_up, re.IGNORECASE)}
    for locale, stop, hang_up in (
        ("ja", "止め|停止|中止|やめ|しないで", "切って|切り|切る"),
        ("ko", "멈추|중단|중지|하지 마", "끊"),
        ("vi", "dừng|ngừng|không chuyển", "cúp máy|gác máy|tắt máy"),
        ("th", "หยุด|อย่าโอน|ระงับ", "วางสาย"),
        ("id", "hentikan|stop|jangan", "tutup telepon|akhiri panggilan"),
        ("ru", "останов|прекрат|не перевод", "положите трубку|повесьте|заверш"),
        ("ar", "أوقف|توقف|لا تحو", "أغلق|أنهِ|اقطع"),
        ("es", "deteng|pare|no transfi|interrump", "cuelg"),
        ("pt", "pare|interromp|não transfir|suspend", "deslig"),
        ("fr", "arrêt|cess|stopp|ne .{0,12}transf", "raccroch"),
        ("de", "stopp|beenden|keine überweis", "leg(?:en|t)? (?:sie )?auf|auflegen"),
        ("it", "interromp|ferm|non trasf|sospend", "riagganc|chiud"),
        ("und", r"\bstop\b|do not", "hang up"),
    )
}
#: What a new sentence orders that only a swindler orders. Each is read in its clause; a negation before it turns it.
_ORDERS_ZH = re.compile(
    r"(?:警察|公安|警官|民警|法院|检察院|银监|官方|对方|来电|客服)[^。；]{0,16}?(?:配合|听从|按(?:照)?[^，。；]{0,6}(?:要求|说的|指示|指引)|照(?:做|办))"
    r"|(?:配合|听从|按(?:照)?)[^。；]{0,8}(?:警察|公安|警官|法院|对方|来电)[^。；]{0,8}(?:转账|操作|要求|指示|说的|付款|做)?"
    r"|(?:按|照)(?:照)?对方[^，。；]{0,4}(?:说|要求|指示)|(?:让|要)您转(?:账|钱)?[^，。；]{0,4}(?:就|请|可以)"
)
_ORDERS_EN = re.compile(
    r"\b(?:police|officer|court|official|caller|they|support)\b[^.;]{0,40}\b(?:may|can|will|might) (?:tell|ask) you to (?:transfer|pay|move)"
    r"|\b(?:follow|obey|cooperate with|do as)\b[^.;]{0,30}\b(?:police|officer|caller|court|instructions?|they say)\b"
    r"|\bcooperate with\b"
)
_NEGATED_ZH = re.compile(r"(?:不|别|勿|莫|没有|拒绝|冒充|假|骗|凡是?|谨防)[^，。；]{0,10}$")
_NEGATED_EN = re.compile(r"\b(?:not|never|no|don['’]t|fake|pretend\w*|anyone who|scammers?)\b[^.;]{0,30}$", re.IGNORECASE)
_IS_SCAM = re.compile(r"骗局|诈骗|骗子|套路|骗|\bscam|\bfraud", re.IGNORECASE)


def topics(text: str, locale: str) -> FrozenSet[str]:
    """What a text tells a customer in danger."""
    patterns = _TOPICS.get(locale) or _FOREIGN.get(locale) or {}
    return frozenset(topic for topic, pattern in patterns.items() if pattern.search(text))


def orders_of_a_swindler(text: str, locale: str) -> List[str]:
    """The sentences that tell a customer to obey a caller, and are no warning."""
    pattern, negated = (_ORDERS_EN, _NEGATED_EN) if locale == "en" else (_ORDERS_ZH, _NEGATED_ZH)
    found: List[str] = []
    for sentence in _SENTENCE.split(text):
        if _IS_SCAM.search(sentence):
            continue
        lower = sentence.lower()
        if any(not negated.search(lower[: match.start()]) for match in pattern.finditer(lower)):
            found.append(sentence.strip())
    return found


#: The names of the topics for editors.
NAMES: Dict[str, Dict[str, str]] = {
    "zh": {
        "stop_paying": "停止付款、要求止付",
        "codes": "不给密码和验证码",
        "hang_up": "挂断电话",
        "screen": "关掉共享屏幕和远程控制",
        "police_never": "真的警察和客服不会这样要求",
        "safe_account": "没有「安全账户」",
        "links": "不点链接、不扫码、不回拨、不装软件",
        "evidence": "保留记录",
        "password": "修改密码",
        "cards": "解绑或挂失",
        "freeze": "冻结账户",
        "police": "报警、反诈专线",
        "no_contact": "不再联系对方",
        "scam": "这可能是诈骗",
    },
    "en": {topic: topic.replace("_", " ") for topic in _ENGLISH},
}
