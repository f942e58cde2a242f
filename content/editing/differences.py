"""The changes between two versions of the data folder, as sentences: "第 3 步：“3 天” → “5 天”"."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple

from content.calendars import FOLDER as CALENDARS
from content.canned_replies import FILE as CANNED
from content.cases import FILE as CASES
from content.desk_file import FILE as DESK
from content.editing.article_file import FOLDER as ARTICLES
from content.editing.article_file import ArticleForm, read_form
from content.editing.fact_texts import TEXT_FILES, flat_texts, names_in
from content.editing.policy_differences import policy_changes
from content.editing.sentence_files import sentences_in
from content.facts import FILE as FACTS
from content.facts import read_facts
from content.first_aid import FILE as FIRST_AID
from content.replies import FILE as REPLIES
from content.sources import ContentError, parse_yaml, plain
from content.triage_policy import FILE as TRIAGE

Files = Mapping[str, bytes]
_LANGUAGES = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}
#: Characters of a text that a sentence quotes.
_QUOTED = 60
#: Sentences of an intent that a change lists.
_LISTED = 50
_TOKEN = re.compile(r"\d[\d,.:-]*|[A-Za-z_]+|\s+|.", re.DOTALL)
_STEP = re.compile(r"^(\d{1,2})[.、)] ?")


@dataclass(frozen=True)
class Difference:
    """One change.

    `kind`: `article`, `fact`, `text`, `canned`, `first_aid`, `reply`, `policy`, `sentences`, `case` or `file`; `id`: which one
    of these. `before`, `after`: the item as text; None: it did not exist, or does not exist any more.
    """

    file: str
    kind: str
    id: str
    zh: str
    en: str
    before: Optional[str] = None
    after: Optional[str] = None


def differences(before: Files, after: Files) -> List[Difference]:
    """All changes from one folder to the other, in the order of the files. A file that cannot be read is one change."""
    found: List[Difference] = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        try:
            texts = tuple(None if data is None else data.decode("utf-8") for data in (old, new))
            changes = list(_changes(name, texts[0], texts[1], after))
        except (ContentError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
            changes = []
        found += changes or [_whole_file(name, old, new)]
    return found


def _changes(name: str, old: Optional[str], new: Optional[str], after: Files) -> Iterator[Difference]:
    folder = name.split("/")[0]
    if folder == ARTICLES and name.endswith(".md"):
        yield from _article(name, old, new)
    elif name == FACTS:
        yield from _facts(name, old or "", new or "", after)
    elif name == CANNED:
        yield from _flat(name, "canned", _named(_document(name, old)), _named(_document(name, new)))
    elif name == FIRST_AID:
        yield from _flat(name, "first_aid", _as_texts(_document(name, old)), _as_texts(_document(name, new)))
    elif name == REPLIES:
        yield from _flat(name, "reply", _document(name, old), _document(name, new))
    elif name in (TRIAGE, DESK) or folder == CALENDARS:
        documents = [_document(name, text) for text in (old, new)]
        if name == DESK:
            yield from _flat(name, "text", *(each.pop("texts", {}) for each in documents))
        for field in policy_changes(name, documents[0], documents[1]):
            yield _replaced(name, "policy", field.path, field.zh, field.en, field.before, field.after)
    elif folder in ("nlu", "calibration"):
        yield from _sentences(name, old or "", new or "")
    elif name == CASES:
        yield from _cases(name, old or "", new or "")


def _document(name: str, text: Optional[str]) -> Dict[str, Any]:
    document = plain(parse_yaml(Path(name), text or "", keep=False))
    return document if isinstance(document, dict) else {}


# --- articles -----------------------------------------------------------------------------------------------------------


def _article(name: str, old: Optional[str], new: Optional[str]) -> Iterator[Difference]:
    forms = [None if text is None else read_form(text, name) for text in (old, new)]
    form = forms[1] or forms[0]
    if form is None:
        return
    language = _LANGUAGES.get(form.locale, (form.locale, form.locale))
    where = f"文章“{form.title}”（{language[0]}）", f"Article “{form.title}” ({language[1]})"
    if forms[0] is None or forms[1] is None:
        verb = ("新增", "added") if forms[0] is None else ("删除", "removed")
        texts = [None if each is None else each.text for each in forms]
        yield Difference(name, "article", form.id, f"{verb[0]}{where[0]}", f"{where[1]} {verb[1]}", texts[0], texts[1])
        return
    for what, before, after in _article_changes(forms[0], forms[1]):
        yield _replaced(name, "article", form.id, f"{where[0]}{what[0]}", f"{where[1]}, {what[1]}", before, after)


def _article_changes(old: ArticleForm, new: ArticleForm) -> Iterator[Tuple[Tuple[str, str], Optional[str], Optional[str]]]:
    fields: List[Tuple[str, str, str]] = [
        ("title", "标题", "title"),
        ("valid_from", "生效日期", "valid from"),
        ("valid_until", "失效日期", "valid until"),
        ("owner", "负责人", "owner"),
    ]
    for field, zh, en in fields:
        if getattr(old, field) != getattr(new, field):
            yield (zh, en), getattr(old, field), getattr(new, field)
    if old.intents != new.intents:
        yield ("意图", "intents"), "、".join(old.intents), "、".join(new.intents)
    if old.doors != new.doors:
        labels = ["、".join(label for _, label in form.doors) for form in (old, new)]
        if labels[0] == labels[1]:
            labels = ["、".join(intent for intent, _ in form.doors) for form in (old, new)]
        yield ("按钮", "doors"), labels[0], labels[1]
    yield from _line_changes(old.text, new.text)


def article_changes(name: str, id_: str, before: Any, after: Any) -> List[Tuple[str, str]]:
    """The changes between two forms of an article as the API gives them (None: no article), as sentences in both languages."""
    forms = [None if each is None or "text" not in each else _form(name, id_, each) for each in (before, after)]
    if forms[0] is None or forms[1] is None:
        return [("新增", "added") if forms[0] is None else ("删除", "removed")]
    found = [_replaced(name, "article", id_, *what, old, new) for what, old, new in _article_changes(forms[0], forms[1])]
    return [(each.zh, each.en) for each in found]


def _form(name: str, id_: str, values: Mapping[str, Any]) -> ArticleForm:
    doors = tuple((each["intent"], each["label"]) for each in values["doors"])
    more = {field: values.get(field) or "" for field in ("title", "text", "owner", "valid_from", "valid_until")}
    return ArticleForm(id=id_, locale=name.split(".")[-2], intents=tuple(values["intents"]), doors=doors, **more)


def _line_changes(old: str, new: str) -> Iterator[Tuple[Tuple[str, str], Optional[str], Optional[str]]]:
    lines = [[line for line in text.split("\n") if line.strip()] for text in (old, new)]
    matcher = difflib.SequenceMatcher(a=lines[0], b=lines[1], autojunk=False)
    for tag, low, high, new_low, new_high in matcher.get_opcodes():
        if tag == "equal":
            continue
        for number in range(max(high - low, new_high - new_low)):
            before = lines[0][low + number] if low + number < high else None
            after = lines[1][new_low + number] if new_low + number < new_high else None
            yield _place(after or before or "", (new_low if after is not None else low) + number), before, after


def _place(line: str, number: int) -> Tuple[str, str]:
    step = _STEP.match(line)
    return (f"第 {step.group(1)} 步", f"step {step.group(1)}") if step else (f"第 {number + 1} 段", f"paragraph {number + 1}")


# --- facts and texts ----------------------------------------------------------------------------------------------------


def _facts(name: str, old: str, new: str, after: Files) -> Iterator[Difference]:
    nothing: Dict[str, Dict[str, Any]] = {"zh": {}, "en": {}}
    facts = [read_facts(Path(name), text) if text.strip() else nothing for text in (old, new)]
    uses = _uses(after)
    for fact in dict.fromkeys([*facts[0]["zh"], *facts[1]["zh"]]):
        values = [{locale: each[locale].get(fact) for locale in ("zh", "en")} for each in facts]
        if values[0] == values[1]:
            continue
        used = uses[fact]
        more = (f"，牵涉 {used} 处", f", used in {used} texts") if used else ("", "")
        if values[0] == {"zh": None, "en": None} or values[1] == {"zh": None, "en": None}:
            verb = ("新增", "added") if values[0]["zh"] is None else ("删除", "removed")
            shown = [None if each["zh"] is None else str(each["zh"]) for each in values]
            zh = f"{verb[0]}事实 {fact}：{shown[0] or shown[1]}{more[0]}"
            yield Difference(name, "fact", fact, zh, f"Fact {fact} {verb[1]}{more[1]}", shown[0], shown[1])
            continue
        # A fact that is the same in both languages is one change.
        is_one = all(each["zh"] == each["en"] for each in values)
        for locale, language in (("zh", _LANGUAGES["zh"]),) if is_one else _LANGUAGES.items():
            if values[0][locale] != values[1][locale]:
                pair = str(values[0][locale]), str(values[1][locale])
                where = ("", "") if is_one else (f"（{language[0]}）", f" ({language[1]})")
                zh = f"事实 {fact}{where[0]}：“{pair[0]}” → “{pair[1]}”{more[0]}"
                en = f"Fact {fact}{where[1]}: “{pair[0]}” → “{pair[1]}”{more[1]}"
                yield Difference(name, "fact", fact, zh, en, pair[0], pair[1])


def _uses(files: Files) -> Counter[str]:
    """How many texts show each fact."""
    counts: Counter[str] = Counter()
    for name, data in files.items():
        try:
            if name.startswith(f"{ARTICLES}/"):
                counts.update(names_in(read_form(data.decode("utf-8"), name).text))
            elif name in TEXT_FILES:
                for text in TEXT_FILES[name](plain(parse_yaml(Path(name), data.decode("utf-8"), keep=False))):
                    counts.update(names_in(text.text))
        except (ContentError, UnicodeDecodeError):
            continue  # the broken file is a change of its own
    return counts


def _named(document: Mapping[str, Any]) -> Dict[str, Any]:
    """Canned replies by their ids."""
    listed = document.get("canned_replies")
    return {str(each.get("id")): each for each in listed if isinstance(each, dict)} if isinstance(listed, list) else {}


_KINDS: Mapping[str, Tuple[str, str]] = {
    "canned": ("快捷回复", "Canned reply"),
    "first_aid": ("止损措施", "First aid"),
    "text": ("服务台文字", "Desk text"),
    "reply": ("机器人文字", "Bot's words"),
}


def _as_texts(value: Any) -> Any:
    """A document with its numbers and flags as texts, so that their changes are told, too."""
    if isinstance(value, dict):
        return {name: _as_texts(each) for name, each in value.items()}
    return [_as_texts(each) for each in value] if isinstance(value, list) else str(value)


def _flat(name: str, kind: str, old: Any, new: Any) -> Iterator[Difference]:
    """Changes of nested texts, each by its place."""
    flat = [dict(flat_texts(each)) for each in (old, new)]
    for place in dict.fromkeys([*flat[0], *flat[1]]):
        before, after = flat[0].get(place), flat[1].get(place)
        if before != after:
            id_ = place.split(".")[0] if kind == "canned" else place.partition(".")[2] if kind == "text" else place
            words = _KINDS[kind]
            yield _replaced(name, kind, id_, f"{words[0]} {place}", f"{words[1]} {place}", before, after)


# --- sentences and cases ------------------------------------------------------------------------------------------------


def _sentences(name: str, old: str, new: str) -> Iterator[Difference]:
    found = [Counter((one.intent, one.text) for one in sentences_in(name, text)) for text in (old, new)]
    added, removed = found[1] - found[0], found[0] - found[1]
    is_test = name.startswith("calibration/")
    for intent in dict.fromkeys(intent for intent, _ in [*removed, *added]):
        gone, come = ([text for one, text in each if one == intent] for each in (removed, added))
        parts = [(f"加 {len(come)} 句", f"{len(come)} added")] if come else []
        parts += [(f"删 {len(gone)} 句", f"{len(gone)} removed")] if gone else []
        example = (come or gone)[0][:_QUOTED]
        kind = ("校准句", "Calibration sentences") if is_test else ("例句", "Sentences")
        zh = f"意图 {intent} 的{kind[0]}：{'，'.join(zh for zh, _ in parts)}，例如“{example}”"
        en = f"{kind[1]} of {intent}: {', '.join(en for _, en in parts)}, such as “{example}”"
        yield Difference(name, "sentences", intent, zh, en, _listed(gone), _listed(come))


def _listed(texts: List[str]) -> Optional[str]:
    return "\n".join(texts[:_LISTED]) or None


def _cases(name: str, old: str, new: str) -> Iterator[Difference]:
    lines = [[line for line in text.split("\n") if line.strip()] for text in (old, new)]
    for verb, here, there in ((("新增", "added"), lines[1], lines[0]), (("删除", "removed"), lines[0], lines[1])):
        for line in here:
            if line not in there:
                match = re.search(r'"text": "([^"]{1,80})', line)
                text = match.group(1) if match else line[:_QUOTED]
                pair = (None, line) if verb[1] == "added" else (line, None)
                yield Difference(name, "case", text, f"{verb[0]}安全用例“{text}”", f"Safety case “{text}” {verb[1]}", *pair)


# --- words --------------------------------------------------------------------------------------------------------------


def _replaced(file: str, kind: str, id_: str, zh: str, en: str, before: Optional[str], after: Optional[str]) -> Difference:
    """A change of one text to another; the sentence quotes only the part that changed."""
    if before in (None, "") or after in (None, ""):
        verb = ("加上", "added") if before in (None, "") else ("去掉", "removed")
        words = _short(after or before or "")
        return Difference(file, kind, id_, f"{zh}：{verb[0]}“{words}”", f"{en}: {verb[1]} “{words}”", before, after)
    old, new = changed_part(str(before), str(after))
    return Difference(file, kind, id_, f"{zh}：“{old}” → “{new}”", f"{en}: “{old}” → “{new}”", str(before), str(after))


def changed_part(before: str, after: str) -> Tuple[str, str]:
    """The part of two texts that differs, by whole numbers and words, with a few characters around it if it is short."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    around: Callable[[List[str]], str] = lambda tokens: "".join(tokens[max(0, start - 4) : len(tokens) - max(0, end - 4)])  # noqa: E731
    exact = ["".join(tokens[start : len(tokens) - end]).strip() for tokens in (old, new)]
    if all(len(each) >= 2 for each in exact):
        following = "".join(old[len(old) - end :])[:3] if end and exact[0][-1].isdigit() and exact[1][-1].isdigit() else ""
        following = re.split(r"[，。；、\s]", following.strip())[0] if following else ""
        return _short(exact[0] + following), _short(exact[1] + following)
    return _short(around(old).strip()), _short(around(new).strip())


def _short(text: str) -> str:
    text = text.replace("\n", " ")
    return text if len(text) <= _QUOTED else f"{text[: _QUOTED - 1]}…"


def _whole_file(name: str, old: Optional[bytes], new: Optional[bytes]) -> Difference:
    if old is None:
        return Difference(name, "file", name, f"新增文件 {name}", f"File {name} added")
    if new is None:
        return Difference(name, "file", name, f"删除文件 {name}", f"File {name} removed")
    zh, en = f"文件 {name} 有改动（注释、排版或别的内容）", f"File {name} changed (comments, layout or other content)"
    return Difference(name, "file", name, zh, en)
