"""The check of the content: one thing broken at a time in a copy of what the editors own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import List, Optional

import pytest

from bot.learning import content_check
from bot.learning.content_check import MINIMUM_EXAMPLES, check_content, read_examples
from content.compiler import load_content
from content.sources import ContentError


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text once; it must be there, so that no test breaks nothing."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def sentences_of(root: Path, intent: str) -> List[str]:
    return read_examples(root / "data/nlu")[intent]


def file_of(root: Path, intent: str) -> Path:
    """The training file in which an intent stands."""
    return next(path for path in (root / "data/nlu").glob("*.yml") if f"intent: {intent}\n" in path.read_text(encoding="utf-8"))


def test_the_projects_content_has_no_problems() -> None:
    """What the editors have now could not be published."""
    assert check_content(Path(".")) == []


BROKEN = [
    # file, in it, instead, the one problem
    ("data/triage.yml", "route: chat, zh: 问候", "route: chats, zh: 问候", r"triage\.yml:\d+: intents\.greet\.route"),
    ("data/triage.yml", "article: fees,", "article: feees,", r"`fees` answers with article `feees`"),
    ("data/triage.yml", " USDT: 7.2,", "", r"triage\.yml: large_transaction\.rates has no `USDT`"),
    ("data/triage.yml", " MOP: 0.88,", "", r"triage\.yml: large_transaction\.rates has no `MOP`"),
    ("data/facts.yml", "withdraw_fee_rate:", "withdraw_fee_rat:", r"'withdraw_fee_rate' is undefined"),
    ("data/replies.yml", "  solved:", "  solvd:", r"replies\.yml:\d+: zh\.solved"),
    ("data/articles/fees.zh.md", "locale: zh", "locale: fr", r"fees\.zh\.md:1: "),
    (
        "data/articles/fees.zh.md",
        "intent: bill_dispute",
        "intent: bill",
        r"fees\.zh\.md:10: a door .*`bill` is not in triage\.yml",
    ),
    ("data/articles/fees.zh.md", "intent: bill_dispute", "intent: privacy", r"fees\.zh\.md:10: .* another route than escalate"),
    (
        "data/articles/refund_status.en.md",
        "- {intent: merchant_dispute, label: Shop won't refund or deliver}\n",
        "",
        r"refund_status\.en\.md:9: the door to `merchant_dispute` is missing.*add `- \{intent: merchant_dispute,",
    ),
    ("data/articles/fees.zh.md", "doors:", "dors:", r"fees\.zh\.md:9: front matter dors: extra fields"),
    (
        "data/triage.yml",
        "  bill_payment: [duplicate",
        "  bills: [duplicate",
        r"triage\.yml:\d+: required_doors: .* no article `bills`",
    ),
    ("data/nlu/sentences.yml", "nlu:", "nlu: [", r"sentences\.yml:\d+: not YAML"),
    ("data/nlu/sentences.yml", "nlu:", "sentences:", r"sentences\.yml: expected `nlu:`"),
    ("data/nlu/sentences.yml", "examples: |", "example: |", r"sentences\.yml: expected `nlu:`"),
    (
        "data/desk.yml",
        "      security: 这件事",
        "      securty: 这件事",
        r"desk\.yml:\d+: texts\.zh\.handoff has no words for security",
    ),
    ("data/desk.yml", "capacity: 5", "capacity: 0", r"desk\.yml:\d+: agents\.capacity: must be greater than 0"),
    (
        "data/desk.yml",
        "{{ police_phone }}",
        "{{ police_fone }}",
        r"desk\.yml:\d+: texts\.zh\.lanes\.money_moving: .*police_fone",
    ),
    ("data/desk.yml", "hours: always}", "hours: alway}", r"desk\.yml:\d+: queues\.security\.hours: .*did you mean `always`"),
    (
        "data/calendars/china.yml",
        "2026-05-09",
        "2026-05-08",
        r"china\.yml:\d+: years\.2026\.workdays\.3: 2026-05-08 is a Friday",
    ),
    ("data/languages.yml", "  ja:", "  xx:", r"languages\.yml: languages\.ja is missing"),
    (
        "data/canned_replies.yml",
        "shortcut: hi",
        "shortcut: hi there",
        r"canned_replies\.yml:\d+: greeting: shortcut: must be one word",
    ),
    (
        "data/canned_replies.yml",
        "我是客服{{ agent_name }}",
        "我是客服{{ agent_nam }}",
        r"canned_replies\.yml:\d+: greeting: text\.zh: .*agent_nam",
    ),
    ("data/desk.yml", "\n", "\n  responses:\n", r"desk\.yml: the key `responses:` belongs to Rasa"),
    ("data/canned_replies.yml", "\n", "\nnlu: x\n", r"canned_replies\.yml: the key `nlu:` belongs to Rasa"),
]


@pytest.mark.parametrize(("name", "old", "new", "problem"), BROKEN)
def test_one_thing_broken_is_one_problem_that_names_it(root: Path, name: str, old: str, new: str, problem: str) -> None:
    """A mistake would be published, or its message would not say where it is."""
    edit(root / name, old, new)
    problems = check_content(root)
    assert len(problems) == 1, problems
    assert re.search(problem, problems[0]), problems


def test_a_sentence_under_two_intents_is_named_with_both(root: Path) -> None:
    """The model would be taught two meanings for the same words."""
    stolen = sentences_of(root, "fees")[0]
    path = file_of(root, "invoice")
    first = sentences_of(root, "invoice")[0]
    edit(path, f"- {first}\n", f"- {first}\n    - {stolen}\n")
    (problem,) = check_content(root)
    place = r"\(nlu/sentences\.yml:\d+\)"
    assert re.fullmatch(rf"{root}/data/nlu: “{re.escape(stolen)}” stands 2 times: fees {place}, invoice {place}", problem)


def test_a_sentence_twice_under_one_intent_is_named(root: Path) -> None:
    """A sentence would count double."""
    first = sentences_of(root, "invoice")[0]
    edit(file_of(root, "invoice"), f"- {first}\n", f"- {first}\n    - {first}\n")
    (problem,) = check_content(root)
    lines = (root / "data/nlu/sentences.yml").read_text(encoding="utf-8").split("\n")
    places = [number for number, line in enumerate(lines, start=1) if line == f"    - {first}"]
    assert problem.endswith("stands 2 times: " + ", ".join(f"invoice (nlu/sentences.yml:{number})" for number in places))


def test_an_intent_without_enough_sentences_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An intent would be published that the model cannot know."""
    monkeypatch.setattr(content_check, "MINIMUM_EXAMPLES", MINIMUM_EXAMPLES + 1)
    problems = check_content(root)
    assert len(problems) == len(read_examples(root / "data/nlu"))
    assert f"{root}/data/nlu: `fees` has 30 Chinese sentences, needs 31" in problems


