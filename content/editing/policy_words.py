"""What the fields of the policy mean, for the forms of the workshop: Chinese and English names and explanations."""

from __future__ import annotations

from typing import Dict, Mapping, Tuple

#: zh, en, explanation zh, explanation en.
Words = Tuple[str, str, str, str]

SECTIONS: Mapping[str, Tuple[str, str]] = {
    "intents": ("意图的去向", "Where intents lead"),
    "reasons": ("转人工的原因", "Reasons for a handoff"),
    "promises": ("允许的出错比例", "How often the model may be wrong"),
    "amounts": ("大额交易", "Large amounts"),
    "floor": ("固定规则", "Patterns of the floor"),
    "queues": ("队列", "Queues"),
    "hours": ("工作时间", "Opening hours"),
    "calendars": ("节假日", "Holidays"),
    "levels": ("服务时限", "Service levels"),
    "routing": ("派单", "Routing"),
    "waiting": ("排队时告诉客户", "What waiting customers are told"),
    "desk": ("会话和客服", "Conversations and agents"),
    "workshop": ("抽查、发布和预警", "Reviews, publishing and waves"),
}

ROUTES: Mapping[str, Tuple[str, str]] = {
    "chat": ("寒暄：机器人自己回一句话", "Small talk: the bot's own words"),
    "reject": ("不归我们管：说明并给出选择", "Not our matter: say so"),
    "clarify": ("请客户说清楚", "Ask the customer to be clearer"),
    "feedback": ("收下意见", "Take the feedback"),
}
PRIORITIES: Mapping[str, Tuple[str, str]] = {
    "urgent": ("紧急", "Urgent"),
    "high": ("高", "High"),
    "normal": ("普通", "Normal"),
}
CLOCKS: Mapping[str, Tuple[str, str]] = {
    "first_response": ("首次回复", "First response"),
    "next_response": ("后续回复", "Next response"),
    "resolution": ("解决", "Resolution"),
}
DAYS: Mapping[str, Tuple[str, str]] = {
    "mon": ("周一", "Monday"),
    "tue": ("周二", "Tuesday"),
    "wed": ("周三", "Wednesday"),
    "thu": ("周四", "Thursday"),
    "fri": ("周五", "Friday"),
    "sat": ("周六", "Saturday"),
    "sun": ("周日", "Sunday"),
}

