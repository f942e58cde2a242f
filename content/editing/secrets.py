"""Sentences that ask a customer for a secret: a password, a code, a full card number, a shared screen.

No wallet may ask for them, so no text may. The search reads clause by clause: a clause that names a secret and hands it over, and
is not a warning. It knows typical disguises (gaps, pinyin, "the six digits in the text message"). It refuses too much rather than
too little: a sentence that it takes for such a request can be put in other words.
"""

from __future__ import annotations

import functools
import re
from typing import Iterator, List, Tuple

from content.editing.links import Found
from language.normalization import normalize

_CLAUSE_END = re.compile(r"[，。；！？,;!?\n：:（）()]|\.(?=\s|$)| - |——")
_GAP = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff\d])|(?<=\d)\s+(?=[\u4e00-\u9fff])")
_SENTENCE_END = re.compile(r"[。！？!?\n；;]|\.(?=\s|$)")

# --- Chinese ------------------------------------------------------------------------------------------------------------
_SECRET_ZH = re.compile(
    r"(?:密码|密马|密玛|蜜码|mima(?![a-z]))"
    r"|验证码|校验码|动态码|短信码|确认码|安全码|付款码|口令|验证马|验征码|yanzhengma|yzm(?![a-z])"
    r"|(?:短信|手机|信息)(?:里|上|中|内)?面?(?:收到|显示)?的?(?:那|这)?(?:串|组|几|\d|四|六|八)?个?位?(?:数字|内容)"
    r"|[四六八468]位(?:验证)?数字?|(?:收到|看到)的(?:那|这)?(?:串|组|几)?个?位?(?:数字|代码)"
    r"|cv[vc]\d?|背面的?[^，。]{0,4}(?:三|3)位|(?:银行|信用)卡号码?(?!的?[后末尾前]|尾)|(?:完整|全部|整个)的?(?:银行|信用|储蓄)?卡?号"
    r"|(?<![银用蓄])卡号(?!的?[后末尾前]|尾)|卡的?有效期|身份证(?:号|正反面|照片|正面)|(?<![a-z])(?:pin|otp)(?![a-z])|助记词|私钥"
)
# Handing something over in words or pictures.
_GIVE_ZH = re.compile(
    r"发送|发(?!现|生|行|票|起|布|放|卡|动|展|红包|货)|回复|回传|提供|告知|告诉|告之|报(?!警|案|销|错|告|名)|念|说(?!明)|出示|上传|透露|转发|转告|私信"
    r"|交给|交出|留下|留给|贴|复制|粘贴|传(?:给|来|过来|到)|给我们?|给客服|写(?:给|在|下)|截图|拍照|拍(?:下|给)|读(?:给|出|一下)|核对给|递交"
)
# What a system sends to the customer is no request.
_GIVEN_ZH = re.compile(
    r"(?:系统|银行|平台|运营商|我们?)(?:会|将|已经?|就)?(?:再)?(?:向您|给您|为您)?发|发(?:来|出|送|到您?[^，。]{0,4})?的|(?:发|发送)(?:到|给|至)(?:了)?(?:您|你)|发来的"
)
_US_ZH = re.compile(r"我们?|咱们?|客服|人工|坐席|专员|工作人员|经理|窗口|这里|这边|此处|聊天|对话|会话|在此|回复|机器人")
_ORDER_ZH = re.compile(
    r"请(?!勿|不|别)|麻烦|烦请|劳烦|需要?(?:您|你|客户)?|(?:您|你)(?:只)?(?:需|要|得|须|可以)|必须|务必|应当?|可以|直接|然后|再|并|只要|只需|方便|能否|能不能|可否|帮忙|立即|马上|尽快|先"
)
_HERE_ZH = re.compile(r"这里|此处|在此|聊天|对话|会话|下方|下面的?(?:框|输入)|回复|(?:给|向|让)(?:我们?|客服|专员)")
_TYPE_ZH = re.compile(r"输入|填写?|录入|打(?:在|到)|登记")
_ASKED_ZH = re.compile(
    r"(?:向|问|跟|找|和)(?:您|你|客户|用户)[^，。]{0,4}?(?:要|索取|索要|询问|核对|核实|确认|收取|获取)"
    r"|(?:需要?|要求|索取|核对|核实|登记|收集|得?知道)(?:一下)?(?:您|你|客户)(?:的|提供|出示)"
    r"|(?:是|为)?(?:多少|什么)(?!位|意思|时候|用|原因)$"
)
_SCREEN_ZH = re.compile(
    r"(?:打开|开启|开|进行|同意|接受|配合|使用|点)[^，。]{0,6}?(?:屏幕共享|共享屏幕|远程控制|远程协助|远程操作)"
    r"|(?:给|与|和|向|跟)(?:我们?|客服|专员)[^，。]{0,4}?(?:共享|分享)(?:您|你)?的?屏幕|(?:共享|分享)(?:您|你)?的?屏幕(?:给|让)"
    r"|(?:转|汇|打|存|划)[^，。]{0,10}?(?:到|至|进|入)[^，。]{0,8}?(?:安全账户|指定的?(?:银行卡|卡|账[户号])|核查账户|监管账户)"
    r"|(?:转|汇|打|存|划)[^，。]{0,10}?(?:到|至|进|入)[^，。]{0,8}?(?:我们的账户|客服的?(?:账[户号]|卡)|客服指定的?(?:银行卡|卡|账[户号]))"
    r"|(?:请|麻烦|需|先)[^，。]{0,6}?(?:支付|缴纳|交|付|转|充)[^，。]{0,8}?(?:保证金|解冻[金费]|验证金|激活金)"
    r"|(?:请|麻烦|需|先)[^，。]{0,6}?(?:下载|安装|打开)[^，。]{0,6}?(?:向日葵|todesk|anydesk|teamviewer|远程软件|会议软件)"
    r"|(?:发|截图|提供|展示|传)[^，。]{0,8}?(?:付款|收款)(?:二维)?码|(?:付款|收款)(?:二维)?码[^，。]{0,6}?(?:发给|截图给|提供给|截图发)"
)
_NOT_ZH = re.compile(
    r"不(?!能不|得不|行就|对就)|别(?!人|的|处|忘)|勿|莫|禁止|严禁|从未|没有?人会|没有?必要|无需|无须|拒绝|谨防|杜绝|避免|停止"
)
# A negation with one of these behind it belongs to another verb: "没有收到回复请发给我们". Or it negates forgetting.
_CUT_ZH = re.compile(
    r"请|就|而是|直接|马上|立即|只要|(?<!不)但|然后|否则|的话|忘|犹豫|担心|用怕|要紧|吝|要不|收到|成功|通过|行"
)