def test_sentences_of_an_unknown_intent_are_named(root: Path) -> None:
    """A misspelt intent would be trained and then break every turn that it wins."""
    edit(file_of(root, "invoice"), "intent: invoice\n", "intent: invoices\n")
    problems = check_content(root)
    assert f"{root}/data/nlu: intent `invoices` is not in triage.yml" in problems
    assert any("`invoice` has 0 Chinese sentences" in problem for problem in problems)


@pytest.mark.parametrize("line", ["* 发票怎么开具呀", "发票怎么开具呀", "-发票怎么开具呀", "  - 发票怎么开具呀", "- "])
def test_a_sentence_that_is_not_listed_as_one_is_named(root: Path, line: str) -> None:
    """A sentence would silently not be trained."""
    first = sentences_of(root, "invoice")[0]
    edit(file_of(root, "invoice"), f"- {first}\n", f"- {first}\n    {line}\n")
    problems = check_content(root)
    assert len(problems) == 1
    assert f"`invoice`: start “{line}” with `- `" in problems[0]


def test_an_article_that_no_intent_answers_with_is_named(root: Path) -> None:
    """An editor would correct an article that nobody ever reads."""
    source = (root / "data/articles/fees.zh.md").read_text(encoding="utf-8")
    (root / "data/articles/stray.zh.md").write_text(source.replace("id: fees", "id: stray"), encoding="utf-8")
    (problem,) = check_content(root)
    assert re.search(r"stray\.zh\.md:1: names intent `fees`, which does not answer with this article", problem)


def test_several_problems_are_all_reported(root: Path) -> None:
    """An editor would correct one, run again, and find the next."""
    edit(root / "data/desk.yml", "\n", "\n  responses:\n")
    edit(root / "data/facts.yml", "withdraw_fee_rate:", "withdraw_fee_rat:")
    edit(root / "data/replies.yml", "\n", "\nnlu: x\n")
    desk, replies, facts = check_content(root)
    assert "desk.yml: the key `responses:`" in desk
    assert "replies.yml: the key `nlu:`" in replies
    assert "withdraw_fee_rate" in facts


def test_what_the_check_passes_can_be_loaded(root: Path) -> None:
    """`make check` would pass what `make publish` refuses."""
    assert check_content(root) == []
    load_content(root / "data")


