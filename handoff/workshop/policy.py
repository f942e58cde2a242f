"""The policy as forms: what editors see and change of routes, promises, amounts, patterns, queues and clocks."""

from __future__ import annotations

import re
from typing import Any

from content.calendars import FOLDER as CALENDARS
from content.desk_file import FILE as DESK
from content.editing.error_words import in_chinese
from content.editing.policy_forms import sections
from content.editing.policy_values import check_file, set_field, value_of
from content.sources import ContentError, parse_yaml, plain
from content.staffing import parse_interval
from content.triage_policy import FILE as TRIAGE
from handoff.accounts.agents import Agent
from handoff.runtime.errors import BadInput
from handoff.workshop.workbench import Workbench, not_there

_REVISION = re.compile(r"^[0-9a-f]{12}$")
_CALENDAR = re.compile(rf"^{CALENDARS}/[a-z0-9_]+\.yml$")


class PolicyEditing:
    """The use cases of the page `policy`."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._kept: dict[str, Any] | None = None

    def _files(self) -> list[str]:
        calendars = sorted((self._workbench.files.folder / CALENDARS).glob("*.yml"))
        return [TRIAGE, DESK, *(f"{CALENDARS}/{path.name}" for path in calendars)]

    async def overview(self) -> dict[str, Any]:
        """All sections with their fields. `revision` stands for all files. Raises BadInput `content_broken`."""
        return await self._workbench.read(self._shown)

    def _shown(self) -> dict[str, Any]:
        shown = {name: self._workbench.files.show(name) for name in self._files()}
        revision = "-".join(each[1] for each in shown.values())
        if self._kept is None or self._kept["revision"] != revision:
            self._kept = {"revision": revision, "sections": self._sections({name: each[0] for name, each in shown.items()})}
        return self._kept

    def _sections(self, files: dict[str, bytes | None]) -> list[dict[str, Any]]:
        documents: dict[str, Any] = {}
        for name, data in files.items():
            path = self._workbench.files.folder / name
            if data is None:
                raise ContentError(path, None, "the file is missing")
            documents[name] = plain(parse_yaml(path, data.decode("utf-8"), keep=False))
        calendars = {name[len(CALENDARS) + 1 : -4]: each for name, each in documents.items() if name not in (TRIAGE, DESK)}
        try:
            return sections(documents[TRIAGE], documents[DESK], calendars)
        except (KeyError, TypeError, AttributeError) as error:  # YAML, but of another shape
            self._check(TRIAGE)
            self._check(DESK)
            raise ContentError(self._workbench.files.folder / TRIAGE, None, f"`{error}` is missing") from error

    def _check(self, name: str) -> None:
        check_file(self._workbench.files.folder, name, (self._workbench.files.read(name) or b"").decode("utf-8"))

    async def save(self, agent: Agent, path: str, value: Any, base_revision: str) -> dict[str, Any]:
        """Change one field. Raises NotFound, BadInput `content_refused`, and what `Workbench.save` raises."""
        name, _, field = path.partition(":")
        if name not in (TRIAGE, DESK) and not _CALENDAR.match(name):
            raise not_there("没有这个字段。", "There is no such field.")
        known = await self.overview()
        shown = {each["path"]: each for section in known["sections"] for each in section["fields"]}
        if path not in shown:
            raise not_there("没有这个字段。", "There is no such field.")
        refused = _wrong_kind(shown[path], value)
        if refused is not None:
            problem = {"code": "wrong_value", "zh": refused[0], "en": refused[1], "severity": "block", "field": path}
            raise BadInput("content_refused", *refused, problems=[problem])
        folder = self._workbench.files.folder
        title = shown[path]["zh"], shown[path]["en"]

        def change(text: str | None) -> str:
            changed = set_field(text or "", field, value)
            if changed != text:
                try:
                    check_file(folder, name, changed)
                except ContentError as error:
                    # The file can be read as it is, so it is the new value that is wrong.
                    words = f"{title[0]}：{in_chinese(error.problem)}", f"{title[1]}: {error.problem}"
                    problem = {"code": "wrong_value", "zh": words[0], "en": words[1], "severity": "block", "field": path}
                    raise BadInput("content_refused", *words, problems=[problem]) from error
            return changed

        base = dict(zip(self._files(), base_revision.split("-"), strict=False)).get(name, "")
        base = base if _REVISION.match(base) else ""
        await self._workbench.save(agent, "policy", name, field, base, lambda text: value_of(text, field), change)
        after = await self.overview()
        saved = next((each for section in after["sections"] for each in section["fields"] if each["path"] == path), None)
        return {"revision": after["revision"], "field": saved}


def _wrong_kind(field: dict[str, Any], value: Any) -> tuple[str, str] | None:
    """Why a value does not fit the kind of a field; None if it fits."""
    kind, zh, en = field["kind"], field["zh"], field["en"]
    if kind == "bool" and not isinstance(value, bool):
        return f"{zh}：只能是“是”或“否”。", f"{en}: yes or no."
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e12
    if kind in ("number", "rate", "integer") and not is_number:
        return f"{zh}：请填一个数字。", f"{en}: fill in a number."
    if kind == "integer" and value != int(value):
        return f"{zh}：请填一个整数。", f"{en}: fill in a whole number."
    if kind == "rate" and not 0 < value < 1:
        return f"{zh}：比例要在 0 和 1 之间，例如 0.005 是千分之五。", f"{en}: a rate lies between 0 and 1; 0.005 is 0.5%."
    if kind in ("text", "pattern", "choice", "date") and not (
        isinstance(value, str) and len(value) <= 20_000 and "\n" not in value
    ):
        return f"{zh}：请填一行文字。", f"{en}: fill in one line of text."
    if kind in ("text", "pattern", "date") and not value.strip():
        return f"{zh}：不能是空的。", f"{en}: must not be empty."
    if kind == "choice" and value not in [each["value"] for each in field["choices"]]:
        return f"{zh}：请从列表里选。", f"{en}: choose one from the list."
    if kind in ("choices", "list", "patterns", "time", "dates"):
        if not isinstance(value, list):
            return f"{zh}：请填一个列表。", f"{en}: fill in a list."
        if kind == "list":
            is_fit = all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in value)
            return None if is_fit and value else (f"{zh}：请填数字，至少一个。", f"{en}: fill in numbers, at least one.")
        if not all(isinstance(each, str) and each.strip() and len(each) <= 20_000 and "\n" not in each for each in value):
            return f"{zh}：每一项都是一行文字，不能是空的。", f"{en}: each entry is one line of text and must not be empty."
        unknown = [each for each in value if kind == "choices" and each not in [one["value"] for one in field["choices"]]]
        if unknown:
            return f"{zh}：“{unknown[0]}”不在列表里。", f"{en}: “{unknown[0]}” is not on the list."
        for each in value if kind == "time" else ():
            try:
                parse_interval(each)
            except ValueError as error:
                return f"{zh}：{in_chinese(str(error))}", f"{en}: {error}"
        if kind == "patterns" and not value:
            return f"{zh}：至少要留一条。", f"{en}: keep at least one."
    return None