# --- English ------------------------------------------------------------------------------------------------------------
_SECRET_EN = re.compile(
    r"\b(?:pass ?(?:word|code|phrase)s?|p[a@][s5$]{2}w[o0]rds?|pins?(?: code| number)?|otps?|cv[vc]2?|(?:verification|security|sms|text|login|one[- ]time|confirmation|pay(?:ment)?|"
    r"auth(?:entication)?)[- ]codes?|codes?(?! of (?:conduct|practice))|(?:full |whole |complete |entire )?(?:bank |credit |debit )?card (?:number|details)s?|"
    r"(?:six|four|6|4|eight|8)[- ]digits?(?: (?:number|code))?|digits (?:you|in|from|that)|number (?:in|from) the (?:text|sms|message)|"
    r"three digits|3 digits|security number|seed phrase|private key|secret)\b"
)
_GIVE_EN = re.compile(
    r"\b(?:send|sending|tell|telling|give|giving|share|sharing|provide|providing|supply|submit|reply|respond|text|e-?mail|forward|read|dictate|say|post|paste|show|"
    r"hand|disclose|reveal|message|let (?:us|me|our \w+) (?:know|have)|report|pass|upload|photograph|screenshot)\b"
)
_TYPE_EN = re.compile(r"\b(?:enter|type|write|fill in|key in|put|copy|confirm|verify|state|quote|input)\b")
_US_EN = re.compile(
    r"\b(?:us|me|our (?:\w+ )?(?:agents?|staff|support|team|colleagues?|service)|(?:the|an|your) (?:\w+ )?(?:agents?|operator|representative|advisor|person)|customer service|support|staff|here|"
    r"(?:this|the|in) chat|conversation|your (?:reply|answer|next message)|below|back)\b"
)
_ORDER_EN = re.compile(
    r"^\W*(?:\d+\W+)?(?:and |then |now |just |simply |next |also |first |so )*(?:please|kindly|send|tell|give|share|provide|supply|submit|reply|text|e-?mail|forward|read|dictate|post|paste|disclose|reveal)\b"
    r"|\bplease\b|\bkindly\b|\b(?:you (?:must|should|need to|have to|can|may)|be sure to|make sure to|remember to|don'?t forget to|do not forget to)\b|\b(?:could|can|would|will) you\b"
)
_ASKED_EN = re.compile(
    r"\b(?:we|i|our (?:\w+ )?(?:staff|agents?|team)|(?:the|an) agent|support|staff|they)(?:'ll| will| may| might| can| must| shall| would| do)?(?: also| then| always| now| only)* (?:ask|request|need|require|want|collect|check|verify|see|have to (?:know|have|check|see))\b"
    r"|\bwhat(?: i|')s your\b|\bwhat are the\b|\bis (?:required|needed)\b|\b(?:may|can|could) (?:i|we) (?:have|get|see|know)\b|\bhave your\b[^.,]{0,30}\bready\b|\byou(?:'ll| will) be asked (?:by|for)\b"
)
_SCREEN_EN = re.compile(
    r"\b(?:turn on|start|enable|allow|accept|open|begin|switch on)\b[^.,]{0,20}\b(?:screen ?sharing|remote (?:control|access))\b|\bshare your screen\b|\blet (?:us|our \w+|the agent) (?:control|see) your (?:screen|phone)\b"
    r"|\b(?:transfer|move|send|wire)\b[^.]{0,30}\b(?:safe|secure|designated|our) account\b"
)
_NOT_EN = re.compile(
    r"\b(?:not|never|no|nobody|none|without|cannot|can'?t|don'?t|doesn'?t|won'?t|isn'?t|aren'?t|neither|refuse|avoid|stop|beware of|refrain from|rather than|instead of)\b|n't\b"
)
_CUT_EN = re.compile(
    r"\b(?:please|then|but|just|simply|so|forget|hesitate|worry|if|when|unless|until|only|arrive[sd]?|work(?:s|ed)?|received?|able|problem)\b"
)


