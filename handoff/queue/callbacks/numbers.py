"""Phone numbers as customers write them."""

from __future__ import annotations

import re
import unicodedata

from handoff.runtime.errors import BadInput

_CHINESE_MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{7,14}")
_SEPARATORS = str.maketrans("", "", " -()./")


def phone_number(written: str) -> str:
    """The number in E.164: a Chinese mobile number, or any other with + and its country code. Raises BadInput."""
    digits = unicodedata.normalize("NFKC", written).strip().translate(_SEPARATORS)
    chinese = _CHINESE_MOBILE.fullmatch(digits)
    if chinese:
        return f"+86{chinese[1]}"
    if _INTERNATIONAL.fullmatch(digits) and not digits.startswith("+86"):
        return digits
    raise BadInput(
        "bad_phone",
        "请填写 11 位手机号；境外号码请以 + 和国家代码开头。",
        "Please enter a mobile number; numbers outside of mainland China begin with + and the country code.",
    )
