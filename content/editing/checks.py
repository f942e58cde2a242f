"""The rules applied to a working copy, computed once for each version of a text."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any, Callable, Dict, FrozenSet, List, Mapping, Optional, Tuple

from content.editing.article_file import ArticleForm
from content.editing.error_words import problem_of
from content.editing.problems import WARN, Problem
from content.editing.reading import Facts, Reading
from content.editing.rules import Rules, forbidden, menus_in
from content.sources import ContentError
from content.triage_policy import FILE as TRIAGE


class Checks:
    """The problems of texts in a working copy. `menus`: the known menus; by default those of the articles themselves."""

    def __init__(self, reading: Reading, menus: Optional[Callable[[], FrozenSet[str]]] = None) -> None:
        self._reading = reading
        self._menus = menus or self._own_menus
        self._rules: Optional[Tuple[Facts, Rules]] = None
        self._kept: Dict[Tuple[str, str], Tuple[Tuple[Any, ...], List[Problem]]] = {}
        self._lock = threading.Lock()

    def rules(self) -> Rules:
        """The rules with the present facts. Raises ContentError for a broken file of facts."""
        facts = self._reading.facts()
        with self._lock:
            if self._rules is None or self._rules[0] is not facts:
                self._rules = facts, Rules.of(facts, self._reading.texts(), self._menus())
            return self._rules[1]

    def article(self, form: ArticleForm, today: dt.date) -> List[Problem]:
        """The problems of an article in one language. A broken file of facts or rules is one of them."""
        reading = self._reading
        other = reading.articles()[0].get((form.id, "en" if form.locale == "zh" else "zh"))
        try:
            rules = self.rules()
            document = reading.document(TRIAGE)
        except ContentError as error:
            broken = problem_of(error, reading.folder)
            first = Problem("other_file_broken", broken.zh, broken.en, severity=WARN, file=broken.file, line=broken.line)
            return [first, *forbidden(form.title, "title"), *forbidden(form.text, "text")]
        state = (form, other, id(rules), id(document), today)
        kept = self._kept.get((form.id, form.locale))
        if kept is None or kept[0] != state:
            found = rules.article_problems(form, other, reading.intents(), reading.required_doors(), today)
            kept = (state, found)
            self._kept[form.id, form.locale] = kept
        return kept[1]

    def _own_menus(self) -> FrozenSet[str]:
        return menus_in(text.text for text in self._reading.texts() if text.kind == "article")


def present_facts(reading: Reading) -> Mapping[str, Mapping[str, Any]]:
    """The facts, or none while their file is broken: pages then show placeholders as they are."""
    try:
        return reading.facts()
    except ContentError:
        return {"zh": {}, "en": {}}
