"""Whether the patterns of a draft still find what those that are live find.

Two kinds of sentences are tried: sentences that must go to a person (of training, calibration, cases and test sets), and
examples written from the live patterns themselves (`witnesses`), so that no alternative is lost that no sentence uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Iterator, List, Sequence, Tuple

import msgspec

from actions.floor import asked_for_person, stated_incidents
from actions.short_reply import ShortReplies
from bot.workshop.gate.edition import Edition, normalised
from bot.workshop.gate.report import Refusal
from bot.workshop.gate.witnesses import examples
from content.short_replies import KINDS, entries, expand, split_lists
from content.sources import encode_custom
from content.triage_policy import Floor, Policy

#: Kinds of short replies that say that something is wrong, or that nothing is decided; the others let the bot go on.
_OPEN_KINDS = frozenset({"whether", "hypothesis", "not_solved", "trouble", "anger", "question", "refusal"})
#: So many examples of a pattern are also tried within a sentence.
_WITHIN = 5
#: Longer sentences are not taken for a reply by a new entry of a list.
_SHORT_SENTENCE = 10
#: Chat that does not end anything.
_GREETINGS = frozenset({"greet", "bot_challenge"})


@dataclass(frozen=True)
class Sentence:
    """A sentence that must go to a person. `shown` is None for a held-out one, which stays unread."""

    text: str
    shown: bool = True


def floor_refusals(old: Edition, new: Edition, emergencies: Sequence[Sentence]) -> Iterator[Refusal]:
    """What the draft's patterns and word lists no longer find, or newly take for a harmless reply."""
    before, after = old.bundle.policy, new.bundle.policy
    if _plain(before.floor) != _plain(after.floor) or _graded(old) != _graded(new):
        yield from _incidents(old, new, emergencies)
        yield from _requests(before.floor, after.floor, emergencies)
        yield from _transactions(before.floor, after.floor, emergencies)
    if _plain(before.short_replies) != _plain(after.short_replies):
        said = [one.text for one in old.training if before.intents[one.intent].route != "chat" or one.intent in _GREETINGS]
        yield from _replies(before, after, emergencies, said)
        yield from _follow_ups(before, after)
        yield from _spellings(before, after)


def _plain(part: object) -> object:
    return msgspec.to_builtins(part, enc_hook=encode_custom)


def _graded(edition: Edition) -> List[Tuple[str, Tuple[int, int]]]:
    return [(incident.intent, edition.gravity(incident.intent)) for incident in edition.bundle.policy.floor.incidents]


def _gravest(text: str, edition: Edition) -> Tuple[int, int]:
    found = [edition.gravity(each.intent) for each in stated_incidents(text, edition.bundle.policy.floor)]
    # A lane comes before every priority (docs/deciding.md).
    return max(found, key=lambda gravity: (gravity[1], gravity[0]), default=(0, 0))


def _incidents(old: Edition, new: Edition, emergencies: Sequence[Sentence]) -> Iterator[Refusal]:
    lost = [
        sentence for sentence in _normal(emergencies) if _is_lower(_gravest(sentence.text, new), _gravest(sentence.text, old))
    ]
    if lost:
        yield _weakened(
            "floor_weakened",
            "state an emergency that the floor found and no longer finds",
            "说的紧急情况，固定规则原来能识别、现在识别不到",
            lost,
        )
        return
    for incident in old.bundle.policy.floor.incidents:
        missed: List[str] = []
        for pattern in incident.patterns:
            texts = [text for text in _said(examples(pattern)) if _is_lower(_gravest(text, new), _gravest(text, old))]
            missed += texts[:1]
        if missed:
            yield Refusal(
                "floor_weakened",
                f"{len(missed)} patterns of `{incident.intent}` find less than before; examples are made from the live ones.",
                f"`{incident.intent}` 的 {len(missed)} 条固定规则比原来识别得少；示例由现行规则生成。",
                tuple(missed),
            )


def _said(texts: Sequence[str]) -> List[str]:
    """Examples alone, and some within a sentence: a pattern that was tied to the ends of a text no longer finds these."""
    within = [f"today {text} please" if text.isascii() else f"刚才{text}怎么办" for text in texts[:_WITHIN]]
    return [*texts, *within]


def _is_lower(now: Tuple[int, int], was: Tuple[int, int]) -> bool:
    return (now[1], now[0]) < (was[1], was[0])


def _normal(sentences: Sequence[Sentence]) -> List[Sentence]:
    return [Sentence(normalised(sentence.text), sentence.shown) for sentence in sentences]


def _weakened(kind: str, what: str, what_zh: str, lost: Sequence[Sentence]) -> Refusal:
    hidden = sum(not sentence.shown for sentence in lost)
    more, more_zh = (f" ({hidden} of a held-out set)", f"（其中 {hidden} 句属于保留测试集）") if hidden else ("", "")
    return Refusal(
        kind,
        f"{len(lost)} sentences{more} {what}.",
        f"{len(lost)} 个句子{more_zh}{what_zh}。",
        tuple(sentence.text for sentence in lost if sentence.shown),
    )


def _requests(before: Floor, after: Floor, sentences: Sequence[Sentence]) -> Iterator[Refusal]:
    texts = [sentence.text for sentence in _normal(sentences) if sentence.shown]
    texts += [text for pattern in before.human.patterns for text in examples(pattern)]
    lost = [text for text in texts if asked_for_person(text, before) and not asked_for_person(text, after)]
    if lost:
        yield Refusal(
            "person_not_found",
            f"{len(lost)} requests for a person are no longer recognised.",
            f"{len(lost)} 种“转人工”的说法不再被识别。",
            tuple(lost),
        )