def test_a_broken_file_of_sentences_is_an_error_with_its_name(root: Path) -> None:
    """Training would crash with a message for programmers."""
    (root / "data/nlu/sentences.yml").write_text("[]", encoding="utf-8")
    with pytest.raises(ContentError, match=r"sentences\.yml"):
        read_examples(root / "data/nlu")


def write_test_set(root: Path, name: str, *texts: str) -> None:
    """Write an evaluation file with an empty line above."""
    path = root / "tests/evaluation" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n" + "".join(json.dumps({"text": text, "intent": "invoice"}) + "\n" for text in texts), encoding="utf-8")


@pytest.mark.parametrize("name", ["development/some.jsonl", "held_out/some.jsonl"])
@pytest.mark.parametrize("kind", ["nlu", "calibration"])
@pytest.mark.parametrize(
    ("written", "tested", "problem"),
    [
        ("发票抬头能写两个吗", "发票抬头能写两个吗", "the sentence is"),
        ("发票抬头能写两个吗", "發票抬頭能寫兩個嗎", "the sentence is"),
        ("发票抬头能写两个吗", "发票抬头，能写两个吗？", "all but punctuation of the sentence is"),
        ("发票 抬头能写两个吗!!", "发票抬头能写两个吗", "all but punctuation of the sentence is"),
        ("🧾🧾", "🧾🧾", "the sentence is"),
        ("发票抬头能写两个吗", "发票抬头能写两个", None),
        ("🧾🧾", "？？", None),
    ],
)
def test_a_test_sentence_that_the_model_has_seen_is_named_with_both_places(
    root: Path, name: str, kind: str, written: str, tested: str, problem: Optional[str]
) -> None:
    """A test set could measure memory: what was trained on, or what the thresholds were fitted to."""
    text = f'version: "3.1"\nnlu:\n- intent: invoice\n  examples: |\n    - 发票要交税么啊\n    - {written}\n'
    (root / "data" / kind / "other.yml").write_text(text, encoding="utf-8")
    write_test_set(root, name, "开票要等几个月呀", tested)
    data = "training" if kind == "nlu" else "calibration"
    place = f"({root}/data/{kind}/other.yml:6)"
    expected = [f"{root}/tests/evaluation/{name}:3: {problem} in the {data} data too {place}: leave one of them out"]
    assert check_content(root) == (expected if problem else [])


def test_a_calibration_sentence_that_was_trained_on_is_named_with_both_places(root: Path) -> None:
    """The thresholds would hold for sentences that the model knows by heart. A question mark more is another sentence."""
    first = sentences_of(root, "invoice")[0]
    text = f'version: "3.1"\nnlu:\n- intent: invoice\n  examples: |\n    - {first}!?!\n\n    - {first}\n'
    (root / "data/calibration/other.yml").write_text(text, encoding="utf-8")
    (problem,) = check_content(root)
    assert re.fullmatch(
        rf"{root}/data/calibration/other\.yml:7: the sentence is in the training data too "
        rf"\({root}/data/nlu/sentences\.yml:\d+\): leave one of them out",
        problem,
    )


def test_plain_sentences_unlike_customers_are_problems(root: Path) -> None:
    """Authors could fall back to statements without the words that customers ask with."""
    (root / "data/nlu/plain").mkdir()
    lines = "".join(f"    - 发票的抬头写成第{number}家公司\n" for number in range(2000))
    text = f'version: "3.1"\nnlu:\n- intent: invoice\n  examples: |\n{lines}'
    (root / "data/nlu/plain/bills.yml").write_text(text, encoding="utf-8")
    problems = "\n".join(check_content(root))
    for trait in (
        "`ends_with_question_mark` is 0%",
        "`begins_with_i` is 0%",
        "words of `asking` are off",
        "words of `matters`",
    ):
        assert f"{root}/data/nlu/plain: " in problems
        assert trait in problems


def test_development_sets_in_real_voice_are_held_to_the_traits_and_others_are_not(root: Path) -> None:
    """A set could be called real and measure another voice; sets kept for comparison could fail the check for ever."""
    texts = [f"发票的抬头写成第{number}家公司" for number in range(400)]
    write_test_set(root, "development/real.jsonl", *texts)
    assert check_content(root) == []
    write_test_set(root, "development/real_voice.jsonl", *texts)
    problems = "\n".join(check_content(root))
    assert "*_voice.jsonl: `ends_with_question_mark` is 0%" in problems
    assert "words of `asking` are off" in problems
    assert "matters" not in problems
