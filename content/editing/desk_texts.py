"""The desk's texts (`texts` in `desk.yml`) as a list: what each is for, which names it may use; change one."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple

from content.desk_file import FILE
from content.desk_policy import filled_in
from content.editing.problems import Problem
from content.editing.yaml_lists import set_items
from content.editing.yaml_spans import read_value, set_value
from contract.locales import FILE_LOCALES

#: Text or group of texts -> when the desk sends it, in Chinese and English.
_EXPLAINED: Mapping[str, Tuple[str, str]] = {
    "wait": ("排队时长的说法，填进别的文字里的“预计等待”", "How the expected wait is put; other texts show it"),
    "opens": ("下次上班时间的说法，填进别的文字里", "How the next opening is put; other texts show it"),
    "place_first": ("转人工后：客户排在第一位", "After the handoff: the customer is first in line"),
    "place": ("转人工后：客户前面还有几位", "After the handoff: how many are ahead of the customer"),
    "place_urgent": ("转人工后：加急客户的位置", "After the handoff: the place of an urgent case"),
    "nobody_online": ("转人工后：没有客服在线", "After the handoff: nobody is online"),
    "nobody_online_urgent": ("转人工后：加急，但没有客服在线", "After the handoff: urgent, and nobody is online"),
    "urgent": ("加急客户第一眼要看到的电话", "The phone number that an urgent case reads first"),
    "still_waiting": ("等了几分钟以后告诉客户的话", "What a waiting customer is told after some minutes"),
    "added": ("排队时客户又补充了内容", "The customer added something while waiting"),
    "handoff": ("转人工时的第一句话，按原因", "The first sentence of a handoff, by reason"),
    "lanes": ("钱正在被转走时的第一段话", "What is said first while money is leaving"),
    "advice": ("等待时先做什么，按意图或原因", "What to do while waiting, by intent or reason"),
    "raised": ("情况升级为加急", "The case became urgent"),
    "confirm_cancel": ("加急客户要取消排队时的确认", "An urgent case wants to stop waiting"),
    "button_cancel_wait": ("按钮：不等了", "Button: stop waiting"),
    "button_keep_waiting": ("按钮：继续等", "Button: keep waiting"),
    "kept_waiting": ("客户选择继续等", "The customer goes on waiting"),
    "cancelled": ("客户取消了排队", "The customer stopped waiting"),
    "assigned": ("客服接入", "An agent joined"),
    "returned": ("客服把会话交还机器人", "The agent gave the conversation back to the bot"),
    "requeued": ("换一位客服", "Another agent is looked for"),
    "resolved": ("会话结束", "The conversation was closed"),
    "callback_code": ("预约回访时发到手机的短信", "The text message with the code for a call-back"),
    "callback_booked": ("预约回访成功", "A call-back is booked"),
    "callback_cancelled": ("客户取消了回访", "The customer cancelled the call-back"),
}
_LONGEST = 2000


def list_texts(text: str) -> List[Dict[str, Any]]:
    """The desk's texts in the order of the file: name, zh, en (a text, or a list of texts), names, explanations."""
    words = read_value(text, ["texts"])
    found = []
    for name, zh in _leaves(words.get("zh") if isinstance(words, dict) else None):
        top = name.split(".")[0]
        explained = _EXPLAINED.get(top, (top, top))
        en = _at(words.get("en"), name)
        found.append(
            {
                "name": name,
                "zh": zh,
                "en": en if en is not None else ([] if isinstance(zh, list) else ""),
                "names": sorted(filled_in(name)),
                "explain_zh": explained[0],
                "explain_en": explained[1],
            }
        )
    return found


def text_of(text: Optional[str], name: str) -> Optional[Dict[str, Any]]:
    """One text as `{zh, en}`; None if there is none. Raises ContentError."""
    words = read_value(text or "", ["texts"])
    found = {locale: _at(words.get(locale), name) for locale in FILE_LOCALES}
    return None if found["zh"] is None and found["en"] is None else found


def set_text(text: str, name: str, values: Mapping[str, Any]) -> str:
    """The file's text with other words. `values`: by language, a text or a list. Raises KeyError, CannotEdit, ContentError."""
    for locale in FILE_LOCALES:
        path = ["texts", locale, *name.split(".")]
        value = values[locale]
        text = set_items(text, path, value) if isinstance(value, list) else set_value(text, path, value)
    return text


def shape_problems(present: Mapping[str, Any], values: Mapping[str, Any]) -> List[Problem]:
    """Texts that are empty or too long, or of which there are more or fewer than the desk needs."""
    found = []
    for locale in FILE_LOCALES:
        value = values[locale]
        if isinstance(value, list) != isinstance(present[locale], list):
            zh, en = "这里要几句话，或者只要一句话，请不要改变。", "This is a list of sentences or a single one: keep that."
            found.append(Problem("bad_shape", zh, en, field=locale))
        for each in value if isinstance(value, list) else [value]:
            if not each.strip():
                zh, en = "文字是空的，请填写。", "Fill in the text."
                found.append(Problem("empty_field", zh, en, field=locale))
            elif len(each) > _LONGEST:
                zh, en = f"文字太长，最多 {_LONGEST} 个字符。", f"The text has more than {_LONGEST} characters."
                found.append(Problem("too_long_text", zh, en, field=locale))
    return found


def _leaves(words: Any, prefix: str = "") -> List[Tuple[str, Any]]:
    if not isinstance(words, dict):
        return [(prefix, words)] if isinstance(words, (str, list)) else []
    return [leaf for name, each in words.items() for leaf in _leaves(each, f"{prefix}.{name}" if prefix else str(name))]


def _at(words: Any, name: str) -> Any:
    for step in name.split("."):
        words = words.get(step) if isinstance(words, dict) else None
    return words if isinstance(words, (str, list)) else None


__all__ = ["FILE", "list_texts", "set_text", "shape_problems", "text_of"]
