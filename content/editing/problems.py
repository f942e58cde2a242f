"""What is wrong with an editor's text or file, as sentences that an editor can act on, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Optional

#: A text with a blocking problem is not saved and not published; a warning is for the editor to weigh.
BLOCK, WARN = "block", "warn"


@dataclass(frozen=True)
class Problem:
    """One problem. `code` is stable; `zh`, `en` are sentences.

    `field`: the field of the form (`title`, `text`, `doors`, ...). `start`, `end`: where in that field, in characters from 0;
    None for the whole field. `fix`: what could stand there instead. `file`, `line`: the place in the working copy.
    """

    code: str
    zh: str
    en: str
    severity: str = BLOCK
    field: Optional[str] = None
    start: Optional[int] = None
    end: Optional[int] = None
    fix: Optional[str] = None
    file: Optional[str] = None
    line: Optional[int] = None

    def as_json(self) -> Dict[str, Any]:
        """The problem as the API gives it; what is not known is left out."""
        found = {"code": self.code, "zh": self.zh, "en": self.en, "severity": self.severity}
        optional = ("field", "start", "end", "fix", "file", "line")
        return {**found, **{name: getattr(self, name) for name in optional if getattr(self, name) is not None}}
