"""Money as people write it: 五万, 5w, ¥50,000, 10,0000元, 12点3万, 十二万八, 8千美金, 1.2 million yuan, six figures.

==============  ==============================================================================
module          answers
==============  ==============================================================================
`lexicon`       which words are numerals, units and currencies, and which words speak of money
`numerals`      which number is it: numerals, units, slang, English words
`money`         is it money; `find_amounts` and `read_number`
`joints`        do separators group digits, part a list, mark a decimal, a time or a date
`candidates`    which currency belongs to the number, and is it the end of a range
`counted`       does the number count or measure something else, or only select records
==============  ==============================================================================

The readings follow rule 5 of docs/intents.md: "about", "nearly" and "over" do not change the number; the larger end of a range
counts; no currency means CNY. Vague words are read as their lower sensible bound:

============  =======  ==========================================================
words         read as  why
============  =======  ==========================================================
几 数 few     1        "a few": 几千 1,000, 数万 10,000, 几十万 100,000
好几          3        "quite a few": 好几万 30,000
大几          5        the upper half of the decade: 大几万 50,000
十几          10       十几万 100,000
上万          1 unit   上万 10,000, 上百万 1,000,000
三五 七八     second   a range in two digits, so its larger end: 七八万 80,000
百八十        100      a range too: 百八十万 1,000,000, 万儿八千 10,000
半            0.5      半百万 500,000, 一万半 15,000
六位数        100,000  six figures are 100,000 at least
============  =======  ==========================================================

The functions take the text as typed. They fold it character by character (full width, case, traditional), so that offsets refer
to the given text. Time is linear in the text and bounded: see `numerals.MOST_RUNS`.
"""

from bot.nlu.amounts.lexicon import CURRENCIES, UNKNOWN
from bot.nlu.amounts.money import Amount, find_amounts, read_number
from bot.nlu.amounts.numerals import fold

__all__ = ["CURRENCIES", "UNKNOWN", "Amount", "find_amounts", "fold", "read_number"]