# --- who, and what else -------------------------------------------------------------------------------------------------
#: Somebody else asks, or it is told to somebody else, or a shop sees the Pay code: no request of ours.
_SOMEBODY_ZH = re.compile(r"对方|骗子|别人|他人|有人|陌生人|^任何人|他们|谁|店员|商家|收银|门店|到店")
#: What a swindler tells customers to do.
_TOLD_ZH = re.compile(r"凡是?(?:让|要|叫)|(?:让|叫|要求|诱导)(?:您|你)(?!方便)")
_OURS_ZH = re.compile(r"请(?!勿|不|别)|麻烦|必须|务必|方便|能否|客服|(?:您|你)(?:需|须)")
_MASKED = re.compile(r"遮住|遮挡|打码|马赛克|\bcover\b|\bblack out\b")
_WRONG_ZH = re.compile(
    r"^.*?(?:收不到|没(?:有)?收到|泄露|泄漏|忘记?|丢|错|不对|失败|被|过期|无效|不来|(?:改|修改|重设|重置|换)(?:掉|好)?(?:了)?(?:登录|支付)?(?:密码))[^，。]*?(?=请|并|后|就|再|马上|立即)"
)
_AT_HAND = re.compile(
    r"收到|准备|获取|找到|看到|拿到|得到|查看|打开|生成|获得|\b(?:get|receive[sd]?|have|find|ready|arrives?|generate|look up|open|copy|note|take)\b(?! already)"
)
_WARNS_EN = re.compile(r"^\W*(?:please )?(?:do not|don't|never)\b(?! (?:worry|hesitate|wait|forget|panic|delay|be))")
_NONE_EN = re.compile(r"\b(?:no|neither|nor) (?:\w+ ){0,2}?(?:codes?|passwords?|pins?|card numbers?)\b|\bnothing\b")
_THAT_EN = re.compile(r"\s*(?:us|me|our \w+|the agent)?\s*(?:at once |here |now )?(?:if|when|that|whether|about|in case)\b")
_IT_ZH = re.compile(
    r"^(?:请|麻烦|然后|再|并|就|直接|马上|立即|把它|将其|将它|把这个|一并|收到后|之后)*"
    r"(?:发|发送|告诉|告知|报|念|说|回复|提供|转发|传|读|写|截图发?)(?:出来)?(?:给|到|至|与)?(?:我们?|客服|专员|工作人员|这里|聊天|对话|人工)"
)
_IT_EN = re.compile(
    r"^\W*(?:and |then |please |just |simply |now )*(?:(?:send|tell|give|read|share|forward|text|e-?mail|show|type|paste|pass)"
    r"(?: it| them| this| that| those| these)(?: out| back| on| over)?(?: to| with)?|(?:send|read|text|forward|pass)(?: out| back| on)? to)"
    r" (?:us|me|our|the agent|support|here|in (?:this|the) chat)"
)
_SENT_EN = re.compile(
    r"\b(?:code|password|pin|number|cvv|otp)s?\b[^.,]{0,40}\b(?:sent|told|given|shared|provided|forwarded|read)\b(?: out)? (?:to|with) (?:us|me|our|support|the agent)"
)