def _transactions(before: Floor, after: Floor, sentences: Sequence[Sentence]) -> Iterator[Refusal]:
    texts = [sentence.text for sentence in _normal(sentences) if sentence.shown] + examples(before.own_transaction)
    lost = [text for text in texts if before.own_transaction.search(text) and not after.own_transaction.search(text)]
    if lost:
        yield Refusal(
            "amount_not_weighed",
            f"own_transaction no longer matches {len(lost)} sentences about the customer's own transaction.",
            f"own_transaction 不再匹配 {len(lost)} 个客户自己的交易。",
            tuple(lost),
        )


def _replies(before: Policy, after: Policy, emergencies: Sequence[Sentence], said: Sequence[str]) -> Iterator[Refusal]:
    """Emergencies and complaints that the draft's word lists take for a reply that closes the matter or calls off the wait.

    `said`: sentences of customers who want something.
    """
    was, now = ShortReplies(before.short_replies), ShortReplies(after.short_replies)
    closed: List[Sentence] = []
    for sentence in _normal(emergencies):
        old, new = was.read(sentence.text).kind, now.read(sentence.text).kind
        is_closed = new is not None and new not in _OPEN_KINDS and (old is None or old in _OPEN_KINDS)
        leaves = now.leaves_the_wait(sentence.text) and not was.leaves_the_wait(sentence.text)
        if is_closed or leaves:
            closed.append(sentence)
    if closed:
        yield _weakened(
            "reply_closes_an_emergency",
            "state an emergency and would be read as a short reply that ends the matter",
            "说的是紧急情况，却会被当作结束话题的短回复",
            closed,
        )
    left = _leaving(was, now, before, said)
    if left:
        yield Refusal(
            "reply_turned",
            f"{len(left)} short replies that say something else would take a customer out of the queue.",
            f"{len(left)} 个意思不同的短回复会让客户离开排队。",
            tuple(left),
        )
    turned = _turned(was, now, before)
    if turned:
        yield Refusal(
            "reply_turned",
            f"{len(turned)} short replies that said that something is wrong would now say that all is well.",
            f"{len(turned)} 个表示“没解决/有问题”的短回复会被当成“没事”。",
            tuple(turned),
        )


def _leaving(was: ShortReplies, now: ShortReplies, before: Policy, said: Sequence[str]) -> List[str]:
    """Entries of the live lists ("yes") and short sentences ("are you there") that call off a wait now, and did not before."""
    lists = split_lists(before.short_replies.lists)
    texts = {normalised(text) for text in said if len(text) <= _SHORT_SENTENCE}
    for kind in KINDS:
        for entry in entries(before.short_replies.words[kind]):
            texts.update(expand(entry, lists)[:40])
    return sorted(text for text in texts if _leaves(now, text) and not _leaves(was, text))


def _leaves(replies: ShortReplies, text: str) -> bool:
    return replies.leaves_the_wait(text) or replies.leaves_the_wait(text, confirming=True)


def _turned(was: ShortReplies, now: ShortReplies, before: Policy) -> List[str]:
    """Entries of the lists for "it does not work" that are read otherwise now."""
    lists = split_lists(before.short_replies.lists)
    turned: List[str] = []
    for kind in KINDS:
        if kind not in _OPEN_KINDS:
            continue
        for entry in entries(before.short_replies.words[kind]):
            for text in expand(entry, lists)[:40]:
                old, new = was.read(text).kind, now.read(text).kind
                if old in _OPEN_KINDS and new is not None and new not in _OPEN_KINDS:
                    turned.append(text)
    return turned


def _follow_ups(before: Policy, after: Policy) -> Iterator[Refusal]:
    lost: Dict[str, List[str]] = {}
    for follow_up in before.short_replies.follow_ups:
        same = [
            each for each in after.short_replies.follow_ups if (each.after, each.intent) == (follow_up.after, follow_up.intent)
        ]
        texts = [text for text in examples(follow_up.pattern) if not any(each.pattern.search(text) for each in same)]
        if texts or not same:
            lost[f"{follow_up.after} -> {follow_up.intent}"] = texts
    for name, texts in lost.items():
        yield Refusal(
            "follow_up_removed",
            f"short_replies.yml: the follow-up {name} finds less than before: a victim who did as a stranger asked is missed.",
            f"short_replies.yml：后续规则 {name} 识别得比原来少：照陌生人要求做了的客户会被漏掉。",
            tuple(texts),
        )


def _spellings(before: Policy, after: Policy) -> Iterator[Refusal]:
    """Patterns that keep a reply from being taken for success: somebody else acts, or it still does not work."""
    for name in ("somebody_else", "still", "not_this", "none_of_these"):
        was, now = getattr(before.short_replies, name), getattr(after.short_replies, name)
        lost = [text for text in examples(was) if not now.search(text)]
        if lost:
            yield Refusal(
                "reply_turned",
                f"short_replies.yml: `{name}` no longer matches {len(lost)} kinds of replies that it matched.",
                f"short_replies.yml：`{name}` 有 {len(lost)} 种说法不再匹配。",
                tuple(lost),
            )
