"""Codes of languages and scripts, as contracts and files write them."""

from __future__ import annotations

#: The languages in which the bot and the desk write. Simplified Chinese is "zh".
SIMPLIFIED, TRADITIONAL, ENGLISH = "zh", "zh-Hant", "en"
WRITTEN = (SIMPLIFIED, TRADITIONAL, ENGLISH)
#: The languages of the editors' files. Traditional Chinese is made of the first.
FILE_LOCALES = (SIMPLIFIED, ENGLISH)
