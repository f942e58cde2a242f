"""Numbers that count or measure something other than money: 3次, 5万毫安, 2000w的吹风机, 一亿像素, 粉丝五万, 5万以上的账单.

A counter that is also the beginning of another word (人, 人民币; 平, 平台; 项, 项目) excludes these words: "充了50000平台不认" is
a sum. Each counter is matched directly after a number, in folded text.
"""

from __future__ import annotations

import re

__all__ = ["CLOCK", "COUNTER", "NOT_TAIL", "POINTS", "is_measured", "selects_records"]

# counter: the characters that must not follow, because the counter is then part of another word
_COUNTERS = {
    # pieces and people
    "个": r"人(?:转|账|户|卡|银行|微信|名|收款)|体|别|税|[wW万亿达]|小目标", "次": "日", "人": r"民|家|工|不|没|就|跑|失|消|联系|已|却|也|都|间|在|是|说|呢|直|根本",
    "位": "置|数", "名": "义|下", "张": "三|先生|总|女士|老师|某|经理|姐|哥|阿姨", "券": "商", "条": "件|款", "笔": "记",
    "单": "笔|次|位|日|独|方|子", "件": "", "台": "币|湾|州|风", "部": "分|门|队|长|落", "家": "里|人|庭|长|具|电|政|教|居|属|装", "种": "子|植",
    "份": "额", "把": "我|钱|他|你|它", "只": "到|有|能|退|收|是|剩|扣|转|要|给|付", "双": "倍|方|11|十", "套": "路|现", "组": "织", "户": "头|主|口|名|外|籍",
    "辆": "", "颗": "", "朵": "", "瓶": "", "杯": "", "盒": "马|子", "箱": "包|子", "顿": "", "餐": "厅|饮|馆|费|具|补", "样": "本|品|子", "项": "目|链",
    "篇": "", "集": "资|团|合|中", "章": "程|丘", "节": "日|省|假|约|目", "课": "程|时费|本", "股": "票|东|份|市|权|民|友", "强": "制|行|迫|扣", "字": "节|画|据|号|迹",
    "词": "", "句": "", "页": "面", "遍": "", "下": "午|周|个|次|来|去|载|单|家|款|面", "回": "来|去|到|款|我|给|不|扣|复", "届": "",
    "分之": "", "世纪": "", "季度": "", "人次": "", "枚": "",
    # places in an order, and names
    "级": "别", "岁": "", "版": "权|本", "楼": "盘|款|市|房|主", "层": "", "路": "费|上|由|边|过|人|径|桥", "线": "上|下|索|路|缆", "站": "长|点|台|出|起|内", "期": "间|待|货|望|权|指",
    "场": "子|外|地|内|景|面|所|费", "步": "骤|入|行", "号": "称|主|商|贩",
    # time
    "天": "啊|哪|呐|猫|津|天|降|然", "日": "元|圆|币|期|常", "月": "底|初|末|供|租|薪|费|嫂|卡|息|结", "年": "底|初|末|前|后|费|货|薪|租|利|化|终|会", "周": "转|[一二三四五六日末]|某|先生|总",
    "星期": "", "小时": "", "分钟": "", "秒": "到|退|没|扣|杀|光|批|付|刷", "毫秒": "", "号线": "",
    # shares
    "倍": "", "折": "合|算|扣|现|腾|叠|返", "%": "", "‰": "", "个点": "", "百分点": "",
    # measures
    "公里": "", "千米": "", "海里": "", "米": "国|其林|兰|粉|饭", "厘米": "", "毫米": "", "分米": "", "英寸": "", "寸": "", "英尺": "", "尺": "", "平": "台|安|时|均|常|摊|白|衡|息|日|局|分",
    "平方": "", "立方": "", "亩": "", "公顷": "", "公斤": "", "千克": "", "毫克": "", "斤": "", "克": "扣|服|隆|罗|拉[^的]", "盎司": "", "克拉": "", "吨": "",
    "升": "级|值|息|舱|金|到|为|钻|白|v|会|黑|铂", "毫升": "", "加仑": "", "度": "假|过|蜜|小满|身", "℃": "", "°": "", "大卡": "", "千卡": "", "卡路里": "", "瓦": "片|匠|房", "千瓦": "", "兆瓦": "", "伏": "", "安时": "",
    "毫安": "", "流明": "", "赫兹": "", "兆": "", "像素": "", "高清像素": "", "比特": "", "字节": "", "马力": "", "帧": "",
    # points and what is followed
    "积分": "", "集分宝": "", "点券": "", "金币": "", "银币": "", "游戏币": "", "q币": "", "Q币": "", "抖币": "", "书币": "", "钻石": "", "京豆": "", "金豆": "", "里程": "", "经验": "", "能量": "",
    "粉丝": "", "粉": "红|刷|饼|丝", "点赞": "", "赞": "助|成", "播放": "", "阅读": "", "浏览": "", "曝光": "", "转发": "", "评论": "", "订阅": "", "流量": "",
}  # fmt: skip
# "A 50k transfer" is a sum, "3 transfers" is a count: of the words that move money only the plural is a counter.
_ENGLISH_COUNTERS = (
    r"km|kg|cm|mm|mb|gb|tb|kb|mah|ah|ml|hz|khz|mhz|ghz|px|fps|dpi|ppi|rpm|am|pm|st|nd|rd|th|kcal|cal|calories|kwh|wh|kw|mw|watts?|kilowatts?|volts?|amps?"
    r"|lumens?|degrees?|mp|megapixels?|pixels?|points?|pts?|credits|stars?|steps?|times?|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?|ms|weeks?|months?|years?"
    r"|people|persons?|users?|items?|coupons?|cards?|orders|transactions|payments|transfers|attempts?|tries|percent|followers?|fans|likes?|views?|subscribers?"
    r"|devices?|accounts?|digits?|words?|pages?|rows?|lines?|floors?|miles?|mi|kms|kilometers?|kilometres?|meters?|metres?|feet|foot|ft|inch(?:es)?|yards?|acres?"
    r"|sq ?ft|sq ?m|sqft|sqm|square|cubic|liters?|litres?|gallons?|kilos?|kilograms?|grams?|tons?|tonnes?|lbs?|oz|ounces?|carats?|karats?|g|s|x|d|p|c"
)
COUNTER = re.compile(
    r"[多余来几+]{0,2} ?(?:"
    + "|".join(
        re.escape(word) + (f"(?!{rest})" if rest else "") for word, rest in sorted(_COUNTERS.items(), key=lambda p: -len(p[0]))
    )
    + rf"|(?:{_ENGLISH_COUNTERS})(?![a-z]))"
)
#: These are counters only after small numbers: 12点 is a time, 5000点错了 is not.
CLOCK = re.compile(
    r" ?(?:点(?!了|击|开|进|错)|时(?!候|间)|分(?![两几开成批次别]|\d)|成(?!功|为|了|交|本)|款(?!项|已|到|退|没))"
)
#: After 万 and 亿, 点 and 分 count points.
POINTS = re.compile(
    r" ?(?:点(?!了|击|开|进|错|确|提|付|转)|分(?![两几三四五六开成批次别多期文给到摊红配析享公店行散明钱]|\d)|的?(?:积分|步|粉丝))"
)
#: After the last digit of 两万五 these characters show that the digit belongs to another word: 5万一直没到.
NOT_TAIL = re.compile(r" ?[直起下些样定般共旦点边会方旁切律再同]|者")

