"""The pipeline component ``wallet_entities``: amounts, order numbers, phones and error codes.

Cheap patterns of fixed length propose places, so that the number of places grows linearly with the text. A reader for each kind
decides what the text at a place is and where it ends. Spans do not overlap. When two kinds claim the same characters, the kind
with the better evidence wins: first a number that a word names ("订单号"), then an amount with a currency, then a number with
only the right shape.

Labels and the value in ``span._.value``:

============  ===========================================================================
amount        ``{"number": int | float, "currency": "CNY"}``
order_number  the characters of the number, half width, upper and lower case as typed
phone         digits, with a leading ``+`` if it was typed: ``13800138000``, ``+85291234567``
error_code    half width, upper case: ``E1001``, ``0X80070005``
============  ===========================================================================
"""

# No "from __future__ import annotations" here: spaCy's registry needs the real types of a factory.
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc, Span

from bot.nlu.amounts import find_amounts, fold

__all__ = ["FACTORY", "LABELS", "WalletEntities", "create_wallet_entities", "find_entities"]

#: The name of the component factory. A saved pipeline finds the factory after the import of this module.
FACTORY = "wallet_entities"
LABELS = ("amount", "order_number", "phone", "error_code")

Value = dict[str, Any] | str


class _Find(NamedTuple):
    """An entity at ``text[start:end]``. Of two that overlap, the one with the lower `rank` wins."""

    rank: int
    start: int
    end: int
    label: str
    value: Value


# --- candidates -----------------------------------------------------------------------------

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ORDER_WORDS = (
    "订单号 订单编号 订单 单号 流水号 流水 交易号 交易编号 参考号 凭证号 orderno ordernumber orderid "
    "order# ordernum transactionid transactionno transactionnumber txnid txid tradeno 订单id 交易id"
).split()
_ERROR_WORDS = ("错误码 错误代码 错误编号 错误号 错误 报错 报错码 状态码 返回码 返回代码 代码 错误提示 error err code").split()

#: Order numbers, phones and error codes are searched in this many characters from the beginning.
MATCHED_CHARACTERS = 400

#: Patterns of the places in a folded text where a kind may begin; a reader is tried at each of them.
_PLACES = {
    "order_shape": re.compile(r"(?<![0-9a-z_/.@*])(?=[0-9a-z]{10})"),
    "phone": re.compile(r"(?=1[3-9]\d|0\d\d|[48]00|9[56]\d{3}|8[58][2356]|\+\d|\(0\d)"),
    "error_shape": re.compile(r"(?<![0-9a-z_./-])(?=0x|[a-z][0-9a-z_-])"),
}
_WORDS = {"order_word": _ORDER_WORDS, "error_word": _ERROR_WORDS}


def _places(folded: str) -> Iterator[tuple[str, int, int]]:
    """(kind, start, end) of each place in the beginning of a folded text where a reader may find an entity."""
    beginning = folded[:MATCHED_CHARACTERS]
    for kind, words in _WORDS.items():
        for word in words:
            start = beginning.find(word)
            while start >= 0:
                yield kind, start, start + len(word)
                start = beginning.find(word, start + 1)
    for kind, pattern in _PLACES.items():
        for match in pattern.finditer(beginning):
            yield kind, match.start(), match.start()


# --- readers: each pattern is matched at a candidate's start and never searched ------------

_ORDER_NAMED = re.compile(r"(?:号码?|编号|是|为|[ :#.=,]){0,5}(?P<value>[0-9a-z][0-9a-z_-]{4,39})(?![0-9a-z])")
_ORDER_SHAPED = re.compile(r"(?<![0-9a-z_/.@*])[0-9a-z]{10,32}(?![0-9a-z_@]|\.\d)")
_DATE = re.compile(r"(?:19|20)\d\d[-_]\d{1,2}(?:[-_]\d{1,2})?")

_TIMESTAMP = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?")
#: Names of other numbers with the shape of an order number: device, person, meter, document, account elsewhere, time.
_NAMED_ELSE = re.compile(
    r"(?:imei|meid|(?<![a-z])(?:sn|mac|student|meter|serial|passport|invoice|account)(?: ?(?:number|no\.?|id))?"
    r"|序列号|设备号|学号|学籍号|考号|准考证号?"
    r"|表号|户号|身份证号?|社保卡?号?|医保卡?号?|证号|护照号?|驾照号?|微信号?|wechat|qq号?|地址|address|发票号码?|合同编?号|商户号|税号|信用代码|时间|日期)"
    r"(?:号|码|是|为|[ :#=.]){0,4}$"
)
_ACCOUNT_ELSEWHERE = re.compile(r"(?:wx|qq|vx)\d")
_PHONES = re.compile(
    r"(?<![0-9a-z.])(?:"
    r"(?:(?:\+|00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}"
    r"|(?:\+|00)?(?:852|853)[ -]?[2-9]\d{3}[ -]?\d{4}"
    r"|(?:\+|00)?886[ -]?0?[2-9]\d{0,2}[ -]?\d{3,4}[ -]?\d{3,4}"
    r"|(?:\+|00)86[ -]?\d{2,3}[ -]?\d{7,8}"
    r"|\(?0\d{2,3}\)?[ -]?\d{7,8}"
    r"|[48]00[ -]?\d{3,4}[ -]?\d{3,4}"
    r"|\+\d{1,3}(?:[ -]?\d{2,5}){2,4}"
    r")(?![0-9a-z]|\.\d)"
)
#: 95588 and similar numbers are also plain numbers: they are phones only next to a word for a telephone.
_SERVICE_LINE = re.compile(r"(?<![\da-z.])9[56]\d{3,4}(?![\da-z.,元块万])")
_SERVICE_BEFORE = re.compile(
    r"(?:电话|热线|客服|拨打?|致电|来电|打(?:了|过)?|号码|短信|收到|call(?:ed)?|dial)(?:号码|是|为|[ ::]){0,3}$"
)
_SERVICE_AFTER = re.compile(r" ?(?:打来|来电|的?电话|客服|发来|发的|的?短信|打不通|没人接|called)")