#: Path in triage.yml or desk.yml -> its words. Fields of intents, queues and the like are in `policy_forms`.
FIELDS: Dict[str, Words] = {
    "risk_reasons": (
        "漏掉就算漏掉紧急情况的原因",
        "Reasons whose miss is an emergency missed",
        "这些原因的可能性会先加起来判断，再看最像的意图。改了要重新训练。",
        "Their probabilities are added up before the likeliest intent is looked at. A change trains a new model.",
    ),
    "promises.wrong_answer": (
        "答错的比例",
        "Wrong answers",
        "所有消息里，最多有这个比例会得到不对的文章。数字越小，转人工越多。",
        "At most this share of all messages may get an article that is not theirs. A smaller share sends more to people.",
    ),
    "promises.wrong_tentative_answer": (
        "猜错的比例",
        "Wrong guesses",
        "在“答错”之外，最多有这个比例会得到猜错的文章。",
        "On top of wrong answers: at most this share of all messages may get a wrong guess.",
    ),
    "promises.refused_in_scope": (
        "误拒的比例",
        "Refused although in scope",
        "归我们管的消息里，最多有这个比例会被当成无关的事。",
        "At most this share of the messages within the scope may be refused.",
    ),
    "promises.certainty": (
        "把握",
        "Certainty",
        "上面的比例要有多大把握成立，通常是 0.95。",
        "How sure the rates above must be, usually 0.95.",
    ),
    "near_risk": (
        "离紧急多近就不猜",
        "No guess this near to an emergency",
        "转人工的可能性达到紧急界限的这个份额时，机器人不再猜文章。",
        "The bot guesses no article from this share of the threshold for emergencies on.",
    ),
    "large_transaction.threshold_cny": (
        "从多少元起算大额",
        "Large from",
        "客户自己的交易达到这个金额就转人工。改了不用重新训练。",
        "A customer's own transaction of this amount goes to a person. No training is needed.",
    ),
    "large_transaction.without_rate": (
        "不认识的币种，从多少起算大额",
        "Large without a rate, from",
        "没有汇率的币种，数字达到这里就转人工。",
        "An amount in a currency without a rate is large from this number on.",
    ),
    "large_transaction.rates_date": (
        "汇率日期",
        "Date of the rates",
        "下面的汇率是哪一天的，写成 2026-01-31。",
        "The day of the rates below, as 2026-01-31.",
    ),
    "large_transaction.information_only": (
        "只是打听的意图",
        "Intents that only ask",
        "在这些意图里，金额只是限额或说法，不是交易。改了要重新训练。",
        "An amount in them is a limit or a figure of speech, not a transaction. A change trains a new model.",
    ),
    "large_transaction.topics": (
        "金额接着上文的意图",
        "Intents that an amount follows",
        "聊到这些意图之后，单独说的金额就是那笔交易的金额。",
        "After one of these a bare amount is the amount of that transaction.",
    ),
    "floor.own_transaction": (
        "客户自己的交易",
        "A transaction of the customer's own",
        "怎样的句子说的是客户自己的交易。",
        "Which sentences speak of the customer's own transaction.",
    ),
    "routing.push": (
        "自动派单",
        "Push",
        "开：系统把排队的会话派给客服；关：客服自己领取。",
        "On: waiting conversations are offered to agents. Off: agents claim them.",
    ),
    "routing.accept_within_seconds": (
        "接单时限",
        "Accept within",
        "过了这么久还没接，就派给别人，主管会看到。",
        "Then the offer goes to somebody else, and the supervisors see it.",
    ),
    "routing.weights.owes_answer": (
        "占用：欠客户回复",
        "Weight: owes an answer",
        "这样的会话占一个客服名额的多少。",
        "How much of an agent's capacity such a conversation takes.",
    ),
    "routing.weights.waits_for_customer": (
        "占用：等客户回复",
        "Weight: waits for the customer",
        "这样的会话占一个客服名额的多少。",
        "How much of an agent's capacity such a conversation takes.",
    ),
    "routing.weights.silent": (
        "占用：没人说话",
        "Weight: silent",
        "这样的会话占一个客服名额的多少。",
        "How much of an agent's capacity such a conversation takes.",
    ),
    "routing.silent_after_minutes": (
        "多久没人说话算安静",
        "Silent after",
        "双方都没写字这么久以后，占用变小。",
        "After so long without a word a conversation takes less capacity.",
    ),
    "routing.ageing_minutes": (
        "超时多久提一级",
        "Ageing",
        "超过时限这么久，优先级提高一级。",
        "So long past its deadline, a conversation moves up by one priority.",
    ),
    "routing.known_within_minutes": (
        "等熟悉的客服多久",
        "Wait for a known agent",
        "回来的客户先等原来的客服这么久。",
        "A conversation that comes back waits so long for the agent who knew it.",
    ),
    "routing.away_after_minutes": (
        "多久没操作算离开",
        "Away after",
        "客服没有按键或点击这么久，就算离开。",
        "Without a key or a click for so long, an agent is away.",
    ),
    "routing.widen_after_minutes": (
        "多久后放宽技能",
        "Widen after",
        "有技能和语言的客服都不在，这么久以后派给别人。",
        "If nobody with the skills and languages is there, a case goes to another agent after so long.",
    ),
    "waiting.said_after_minutes": (
        "什么时候再说一句",
        "Lines after",
        "转人工后过了这些分钟，告诉客户有什么变化。",
        "So many minutes after the handoff a line says what changed.",
    ),
    "waiting.recent_hours": (
        "预计等待看最近多久",
        "Recent hours",
        "预计等待按最近这么多小时的会话计算。",
        "The expected wait comes from the conversations of so many hours.",
    ),
    "queue.minutes_per_conversation": (
        "每个会话大约多久",
        "Minutes for one conversation",
        "最近接待太少时，用它估计等待。",
        "For the expected wait while too few conversations were taken lately.",
    ),
    "queue.same_address": (
        "同一地址最多几张卡片",
        "Cards of one address",
        "同一网络地址的紧急会话超过这个数，就并成一张卡片。",
        "More urgent cases than this from one network address are one card.",
    ),
    "turns.deadline_seconds": (
        "机器人多久必须回答",
        "The bot's deadline",
        "过了就转人工。",
        "After so long a person takes over.",
    ),
    "turns.at_once": (
        "同时处理几条消息",
        "Turns at the same time",
        "改了要重启服务台才生效。",
        "A change needs a restart of the desk.",
    ),
    "agents.capacity": (
        "一个客服同时接几个",
        "Conversations of one agent",
        "新账号的默认值。",
        "The default of new accounts.",
    ),
    "agents.online_within_seconds": (
        "多久内有响应算在线",
        "Online within",
        "页面在这么久内有响应，就算在线。",
        "A page that answered within so long counts as being there.",
    ),
    "agents.gone_after_seconds": (
        "多久没见算走了",
        "Gone after",
        "客户在等而客服这么久没见，会话回到队列。",
        "Not seen for so long while a customer waits: the conversation goes back to the queue.",
    ),
    "agents.session_hours": ("登录有效时间", "Session", "新登录的有效小时数。", "How long a new sign-in is valid."),
    "idle.with_bot_minutes": (
        "机器人会话多久没人说话就结束",
        "The bot's conversations close after",
        "这么久没有新消息就结束。",
        "They close after so long without a word.",
    ),
    "idle.assigned_minutes": (
        "人工会话多久没人说话就结束",
        "An agent's conversations close after",
        "这么久没有新消息就结束。",
        "They close after so long without a word.",
    ),
    "publish.needs_second_person": (
        "发布要第二个人同意",
        "Publishing needs a second person",
        "开：一个人提出，另一个人同意才上线。",
        "On: one person proposes, another one approves.",
    ),
    "waves.least": (
        "几个会话起算一波",
        "Conversations of a wave",
        "短时间内至少这么多客户说同一件事，才提醒。",
        "At least so many customers must say the same within minutes.",
    ),
    "waves.false_alarms_per_day": (
        "每天最多误报几次",
        "False alarms a day",
        "越小误报越少，真的一波也显示得越晚。",
        "Fewer false alarms show real waves later.",
    ),
    "waves.history_days": (
        "参考最近几天",
        "Days of history",
        "平常有多少，按这么多天算。",
        "What is usual comes from so many days.",
    ),
    "waves.over_after_minutes": (
        "多久没有新消息算结束",
        "Over after",
        "这么久没有同样的消息，这一波就结束。",
        "A wave is over after so long without a message.",
    ),
    "reviews.bound": (
        "漏掉紧急情况的上限目标",
        "Bound on missed emergencies",
        "每天抽查多少条由它决定，越小要看的越多。",
        "It decides how many turns are reviewed; half of it takes twice as many.",
    ),
    "reviews.certainty": ("上限的把握", "Certainty of the bound", "通常是 0.95。", "Usually 0.95."),
    "reviews.days": ("统计几天", "Days", "上限按最近这么多天计算。", "The bound is about so many days."),
    "reviews.per_day_most": (
        "一天最多抽查几条",
        "Turns a day at most",
        "不够时显示的上限会变大。",
        "With fewer than needed the shown bound is larger.",
    ),
    "reviews.due_days": (
        "几天内看完",
        "Due days",
        "到时没看的按漏掉算。",
        "What nobody has reviewed by then counts as missed.",
    ),
    "reviews.claim_minutes": (
        "打开后保留多久",
        "Kept for",
        "一条抽查给打开的人保留这么久。",
        "A turn is kept so long for the person who opened it.",
    ),
    "reviews.roles": ("谁来看", "Who reviews", "哪些角色的人参加抽查。", "The roles of the people who review."),
}

#: Units by the ends of names.
UNITS: Mapping[str, Tuple[str, str]] = {
    "_minutes": ("分钟", "minutes"),
    "_seconds": ("秒", "seconds"),
    "_hours": ("小时", "hours"),
    "_cny": ("元", "CNY"),
    "_days": ("天", "days"),
    "minutes_per_conversation": ("分钟", "minutes"),
}