def secret_requests(text: str) -> List[Found]:
    """The clauses of a text that ask for a secret, with their places. Works for Chinese, English, and both mixed."""
    found: List[Found] = []
    for start, end in _pieces(text, 0, len(text), _SENTENCE_END):
        at_hand = False  # a clause before named a secret that the customer now has: "get the code, then send it"
        warned = False  # the sentence began with "do not", which also holds for "..., or share your screen"
        for low, high in _pieces(text, start, end, _CLAUSE_END):
            clause, places = _folded(text[low:high])
            if _asks(clause, warned) or (at_hand and _hands_it_over(clause)):
                found.append(Found(low + places[0], low + places[-1] + 1, text[low + places[0] : low + places[-1] + 1]))
            names = bool(_SECRET_ZH.search(clause) or _SECRET_EN.search(clause))
            at_hand = at_hand or (names and bool(_AT_HAND.search(clause)))
            warned = warned or bool(_WARNS_EN.search(clause))
    return found


def _pieces(text: str, start: int, end: int, separator: re.Pattern[str]) -> Iterator[Tuple[int, int]]:
    at = start
    for match in separator.finditer(text, start, end):
        if text[at : match.start()].strip():
            yield at, match.start()
        at = match.end()
    if text[at:end].strip():
        yield at, end


@functools.lru_cache(maxsize=20_000)
def _one(character: str) -> str:
    return normalize(character) if not character.isspace() else " "


def _folded(clause: str) -> Tuple[str, List[int]]:
    """A clause as the patterns read it, and the place of each of its characters: no gaps between Chinese characters, no marks."""
    kept: List[str] = []
    places: List[int] = []
    for place, character in enumerate(clause):
        is_in_word = character in "'’-" and clause[place - 1 : place].isascii()
        if character in "*_`~「」『』“”\"'‘’【】[]《》·・-—…" and not is_in_word:
            continue
        for folded in _one(character):
            kept.append(folded)
            places.append(place)
    text = re.sub(r"\bme(?= ?>)", "my", "".join(kept))  # the menu, not the speaker
    while True:  # "密 码" is "密码", "6 位" is "6位"
        gap = _GAP.search(text)
        if gap is None:
            break
        text, places = text[: gap.start()] + text[gap.end() :], places[: gap.start()] + places[gap.end() :]
    return text.replace("’", "'"), places or [0]


def _is_negated(before: str, no: re.Pattern[str], cut: re.Pattern[str]) -> bool:
    """Whether the last negation before a verb reaches it."""
    last = None
    for last in no.finditer(before):  # noqa: B007
        pass
    return last is not None and not cut.search(before[last.end() :])