_ERROR_NAMED = re.compile(
    r"(?:提示|显示|号|是|为|代码|码|code|[ :#=,_(\[]){0,5}"
    r"(?P<value>0x[0-9a-f]{2,16}|[a-z]{0,8}[-_]?\d{3,8}|[a-z]{2,12}(?:_[a-z]{2,12}){1,5}(?:_?\d{1,8})?)(?![0-9a-z%]|\.\d)"
)
_ERROR_SHAPED = re.compile(
    r"(?<![0-9a-z_./-])(?:0x[0-9a-f]{2,16}|err(?:or)?[-_ ]?\d{2,8}|e[-_]?\d{3,6}|[a-jl-uxyz]\d{4,6}|[a-z]{2,8}_\d{3,6})"
    r"(?![0-9a-z_]|[.-]\d)"
)
#: Other names with a letter and some digits: a number plate, a train, a room, a model.
_PLACE_OR_VEHICLE = re.compile(
    r"(?:[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]|车牌号?|车次|火车票?|高铁票?|动车票?|航班号?|机型|型号|座位号?|房间号?|房号|货号|批号"
    r"|学号|工号|(?<![a-z])(?:flight|train|room|seat|model|plate))[ :]{0,2}$"
)
_PLACE_AFTER = re.compile(r" ?(?:次(?!日)|号楼|室|栋|座|航班|列车)")
_NOT_AN_ERROR = re.compile(r"(?:verification|qr|bar|zip|post|promo|invite|pay|验证|pass) ?$")
_UNIT_AFTER = re.compile(r" ?(?:元|块|万|亿|次|个|笔|天|年|月|美|港|欧|rmb|yuan|usd|dollars?)")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _read_order(text: str, folded: str, start: int, end: int) -> _Find | None:
    """The order number that the word at ``text[start:end]`` introduces."""
    match = _ORDER_NAMED.match(folded, end)
    if not match:
        return None
    value = match.group("value").rstrip("-_")
    at = match.start("value")
    # 订单 alone is weak evidence ("订单 5000元"), 订单号 is strong evidence.
    strong = folded[end - 1] in "号od#" or (match.start("value") > end and "号" in folded[end:at])
    digits = sum(char.isdigit() for char in value)
    if digits < (4 if strong else 8) or _DATE.fullmatch(value):
        return None
    if not strong and (_UNIT_AFTER.match(folded, at + len(value)) or _PHONES.fullmatch(value)):
        return None
    return _Find(0, at, at + len(value), "order_number", _plain(text[at : at + len(value)]))


def _read_order_shape(text: str, folded: str, start: int, end: int) -> _Find | None:
    match = _ORDER_SHAPED.match(folded, start)
    if not match:
        return None
    if sum(char.isdigit() for char in match.group()) < 6 or _PHONES.match(folded, start):
        return None
    if _NAMED_ELSE.search(folded[max(0, start - 24) : start]):
        return None
    if _TIMESTAMP.fullmatch(match.group()) or _ACCOUNT_ELSEWHERE.match(match.group()):
        return None
    return _Find(4, *match.span(), "order_number", _plain(text[slice(*match.span())]))


def _read_phone(text: str, folded: str, start: int, end: int) -> _Find | None:
    match = _PHONES.match(folded, start)
    if not match:
        match = _SERVICE_LINE.match(folded, start)
        if not match:
            return None
        known = _SERVICE_BEFORE.search(folded[max(0, start - 12) : start])
        alone = folded.strip() == match.group()
        if not (known or alone or _SERVICE_AFTER.match(folded, match.end())):
            return None
    if _UNIT_AFTER.match(folded, match.end()) and not match.group().startswith("+"):
        return None
    digits = "".join(char for char in match.group() if char.isdigit())
    value = "+" + digits if match.group().startswith("+") else digits
    return _Find(3, *match.span(), "phone", value)


