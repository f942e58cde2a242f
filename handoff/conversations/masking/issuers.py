"""The numbers that an issuer can give to a card: prefix (IIN, ISO/IEC 7812-1) and length.

Sources: the ranges published by the networks (Visa, Mastercard, American Express, JCB, Diners Club, Discover, UnionPay,
Maestro, MIR). The lengths of mainland cards, and the prefixes that banks used before all cards began with 62, come from the
1,767 prefixes in the public list of the npm package bankcardinfo 2.0.6. Prefixes are kept at two to four digits: a list of
banks would be out of date in a year.

An IMEI has 15 digits, and no issuer below gives 15 digits to a prefix of IMEIs (01, 35, 44, 45, 49 to 54, 86, 91, 98, 99).
No card begins with 19 or 20, as order numbers that begin with a date do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

__all__ = ["lengths"]

_UNIONPAY = frozenset({16, 17, 18, 19})
_MAESTRO = frozenset({13, 14, 16, 17, 18, 19})  # 15 is an IMEI's


def _networks() -> Iterator[tuple[Iterable[int], frozenset[int]]]:
    yield (4,), frozenset({13, 16, 17, 18, 19})  # Visa; 17 to 19 on the mainland
    yield range(51, 56), frozenset({16, 18})  # Mastercard; 18 on the mainland
    yield range(2221, 2721), frozenset({16})  # Mastercard
    yield (34, 37), frozenset({15})  # American Express
    yield range(3528, 3590), _UNIONPAY  # JCB
    yield (30, 36, 38, 39), frozenset({14, 16, 17, 18, 19})  # Diners Club
    yield (50, 56, 57, 58), _MAESTRO
    yield (6,), _MAESTRO | {15}  # UnionPay 60 and 62, Discover 6011, 644 to 649 and 65, Maestro
    yield (81,), _UNIONPAY
    yield range(2200, 2205), _UNIONPAY  # MIR
    # Former mainland cards: Agricultural Bank 103 and 9559, ICBC 9558, Postal Savings 9551, Merchants 9555, CITIC 9688,
    # Pudong 9843, Ping An 9988, Everbright 9003, and the city banks' 940.
    yield (103, 9098, 9111, 9210), frozenset({19})
    yield (9059, 9666), frozenset({18})
    yield (870, 888, 9003, 9200, 9682, 9688, 9843, 9896, 9988, 9999), frozenset({16})
    yield (8430, 8433, 8434, 8436, 8437, 8438, 8439), frozenset({16})
    yield (9900,), frozenset({16, 18})
    yield (9000, 9551, 9555, 9558, 9559), frozenset({16, 19})
    yield (940,), _UNIONPAY


#: By the first four digits of a number.
_LENGTHS: dict[str, frozenset[int]] = {
    start: allowed
    for prefixes, allowed in _networks()
    for prefix in prefixes
    for start in (f"{prefix}{rest:0{4 - len(str(prefix))}}"[:4] for rest in range(10 ** (4 - len(str(prefix)))))
}
_NONE: frozenset[int] = frozenset()


def lengths(start: str) -> frozenset[int]:
    """The possible lengths of a card that begins with these four digits; empty when no card begins with them."""
    return _LENGTHS.get(start, _NONE)
