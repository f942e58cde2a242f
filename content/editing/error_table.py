"""Pattern of an English error -> its Chinese sentence. `{0}`, `{1}`: the groups of the pattern; `{rest}`: a sentence within it."""

from __future__ import annotations

from typing import Sequence, Tuple

#: What is wrong with the syntax of a file: a part of the parser's message -> what the editor reads.
SYNTAX: Sequence[Tuple[str, str]] = (
    (r"mapping values are not allowed", "这一行有多余的冒号：冒号后面的文字要加引号。"),
    (r"found duplicate key", "同一个名称出现了两次：请去掉一个。"),
    (
        r"found unexpected end of stream|unexpected end of stream|while scanning a quoted scalar",
        "引号没有写完：前后各要一个引号。",
    ),
    (r"expected ',' or|expected the node content|did not find expected ',' or", "括号没有写完，或者少了逗号。"),
    (
        r"expected <block end>|did not find expected '-' indicator|did not find expected key",
        "这一行的缩进和上面的不一致：请和同一级的行对齐。",
    ),
    (
        r"found character '\\t'|found a tab|cannot start any token",
        "这一行用了制表符或不能放在开头的符号：缩进请用空格，特殊符号请加引号。",
    ),
    (r"could not find expected ':'|did not find expected ':'", "这一行少了冒号，或者名称后面没有空格。"),
    (r"is no date", "没有这一天：日期写成 2026-01-31，并确认这一天存在。"),
    (r"found undefined alias|undefined alias", "星号开头的文字要加引号。"),
    (r"found unknown escape", "引号里的反斜杠写法不对：请写两个反斜杠，或换成单引号。"),
    (r"special characters are not allowed|unacceptable character", "这一行有看不见的控制字符：请删掉它再写一遍。"),
    (r"brackets within brackets", "括号套得太多：请检查有没有漏写右括号。"),
    (r"document start|but found another document", "文件里多了一行 ---：请删掉。"),
    (r"could not determine a constructor", "感叹号开头的文字要加引号。"),
)