# Devices with a power rating, which do not cost tens of thousands.
_DEVICE = (
    r"吹风机?|电吹风|充电|快充|闪充|超级快充|快速充|无线充|适配器|电源|插座|插排|插线板|排插|氮化镓|灯|射灯|台灯|电饭[煲锅]|电水壶|热水[壶器]|水壶|养生壶|微波炉|光波炉|烤箱|空气炸锅"
    r"|电磁炉|电[炒蒸火]?锅|电热|电暖|取暖|暖风|暖气|小太阳|油汀|浴霸|加热|吸尘器|榨汁机|破壁机|料理机|搅拌机|豆浆机|咖啡机|挂烫机|熨斗|电熨斗|卷发棒|直发器|风扇|电机|逆变器|户外电源|移动电源|太阳能板"
    r"|功率|瓦|的?充(?=电|的)|数据线|充$"
)
_DEVICE_EN = r"hair ?dryer|charger|charging|adapter|bulb|lamp|light|led|heater|kettle|psu|power|supply|dryer|iron|oven|microwave|vacuum|blender|fan"
_ADJECTIVES = r"(?:的|大功率|小功率|高速|负离子|双口|单口|家用|进口|智能|无线|迷你|白色|黑色|节能|护眼|便携|车载|[a-z]{2,8}(?=[\u4e00-\u9fff])| )"
_WATTS = re.compile(rf"{_ADJECTIVES}{{0,3}}(?:{_DEVICE})| ?(?:[a-z]+ )?(?:{_DEVICE_EN})(?![a-z])")
_POWER_BEFORE = re.compile(r"(?:功率|瓦数|power|wattage)(?:有|是|为|达|只有|高达|[ :]){0,3}$")
_DEVICE_BEFORE = re.compile(
    r"(?:吹风|吹风机|[灯炉锅壶扇]|灯泡|充电[器头宝]|适配器|烤箱|取暖[器机]|[热暖][风水][机器]|电源|熨斗|吸尘器|小太阳)(?:是|的|要|有| ){0,2}$"
)
_RESOLUTION = re.compile(
    r" ?(?:超?高清|超清|蓝光|分辨率|画质|的?(?:电视|屏|显示器|视频|摄像|摄影|投影|相机|盒子)|金|白金|玫瑰金|黄金|的?(?:项链|戒指|手镯|手链|耳环)"
    r"|(?: ?(?:tv|monitor|screen|video|display|resolution|camera|gold|ring|necklace|run|race))(?![a-z]))"
)
_DATA = re.compile(r" ?的?(?:宽带|光纤|光宽|网速|网络|网|流量|带宽|内存|文件|空间|安装包|broadband|internet|fiber|fibre|file)")
_FUEL_BEFORE = re.compile(r"加(?:了|满|过|的)?油?$")
_FUEL = re.compile(r"[号#]?(?:汽油|柴油|乙醇|的?油(?!费|卡|钱))")
_GRADES = frozenset("0 89 90 92 93 95 97 98".split())

