"""What a draft does to the training and calibration sentences: labels that moved, emergencies that are gone.

A sentence is compared by its letters, so that punctuation and script do not matter.
"""

from __future__ import annotations

from typing import Dict, Iterator, List, NamedTuple, Tuple

from bot.learning.content_check import Placed
from bot.workshop.gate.edition import Edition
from bot.workshop.gate.report import Refusal

#: So many sentences of an intent with route escalate may be removed, as repeats: the larger of a number and a share.
_REMOVED, _REMOVED_SHARE = 5, 0.02
#: So many sentences may move between two intents that no person sees, as corrections.
_MOVED, _MOVED_SHARE = 5, 0.02


class NewSentence(NamedTuple):
    """A sentence that the draft adds: its text, its intent, and its folder, "nlu" or "calibration"."""

    text: str
    intent: str
    folder: str


def sentence_refusals(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Each harm to the labels that can be seen without a model."""
    yield from _moved(old, new)
    yield from _removed(old, new)


def new_sentences(old: Edition, new: Edition) -> Iterator[NewSentence]:
    """The sentences that neither training nor calibration had before."""
    known = {key for folder in old.labels.values() for key in folder}
    for folder, places in new.labels.items():
        for key, placed in places.items():
            if key not in known:
                yield from (NewSentence(one.text, one.intent, folder) for one in placed)


def _labels(edition: Edition) -> Dict[str, List[Placed]]:
    """Letters -> places in both folders."""
    found: Dict[str, List[Placed]] = {}
    for folder in edition.labels.values():
        for key, placed in folder.items():
            found.setdefault(key, []).extend(placed)
    return found


def _moved(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Sentences with another label than before."""
    before, after = _labels(old), _labels(new)
    sizes = _sizes(old)
    weaker: Dict[Tuple[str, str], List[str]] = {}
    other: Dict[Tuple[str, str], List[str]] = {}
    for key, placed in before.items():
        if key not in after:
            continue
        was, now = {one.intent for one in placed}, {one.intent for one in after[key]}
        for intent in was - now:
            for taken in now - was or now:
                grave = old.gravity(intent) > old.gravity(taken)
                (weaker if grave else other).setdefault((intent, taken), []).append(placed[0].text)
    for (intent, taken), texts in weaker.items():
        yield Refusal(
            "emergency_relabelled",
            f"{len(texts)} sentences of `{intent}`, which goes to a person, became `{taken}`: move them back.",
            f"{len(texts)} 个原属 `{intent}`（转人工）的句子被改成 `{taken}`：请移回去。",
            tuple(texts),
        )
    for (intent, taken), texts in other.items():
        if len(texts) > max(_MOVED, _MOVED_SHARE * sizes.get(intent, 0)) and old.gravity(intent) == old.gravity(taken) == (
            0,
            0,
        ):
            yield Refusal(
                "sentences_moved",
                f"{len(texts)} sentences of `{intent}` became `{taken}` at once; correct labels in smaller steps, so that "
                "each can be read.",
                f"一次有 {len(texts)} 个 `{intent}` 的句子被改成 `{taken}`；请分小步更正，以便逐句核对。",
                tuple(texts),
            )


def _sizes(edition: Edition) -> Dict[str, int]:
    sizes: Dict[str, int] = {}
    for one in edition.training:
        sizes[one.intent] = sizes.get(one.intent, 0) + 1
    return sizes


def _removed(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Emergencies that are gone in numbers, from training or from calibration."""
    after = _labels(new)
    for folder, places in old.labels.items():
        gone: Dict[str, List[str]] = {}
        sizes: Dict[str, int] = {}
        for key, placed in places.items():
            intent = placed[0].intent
            if old.gravity(intent) == (0, 0) or intent not in new.bundle.policy.intents:
                continue
            sizes[intent] = sizes.get(intent, 0) + 1
            # A sentence may change its folder only towards training: calibration keeps the promises.
            if key not in (after if folder == "nlu" else new.labels["calibration"]):
                gone.setdefault(intent, []).append(placed[0].text)
        for intent, texts in gone.items():
            if len(texts) > max(_REMOVED, _REMOVED_SHARE * sizes[intent]):
                yield Refusal(
                    "emergencies_removed",
                    f"{len(texts)} of {sizes[intent]} {folder} sentences of `{intent}`, which goes to a person, are gone.",
                    f"`{intent}`（转人工）在 {folder} 中的 {sizes[intent]} 个句子少了 {len(texts)} 个。",
                    tuple(texts),
                )