#: Sentences of `content/`, the more particular first.
SENTENCES: Sequence[Tuple[str, str]] = (
    # files
    (r"the file is missing", "文件不见了。"),
    (r"not UTF-8 \((.*)\): save it as UTF-8", "文件不是 UTF-8 编码：请用 UTF-8 编码重新保存。"),
    (r"cannot be read \((.*)\): run `make publish`", "已发布的内容读不出来：请重新发布。"),
    (r"cannot be read: (.*)", "文件读不出来：{0}。"),
    (r"nothing is published yet: run `make publish`", "还没有发布过内容：请先发布。"),
    (r"published by an older version: run `make publish`", "已发布的内容是旧版本程序写的：请重新发布。"),
    (
        r"published by (.*) version \(format (.*), this version reads (.*)\): (.*)",
        "已发布的内容和这个版本的程序不配套：请重新发布。",
    ),
    (r"the published content cannot be read \((.*)\): (.*)", "已发布的内容读不出来：请重新发布。"),
    (r"not a published bundle \((.*)\): (.*)", "已发布的内容坏了：请重新发布。"),
    (r"the file's name must be `<id>\.zh\.md` or `<id>\.en\.md`", "文件名必须是“编号.zh.md”或“编号.en.md”。"),
    # shapes
    (r"field required", "缺少这一项，请补上。"),
    (r"extra fields are not permitted: correct the name or remove it", "没有这个字段：请改正名称，或删掉它。"),
    (r"unexpected value; permitted: (.*)", "只能是这些值之一：{0}。"),
    (r"must be a list", "必须是一个列表。"),
    (r"must be `name: value` lines|expected `name: value` lines", "这里应当是一行一个“名称: 值”。"),
    (r"expected a mapping with (.*)", "文件应当由这些部分组成：{0}。"),
    (r"invalid date: write it as 2026-01-31", "日期不对：请写成 2026-01-31。"),
    (r"not a whole number", "必须是一个整数。"),
    (r"not a valid float", "必须是一个数字。"),
    (r"must be ((?:greater than|at least|less than|at most) .*)", "数字超出了允许的范围（{0}）。"),
    (r"must be one word without spaces", "必须是一个词，不能有空格。"),
    (r"must have at most (.*) characters", "最多 {0} 个字符。"),
    (r"must not be empty", "不能是空的。"),
    (r"(?:.*): write a text, in quotes if it looks like a number", "这里要写文字；像数字的文字要加引号。"),
    (r"the name: (?P<rest>.*)", "名称不对：{rest}"),
    (r"not a regular expression: (.*)", "这不是正确的匹配规则（正则表达式）：{0}。"),
    # articles
    (
        r"front matter is not YAML between two `---` lines(?:: expected `name: value` lines)?",
        "文章开头的信息不完整：它要放在两行 --- 之间，一行一项。",
    ),
    (r"front matter doors\.(.*?): (?P<rest>.*)", "按钮：{rest}"),
    (r"front matter (?P<rest>.*)", "文章开头的信息：{rest}"),
    (r"the article has no text", "文章没有正文。"),
    (r"locale must be one of (.*)", "语言只能是 {0}。"),
    (r"valid_until is before valid_from", "失效日期早于生效日期。"),
    (r"name at least one intent in `intents`", "至少要写一个由这篇文章回答的意图。"),
    (r"(.*) doors, (.*) are allowed: keep the gravest", "有 {0} 个按钮，最多 {1} 个：请只留最要紧的。"),
    (r"the door to `(.*)` needs a label of one line", "通向 {0} 的按钮要有一行文字。"),
    (r"label “(.*)”: facts are not filled in on buttons", "按钮文字“{0}”里不能用事实。"),
    (r"label “(.*)” has (.*) characters, (.*) are allowed: shorten it", "按钮文字“{0}”有 {1} 个字符，最多 {2} 个，请缩短。"),
    (r"article (.*) \((.*)\) is already in (.*)", "文章 {0}（{1}）已经在文件 {2} 里了：编号重复。"),
    (r"`(.*)` answers with article `(.*)`, which is not in articles/", "意图 {0} 用文章 {1} 回答，但没有这篇文章。"),
    (
        r"names intent `(.*)`, which does not answer with this article: see triage\.yml",
        "写了意图 {0}，但那个意图不是用这篇文章回答的。",
    ),
    (
        r"a door must lead to a person, and `(.*)` is not in triage\.yml: correct the intent",
        "按钮必须通向人工，但没有意图 {0}。",
    ),
    (r"(?:(.*): )?a door must lead to a person, and `(.*)` (.*)", "按钮必须通向人工，而意图 {1} 不转人工。"),
    (r"required_doors: there is no article `(.*)` in articles/", "必须有按钮的文章 {0} 不存在。"),
    (r"the door to `(.*?)` is missing, which required_doors in triage\.yml asks for: .*", "缺少必须有的按钮：通向 {0}。"),
    (
        r"doors (.*) differ from (.*) in (.*): give both the same intents in the same order",
        "按钮和 {2} 的不一致：两种语言要有同样的意图、同样的顺序。",
    ),
    (r"lookup (.*) differs from (.*) in (.*): give both the same", "查询 {0} 和 {2} 的 {1} 不一致：两种语言要写同一个查询。"),
    (
        r"(?:(.*): )?there is no look-up `(.*)`: use one of (.*), or remove the line",
        "没有叫“{1}”的查询：可以用 {2}，或者去掉这一行。",
    ),
    (r"has another route than escalate", "它不转人工。"),
    # look-ups
    (r"(.*): there is no look-up `(.*)`: (.*)", "{0}：没有叫“{1}”的查询，只有 {2}。"),
    (r"the look-up `(.*)` is missing under `lookups`", "lookups 里缺少查询 {0}。"),
    (r"(.*): there is no text `(.*)`: (.*)", "{0}：没有叫“{1}”的文字，只有 {2}。"),
    (r"(.*): the text `(.*)` is missing", "{0}：缺少文字 {1}。"),
    (r"(.*): the text is empty", "{0}：文字是空的。"),
    (r"(.*): unknown placeholder \{(.*)\}; allowed: (.*)", "{0}：不能用 {{{1}}}，可以用的是 {2}。"),
    (r"(.*): a brace stands alone", "{0}：有单独的花括号。"),
    (r"(.*): there is no kind `(.*)`: (.*)", "{0}：没有交易种类 {1}，只有 {2}。"),
    (r"(.*): `(.*)` is no intent with the route (.*) in triage\.yml", "{0}：意图 {1} 在政策里不存在，或者处理方式不是 {2}。"),
    (r"(.*): `(.*)` cannot go with a handoff", "{0}：查询 {1} 不能随转人工一起做。"),
    (r"(.*) is no regular expression: (.*)", "{0} 不是正确的匹配规则（正则表达式）：{1}。"),
    (r"(.*) matches everything", "{0} 什么都匹配，请写得具体些。"),
    (r"(.*) is no time zone, such as Asia/Shanghai", "{0} 不是时区，时区像 Asia/Shanghai 这样写。"),
    (r"is not in triage\.yml", "没有这个意图。"),
    # templates
    (r"(.*?)'(\w+)' is undefined; facts are in data/facts\.yml(.*)", "{0}没有叫“{1}”的事实。"),
    (
        r"(.*?); facts are in data/facts\.yml, and agent_name is the agent's",
        "花括号的写法不对：事实要写成 {{{{ 名称 }}}}；agent_name 是客服的名字。",
    ),
    (r"(.*?); facts are in data/facts\.yml", "花括号的写法不对：事实要写成 {{{{ 名称 }}}}。"),
    (
        r"(.*): text\.(.*): (.*), and agent_name is the agent's",
        "快捷回复 {0} 的正文：花括号的写法不对，事实要写成 {{{{ 名称 }}}}。",
    ),
    # facts
    (r"`(.*)` needs a value for each of (.*)", "事实 {0} 要有每种语言的值：{1}。"),
    (r"`(.*)` must be a number, a text, or one of them for each language", "事实 {0} 必须是数字或文字，或每种语言一个。"),
    # texts
    (r"expected the texts under (.*)", "文字要分别写在 {0} 下面。"),
    (r"no texts for `(.*)`", "缺少语言 {0} 的文字。"),
    (r"(.*)\.chat has no words for `(.*)`, whose route is chat", "{0}：寒暄意图 {1} 没有回话。"),
    (r"texts\.(\w+) is missing", "缺少语言 {0} 的文字。"),
    (r"texts\.(.*) has no words for (.*)", "{0} 里缺少这些的文字：{1}。"),
    (r"languages\.(.*) is missing: language/recognition\.py recognises it", "缺少语言 {0} 的文字。"),
    (r"languages\.(.*): language/recognition\.py does not recognise it: remove it", "程序认不出语言 {0}：请删掉它。"),
    (r"expected `words:` with lines `simplified: traditional`", "应当在 words 下面一行一个“简体: 繁体”。"),
    (r"`(.*)`: write a simplified word, a colon and the traditional word", "“{0}”要写成“简体: 繁体”。"),
    (r"`(.*)` becomes `(.*)` without this line: remove it", "没有这一行，“{0}”也会变成“{1}”：请删掉它。"),
    # canned replies
    (
        r"the file is empty; without canned replies it must read .*",
        "文件是空的：没有快捷回复时也要写上 version: 1 和 canned_replies: []。",
    ),
    (r"the file must have `version: 1` and a list `canned_replies`", "文件里要有 version: 1 和列表 canned_replies。"),
    (r"(.*) replies have the (.*) “(.*)”; give each its own", "有 {0} 条快捷回复的 {1} 都是“{2}”：请各用各的。"),
    (r"(.*): (.*): `(.*)` is not in triage\.yml: correct or remove it", "快捷回复 {0} 的 {1}：没有“{2}”，请改正或删掉。"),
    (
        r"(?P<rest>.*); a reply has id, shortcut, title and text, the last two with zh and en",
        "{rest}每条快捷回复要有编号、快捷词、中英文标题和中英文正文。",
    ),
    # policy
    (r"a reason belongs to route escalate, and only there: add or remove `reason`", "只有转人工的意图才有原因，而且必须有。"),
    (r"a lane belongs to route escalate: remove `lane`", "只有转人工的意图才有通道。"),
    (
        r"an article belongs to route answer, and only there: add or remove `article`",
        "只有用文章回答的意图才有文章，而且必须有。",
    ),
    (
        r"(?:(.*): )?`(.*)` is not among `(?:intents|reasons)`: add it there or correct the name",
        "没有叫“{1}”的意图或原因：请先加上它，或改正名称。",
    ),
    (
        r"promises\.missed_emergency needs a rate for each of risk_reasons, and for no other",
        "“漏掉”的比例要和紧急原因一一对应，不能多也不能少。",
    ),
    (r"a rate lies between 0 and 1: correct (.*)", "比例要在 0 和 1 之间：请改正 {0}。"),
    (r"the code hands over for (.*): add them", "程序要用到这些原因，不能删：{0}。"),
    (r"the floor's incident `(.*)` must have route escalate", "固定规则里的意图 {0} 必须转人工。"),
    (r"(.*): the follow-up `(.*)` must have route escalate", "{0}：意图 {1} 必须转人工。"),
    (
        r"rates need three or four capital letters and more than 0 CNY a unit, and CNY: 1; see (.*)",
        "汇率要用三四个大写字母的币种和大于 0 的数，CNY 必须是 1：{0}。",
    ),
    (r"`words` needs these kinds in this order: (.*)", "words 要按这个顺序有这些种类：{0}。"),
    (r"`(.*)` stands twice: remove one", "“{0}”出现了两次：请去掉一个。"),
    (r"“(.*)”: a bracket has no partner", "“{0}”的括号不成对。"),
    (r"“(.*)”: no list `(.*)` under `lists`", "“{0}”：没有叫 {1} 的词表。"),
    # queues, hours, calendars
    (r'"(.*)" is no interval: .*', "“{0}”不是时间段：请写成 09:00-18:00，最晚到 24:00。"),
    (r'"(.*)" is empty: .*', "时间段“{0}”是空的：请删掉，全天写成 00:00-24:00。"),
    (r'"(.*)" ends before it begins: .*', "时间段“{0}”的结束早于开始：过了午夜要分成两天写。"),
    (r"a case cannot be resolved in (.*) minutes, before its first response is due", "解决时限 {0} 分钟比首次回复的时限还短。"),
    (
        r"neither `everyone` nor anybody in `people` has all that this queue needs \((.*)\): .*",
        "没有人具备这个队列要的全部条件（{0}），里面的客户会一直等。",
    ),
    (r"the holiday ends on (.*), before it begins on (.*): correct one of them", "节假日的最后一天 {0} 早于第一天 {1}。"),
    (
        r"(.*) to (.*) is not all in (.*): put the days of each year in its own block",
        "{0} 到 {1} 不都在 {2} 年：请分到各自的年份里。",
    ),
    (r"(.*) is not in (.*): put it in the block of its year", "{0} 不在 {1} 年：请移到它的年份里。"),
    (
        r"(.*) is a (.*), and a make-up working day is a Saturday or Sunday: correct the date",
        "{0} 不是周末：调休上班的日子必须是周六或周日。",
    ),
    (r"(.*) stands here and in (.*): remove it from one of them", "{0} 在这里和 {1} 里都有：请去掉一处。"),
    # cases
    (r"the sentence is empty: write what the customer says", "句子是空的：请写客户说的话。"),
    (r"the sentence has (.*) characters, (.*) are allowed: shorten it", "句子有 {0} 个字符，最多 {1} 个，请缩短。"),
    (r"`article` belongs to must: article, and only there: add or remove it", "“必须得到文章”的用例要写明文章，别的不能写。"),
    (r"`reason` belongs to must: person: remove it", "只有“必须转人工”的用例才有原因。"),
    (r"not a turn's context: (.*)", "上下文的写法不对：{0}。"),
    (r"not JSON \((.*)\); a case looks like .*", "这一行不完整，不是一条用例。"),
    (r"“(.*)” stands in line (.*) already: remove one", "“{0}”在第 {1} 行已经有了：请去掉一个。"),
    (
        r"“(.*)”: there is no (?:intent|reason|article|x) `(.*)`: correct the name",
        "“{0}”：没有叫“{1}”的意图、原因或文章，请改正。",
    ),
    (r"(?P<rest>.*); a case looks like .*", "{rest}"),
    (r"the file `(.*)` is missing|`(.*)` is missing", "缺少 {0}{1}。"),
)