#: Names of counted things before the number: 粉丝五万, 步数20000, 积分50000.
_MEASURE_BEFORE = re.compile(
    r"(?:粉丝[数量]?|关注数?|步数|积分|集分宝|里程数?|播放[量数]?|阅读[量数]|浏览[量数]|点赞数?|获赞|经验值?|信用分|芝麻分|能量|排队?到?|取号|年龄|身高|体重|容量|像素|电量|销量|人数|字数|评分"
    r"|followers|steps|points|views|likes|mileage|megapixels)(?:有|是|为|达到?|已经?|都|才|只有|共|[ :]){0,3}$"
)


def is_measured(text: str, start: int, end: int, core: str) -> bool:
    """Is the number `core` at ``text[start:end]``, which has no currency, a count or a measure of something?"""
    after = text[end : end + 16]
    if COUNTER.match(text, end):
        return True
    ahead = text[max(0, start - 14) : start]
    if _MEASURE_BEFORE.search(ahead):
        return True
    last = core[-1]
    if last == "w" and (_WATTS.match(after) or _POWER_BEFORE.search(ahead) or _DEVICE_BEFORE.search(ahead)):
        return True
    if last == "k" and core[:-1].isdigit() and _RESOLUTION.match(after):
        return True
    if last == "m" and (_DATA.match(after) or (len(core) > 3 and "\u4e00" <= after[:1] <= "\u9fff")):
        return True  # in a Chinese sentence 3000m is a speed, a length or a size, not three thousand million
    if core in _GRADES:
        return bool(_FUEL.match(after)) or bool(re.search(r"加油$", ahead)) or (after[:1] in ("号", "#"))
    return False


# --- an amount that only selects records -----------------------------------------------------

_BEYOND_BEFORE = re.compile(
    r"(?:大于|超过|高于|多于|不低于|不少于|大于等于|满|[>≥]|over|above|more than|greater than|larger than|at least|exceeding)(?:等于)?[= ¥]{0,2}$"
)
_BEYOND_AFTER = re.compile(r" ?(?:元|块钱?|人民币|yuan)? ?(?:以上|及以上|以下|以内|or more|and above|and up)")
_RECORDS = r"账单|记录|明细|流水|(?:每一?笔)?(?:交易|转账|支出|消费|收入|付款|订单)(?!没|未|失败)|transactions|payments|records|transfers|bills|entries|orders"
_RECORDS_AFTER = re.compile(
    rf" ?(?:元|块钱?|人民币|yuan)? ?(?:以上|及以上|以下|以内)?的?(?:所有|全部|每一?笔)?[^,。;!?]{{0,4}}?(?:{_RECORDS})"
)
_RECORDS_BEFORE = re.compile(rf"(?:{_RECORDS})[^,。;!?]{{0,16}}$")
#: Words that always select records; the words of `_SELECT` can also look for one payment.
_FILTER = re.compile(r"筛选|筛查|筛|过滤|(?<![a-z])filter(?![a-z])")
_SELECT = re.compile(
    r"筛选|筛查|过滤|怎么看|在哪[里儿]?看|只想看|查找|查看|查询|怎么查|如何查|哪里查|搜索|搜|导出|列出|显示|只看|(?<![a-z])(?:filter|search|find|show|list|see|view|export|look up)(?![a-z])"
)
_LOST = re.compile(
    r"没到|未到|失败|被骗|被盗|不见|没收到|到不了|骗|盗|那一?笔|这一?笔|(?<![a-z])(?:not arrived|failed|stolen|scam|missing|lost)"
)


def selects_records(text: str, start: int, end: int) -> bool:
    """Does the amount only select records: 怎么筛选5万以上的账单, transactions over 50,000?"""
    before = text[max(0, start - 40) : start]
    if not (_BEYOND_BEFORE.search(before) or _BEYOND_AFTER.match(text, end)):
        return False
    after = text[end : end + 24]
    around = before + after
    if _LOST.search(around):
        return False
    if _FILTER.search(around):
        return True
    records = _RECORDS_AFTER.match(after)
    if not (records or _RECORDS_BEFORE.search(before)):
        return False
    # "5万以上的交易" alone names records and does not report a transaction.
    if records and not before.strip() and not after[records.end() :].strip(" 。.!！?？吗呢"):
        return True
    return bool(_SELECT.search(around))