def _asks(clause: str, warned: bool) -> bool:
    if _MASKED.search(clause):
        return False
    if _unless_negated(_SCREEN_ZH, clause, _NOT_ZH, _CUT_ZH) and not (_SOMEBODY_ZH.search(clause) or _TOLD_ZH.search(clause)):
        return True
    is_listed = clause.lstrip().startswith("to ") or (warned and " or " in clause)
    if _unless_negated(_SCREEN_EN, clause, _NOT_EN, _CUT_EN) and not is_listed:
        return True
    if _SECRET_ZH.search(_in_the_app(clause)) and _asks_zh(clause):
        return True
    return bool(_SECRET_EN.search(clause)) and not is_listed and _asks_en(clause)


def _unless_negated(pattern: re.Pattern[str], clause: str, no: re.Pattern[str], cut: re.Pattern[str]) -> bool:
    return any(not _is_negated(clause[: match.start()], no, cut) for match in pattern.finditer(clause))


#: A picture of the identity card is uploaded on the app's own page for it. In a chat it is never asked for.
_UPLOADED_ZH = re.compile(r"身份证(?:号|正反面|照片|正面)的?照?片?")


def _in_the_app(clause: str) -> str:
    """The clause without the identity card, if the clause sends the customer to a page of the app."""
    in_app = re.search(
        r"(?:在|进入|打开)(?:应用|app|「?[^，。]{0,12}」?页?)[^，。]{0,4}(?:里|中|内|上)?[^，。]{0,4}上传", clause
    )
    to_us = re.search(r"给我们?|客服|聊天|对话|会话|这里|此处|在此|回复|(?:发|传)(?:给|到|来)", clause)
    return _UPLOADED_ZH.sub("", clause) if in_app and not to_us else clause


def _asks_zh(clause: str) -> bool:
    if not _SOMEBODY_ZH.search(clause) and _unless_negated(_ASKED_ZH, clause, _NOT_ZH, _CUT_ZH):
        return True
    # "密码泄露了请告诉我们": the secret is what is wrong, and not what is told.
    wrong = _WRONG_ZH.search(clause)
    clause = clause[wrong.end() :] if wrong else clause
    if not _SECRET_ZH.search(clause) or _GIVEN_ZH.search(clause):
        return False
    is_order = bool(_ORDER_ZH.search(clause))
    for verb in _GIVE_ZH.finditer(clause):
        if _is_negated(clause[: verb.start()], _NOT_ZH, _CUT_ZH):
            continue
        if _SOMEBODY_ZH.search(clause) and not _OURS_ZH.search(clause):
            continue
        rest = clause[: verb.start()] + clause[verb.end() :]
        if _US_ZH.search(rest) or is_order or "把" in clause or "将" in clause or verb.start() <= 3:
            return True
    if _HERE_ZH.search(clause):
        return _unless_negated(_TYPE_ZH, clause, _NOT_ZH, _CUT_ZH)
    return False


def _asks_en(clause: str) -> bool:
    for verb in _ASKED_EN.finditer(clause):
        is_about_secret = _SECRET_EN.search(clause, verb.start()) or re.search("ready|required|needed", verb.group())
        if is_about_secret and not _NOT_EN.search(clause[max(0, verb.start() - 12) : verb.end()]):
            return True
    if _NONE_EN.search(clause):
        return False
    for verb in _GIVE_EN.finditer(clause):
        if _is_negated(clause[: verb.start()], _NOT_EN, _CUT_EN) or _THAT_EN.match(clause, verb.end()):
            continue
        if _US_EN.search(clause[verb.end() :]) or _ORDER_EN.search(clause[: verb.end()]):
            if _SECRET_EN.search(clause, verb.start()) and not re.search(r"\bto (?:you|your)\b", clause[verb.end() :]):
                return True
            if _SECRET_EN.search(clause[: verb.start()]) and _IT_EN.search(clause[verb.start() :]):
                return True
    if _SENT_EN.search(clause) and not _NOT_EN.search(clause):
        return True
    if re.search(r"\b(?:here|in (?:this|the) chat|below|in your (?:reply|answer)|to (?:us|me|our))\b", clause):
        return _unless_negated(_TYPE_EN, clause, _NOT_EN, _CUT_EN)
    return False


def _hands_it_over(clause: str) -> bool:
    return bool(_IT_ZH.search(clause.strip()) or _IT_EN.search(clause.strip()))
