"""The list of all figures. Each is one function in `samples.py` and one line in docs/glossary.md; a test compares them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from handoff.figures import samples
from handoff.figures.episodes import Story
from handoff.figures.samples import Sample
from handoff.figures.window import Rules, Window

Unit = Literal["seconds", "share", "count", "stars"]
#: How samples become one value: numerator / denominator; their mean; their median; their 90th percentile; their number; the
#: largest.
Kind = Literal["share", "mean", "median", "p90", "count", "longest"]


@dataclass(frozen=True)
class Figure:
    """One figure: what it counts, how, and what it is called."""

    id: str
    unit: Unit
    kind: Kind
    samples: Callable[[Story, Window, Rules], Iterator[Sample]]
    zh: str
    en: str
    definition_zh: str
    definition_en: str


FIGURES: tuple[Figure, ...] = (
    Figure(
        "waiting",
        "count",
        "count",
        samples.waiting,
        "等待中",
        "Waiting",
        "时间段结束时在队列里等待人工的会话数。",
        "Cases that wait for a person at the end of the window.",
    ),
    Figure(
        "oldest_urgent",
        "seconds",
        "longest",
        samples.waiting_urgent,
        "加急最久等待",
        "Oldest urgent",
        "时间段结束时，加急会话（含资金正在转出）中等待最久的时长。",
        "The longest wait of the urgent cases, those in a lane included, that wait at the end of the window.",
    ),
    Figure(
        "handoffs",
        "count",
        "count",
        samples.handoffs,
        "转人工",
        "Handoffs",
        "转给人工的次数；撤销取消后继续等待不重复计算。",
        "Requests for a person. A wait that was cancelled and taken up again is one.",
    ),
    Figure(
        "first_response_median",
        "seconds",
        "median",
        samples.first_response,
        "首次回复（中位数）",
        "First response, median",
        "从转人工到客服第一条消息的时长，机器人和系统消息不算；取中位数。",
        "From the handoff to the agent's first message, never the bot's or the desk's; the median.",
    ),
    Figure(
        "first_response_p90",
        "seconds",
        "p90",
        samples.first_response,
        "首次回复（90%）",
        "First response, 90%",
        "从转人工到客服第一条消息的时长；90% 的会话不超过这个值。",
        "From the handoff to the agent's first message; 90% took no longer.",
    ),
    Figure(
        "next_response_median",
        "seconds",
        "median",
        samples.next_response,
        "后续回复（中位数）",
        "Next response, median",
        "首次回复之后，从客户第一条未回复消息到客服回复的时长；取中位数。",
        "After the first response: from the first customer message that waits to the agent's answer; the median.",
    ),
    Figure(
        "resolution_median",
        "seconds",
        "median",
        samples.resolution_time,
        "处理时长（中位数）",
        "Resolution time, median",
        "客服结束的会话：从最后一次转人工到结束的时长；取中位数。",
        "From the last handoff to the end, of episodes that an agent resolved; the median.",
    ),
    Figure(
        "within_promise",
        "share",
        "share",
        samples.within_promise,
        "按承诺时间首次回复",
        "Answered within promise",
        "在服务水平规定的营业时间内得到首次回复的占比；分母是已回复和已超时的转人工。",
        "First responses within the service level, in opening hours; of the promises that were kept or broken.",
    ),
    Figure(
        "abandoned",
        "share",
        "share",
        samples.abandoned,
        "放弃等待",
        "Abandoned",
        "客户取消等待，或等待中 10 分钟没有说话的占比；分母是所有有结果的等待。",
        "Waits that the customer cancelled or in which the customer was silent for 10 minutes; of all waits that were decided.",
    ),
    Figure(
        "solved_at_first_contact",
        "share",
        "share",
        samples.solved_at_first_contact,
        "一次解决率",
        "Solved at first contact",
        "客服结束的会话中，只经过一位客服、没有转接、72 小时内客户没有再来的占比；不满 72 小时的不计。",
        "Of the episodes that agents resolved, 72 hours later: one agent, no transfer, and the customer did not come back.",
    ),
    Figure(
        "rating",
        "stars",
        "mean",
        samples.rating,
        "满意度",
        "Rating",
        "客户评分的平均值（1 到 5），每次会话取最后一次评分。",
        "The mean of the customers' ratings, 1 to 5; the last rating of each episode counts.",
    ),
    Figure(
        "solved_by_bot",
        "share",
        "share",
        samples.solved_by_bot,
        "机器人解决",
        "Solved by the bot",
        "已结束且客户提出了问题的会话中，没有转人工的占比；请和「72 小时内再来」一起看。",
        "Of the ended episodes with a matter: those without a handoff. Read it together with the share that came back.",
    ),
    Figure(
        "came_back",
        "share",
        "share",
        samples.came_back,
        "机器人解决后 72 小时内再来",
        "Came back within 72 hours",
        "没有转人工就结束的会话中，客户 72 小时内在同一会话里又提出问题的占比；不满 72 小时的不计。",
        "Of the episodes that ended without a handoff, 72 hours later: the customer brought a matter to it again.",
    ),
    Figure(
        "needless_handoff",
        "share",
        "share",
        samples.needless_handoff,
        "不需要转人工",
        "Needless handoffs",
        "客服处理过且已结束的会话中，被客服标记「不需要人工」的占比。",
        "Of the ended episodes that agents had: marked by an agent as not needing a person.",
    ),
    Figure(
        "late_handoff",
        "share",
        "share",
        samples.late_handoff,
        "转人工太晚",
        "Late handoffs",
        "客服处理过且已结束的会话中，被客服标记「应该更早转人工」的占比。",
        "Of the ended episodes that agents had: marked by an agent as handed over too late.",
    ),
    Figure(
        "wrong_article",
        "share",
        "share",
        samples.wrong_article,
        "文章不对",
        "Wrong article",
        "客服处理过且已结束的会话中，被客服标记「文章不对」的占比。",
        "Of the ended episodes that agents had: marked by an agent because the bot sent a wrong article.",
    ),
    Figure(
        "offer_missed",
        "share",
        "share",
        samples.offer_missed,
        "派单未接",
        "Offers not accepted",
        "派给客服的会话中，超时、拒绝或人不在的占比；分母是已接受和未接受的派单。",
        "Offers that ended late, declined or absent; of those and the accepted ones.",
    ),
    Figure(
        "transfers",
        "count",
        "count",
        samples.transfers,
        "转接",
        "Transfers",
        "客服转接的次数，记在转出的客服名下；因客服离开而自动退回的不算。",
        "Transfers by agents, counted for the agent who had the case; what the desk took back from an absent agent is none.",
    ),
    Figure(
        "taken",
        "count",
        "count",
        samples.taken,
        "接待会话",
        "Conversations per agent",
        "客服接手的会话数；同一次会话里每位客服只算一次。",
        "Episodes that agents got; each agent of an episode counts once.",
    ),
)

BY_ID = {figure.id: figure for figure in FIGURES}
#: What the live board shows of the last hour. What looks 72 hours ahead cannot be among these.
LIVE = (
    "waiting",
    "oldest_urgent",
    "handoffs",
    "first_response_median",
    "first_response_p90",
    "next_response_median",
    "within_promise",
    "abandoned",
    "rating",
)
