"""Single characters: which of them show nothing, and the plain ones that others stand for."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

# Other_Default_Ignorable_Code_Point (Unicode 14 to 17, PropList.txt): these characters are not displayed, although they are
# letters, marks or unassigned. The other characters of Default_Ignorable_Code_Point are format characters and variation
# selectors, which have categories of their own (Cf, Mn).
_OTHER_IGNORABLE = (
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x2065, 0x2065),
    (0x3164, 0x3164),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0xE0000, 0xE0FFF),
)
# Beyond this code there are no marks and no format characters, except the tags (0xE0000).
_LAST_ASSIGNED = 0x1FFFF
_SPACES = "\t\n\x0b\x0c\r"
#: A Braille cell without dots. It shows nothing, but has the category of a symbol and no property that tells so.
BLANK_CELL = "\u2800"


def _invisible() -> frozenset[str]:
    characters = {
        chr(code)
        for code in range(_LAST_ASSIGNED + 1)
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Mn", "Me", "Mc")
    }
    for first, last in _OTHER_IGNORABLE:
        characters |= {chr(code) for code in range(first, last + 1)}
    return frozenset(characters.difference(_SPACES))


#: Characters that show nothing without another one: controls, format characters, lone surrogates, combining marks,
#: and all others that have the property Default_Ignorable_Code_Point. Spaces are not among them.
INVISIBLE = _invisible()

#: U+FF01 to U+FF5E are the full-width forms of ASCII, at this distance.
_FULL_WIDTH, _FULL_WIDTH_LAST, _WIDTH = 0xFF01, 0xFF5E, 0xFEE0
_LAST_LETTER_OR_DIGIT = 0x1FFFF


def _plain() -> dict[int, str]:
    table = {code: chr(code - _WIDTH).lower() for code in range(_FULL_WIDTH, _FULL_WIDTH_LAST + 1)}
    for code in range(0x80, _LAST_LETTER_OR_DIGIT + 1):
        if chr(code).isdecimal():
            table[code] = str(unicodedata.decimal(chr(code)))
    table.update({code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)})
    return table


#: For `str.translate`, one character to one character: full-width ASCII to ASCII, the decimal digits of every script to ASCII
#: digits, capital letters of ASCII to small ones. A place in the result is a place in the text.
PLAIN: Mapping[int, str] = MappingProxyType(_plain())


def is_blank(text: str) -> bool:
    """Whether a text shows nothing: only spaces, controls, format characters, and marks without a letter."""
    return all(character.isspace() or character == BLANK_CELL or character in INVISIBLE for character in text)


def storable(text: str) -> str:
    """The text as PostgreSQL can hold it: lone surrogates become U+FFFD, NUL goes. Everything else stays as typed."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "")
