"""Characters that show nothing, by their Unicode properties."""

from __future__ import annotations

import unicodedata

# Other_Default_Ignorable_Code_Point (Unicode 14 to 17, PropList.txt): not displayed although they are letters, marks or
# unassigned. The rest of Default_Ignorable_Code_Point are format characters and variation selectors, which have
# categories of their own (Cf, Mn).
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
# Marks and format characters end here; the rest of the planes has none, except the tags (0xE0000).
_LAST_ASSIGNED = 0x1FFFF
_SPACES = "\t\n\x0b\x0c\r"
#: U+2800 has the category of a symbol and no property that tells: a Braille cell without dots.
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
#: and whatever else has the property Default_Ignorable_Code_Point. Spaces are not among them.
INVISIBLE = _invisible()