def _read_error(text: str, folded: str, start: int, end: int) -> _Find | None:
    """The error code that the word at ``text[start:end]`` introduces."""
    if folded[start] in _LETTERS:
        if folded[start - 1 : start] and folded[start - 1] in _LETTERS + "_":
            return None
        if _NOT_AN_ERROR.search(folded[max(0, start - 14) : start]):
            return None
    match = _ERROR_NAMED.match(folded, end)
    if not match or _UNIT_AFTER.match(folded, match.end()):
        return None
    value, at = match.group("value"), match.start("value")
    weak = folded[start:end] in ("code", "代码", "错误")
    if weak and value.isdigit() and len(value) == 6 and "error" not in folded[max(0, start - 8) : start]:
        return None  # "code 482913" is the code of a text message
    if value.isalpha() or (folded[start:end] == "err" and at == end and value.startswith("or")):
        return None
    # ERR_5003 is one name; "error 5003" is a word and a number.
    if folded[start:end] in ("err", "error") and folded[end:at] in ("_", "-"):
        at = start
    return _Find(1, at, match.end(), "error_code", _plain(text[at : match.end()]).upper())


def _read_error_shape(text: str, folded: str, start: int, end: int) -> _Find | None:
    match = _ERROR_SHAPED.match(folded, start)
    if not match or _PLACE_AFTER.match(folded, match.end()):
        return None
    if _PLACE_OR_VEHICLE.search(folded[max(0, start - 10) : start]):
        return None
    return _Find(2, *match.span(), "error_code", _plain(text[slice(*match.span())]).upper())


_Reader = Callable[[str, str, int, int], _Find | None]
_READERS: dict[str, _Reader] = {
    "order_word": _read_order,
    "order_shape": _read_order_shape,
    "phone": _read_phone,
    "error_word": _read_error,
    "error_shape": _read_error_shape,
}


def _number(value: Decimal) -> int | float:
    """The value as a number of JSON."""
    return int(value) if value == value.to_integral_value() else float(value)


def _read_amounts(text: str) -> list[_Find]:
    return [
        # An amount with a currency is certain; every other kind wins over bare digits.
        _Find(
            5 if fold(amount.text).isdigit() else 2,
            amount.start,
            amount.end,
            "amount",
            {"number": _number(amount.number), "currency": amount.currency},
        )
        for amount in find_amounts(text)
    ]


def _finds(text: str, folded: str) -> list[_Find]:
    """Everything that the readers find, including entities that claim the same characters."""
    finds: dict[tuple[int, int, str], _Find] = {}
    for kind, start, end in _places(folded):
        find = _READERS[kind](text, folded, start, end)
        if find:
            known = finds.get((find.start, find.end, find.label))
            if known is None or find.rank < known.rank:
                finds[(find.start, find.end, find.label)] = find
    return [*finds.values(), *_read_amounts(text)]


# --- the component --------------------------------------------------------------------------


class WalletEntities:
    """Sets ``doc.ents`` and ``span._.value``. Entities that a document already has are replaced.

    The component has no state about messages, so that one instance serves all of them.
    """

    def __init__(self, nlp: Language, name: str = FACTORY) -> None:
        self.name = name

    def __call__(self, doc: Doc) -> Doc:
        text = doc.text
        if not text.strip():
            return doc
        starts = doc.to_array("IDX")
        spans: list[Span] = []
        taken = bytearray(len(text))
        for find in sorted(_finds(text, fold(text)), key=lambda find: find[:4]):
            if any(taken[find.start : find.end]):
                continue
            taken[find.start : find.end] = b"\x01" * (find.end - find.start)
            first, last = starts.searchsorted([find.start, find.end - 1], side="right") - 1
            span = Span(doc, int(first), int(last) + 1, label=find.label)
            span._.set("value", find.value)
            spans.append(span)
        doc.ents = tuple(sorted(spans, key=lambda span: span.start))
        return doc

    def to_bytes(self, exclude: Iterable[str] = ()) -> bytes:
        """Empty: the patterns are code, and there is nothing to save."""
        return b""

    def from_bytes(self, data: bytes, exclude: Iterable[str] = ()) -> "WalletEntities":
        """See `to_bytes`."""
        return self

    def to_disk(self, path: Any, exclude: Iterable[str] = ()) -> None:
        """See `to_bytes`."""

    def from_disk(self, path: Any, exclude: Iterable[str] = ()) -> "WalletEntities":
        """See `to_bytes`."""
        return self


if not Span.has_extension("value"):
    Span.set_extension("value", default=None)


@Language.factory(FACTORY, assigns=["doc.ents", "token.ent_iob", "token.ent_type", "span._.value"])
def create_wallet_entities(nlp: Language, name: str) -> WalletEntities:
    """Make the component; called by ``nlp.add_pipe("wallet_entities")``."""
    return WalletEntities(nlp, name)


def find_entities(doc: Doc) -> list[dict[str, Any]]:
    """Return the entities of a processed document as plain data, in the order of the text.

    Returns:
        ``[{"entity", "text", "value", "start", "end"}]``; offsets in characters of ``doc.text``,
        end exclusive; JSON-able throughout.
    """
    return [
        {
            "entity": span.label_,
            "text": span.text,
            "value": span._.value,
            "start": span.start_char,
            "end": span.end_char,
        }
        for span in doc.ents
        if span.label_ in LABELS
    ]
