"""Which language a customer writes in (language/recognition.py); the desk's environment runs the same tables."""

from __future__ import annotations

import time

import pytest

from language.recognition import is_foreign, language_of, tag_of, written_as
from language.vocabulary import FOREIGN_DISTRESS

TABLE = {
    "zh": [
        "账号被盗了",
        "转账没到账怎么办",
        "我的card被declined了",
        "app打不开",
        "提示 payment failed 怎么办",
        "wechat里的钱 how",
        "please help 转账失败",
        "iPhone 15 Pro 上收不到验证码",
        "我在seven eleven付款two times",
        "ERR_CONNECTION_TIMED_OUT 这是什么意思",
        "wo de qian bei pian le",
        "zenme kaitong qianbao a wo meiyou yongguo",
        "ni hao zai ma",
        "qing wen zen me ti xian",
        "wo yao zhao ren gong",
        "bu shi wo zhuan de",
        "yanzhengma shou bu dao",
        "qian mei dao zhang",
        "点解我张卡用唔到",
        "买了优の品的券用不了",
        "我买的ポケモン卡没到货",
        "转了500给张伟,他说没收到 (´；ω；`)",
        "客服说 your card was declined by the issuer 这个怎么办",
        "验证码 [验证码] 是别人问我要的",
        "你好",
        "我给韩国的김민수转了钱没到账",
        "密码忘了,email也换了",
        "how do I 提现,怎么弄",
    ],
    "zh-Hant": [
        "帳號被盜了",
        "轉帳未到",
        "我的card被decline了,點算好",
        "我張卡俾人盜咗",
        "點解收唔到驗證碼",
        "請問怎麼儲值",
        "錢包打不開",
        "我的帳戶被凍結,app顯示 error 403",
        "佢呃咗我五千蚊",
        "想轉人工客服",
        "為什麼還沒收到退款",
    ],
    "en": [
        "i think someone hacked my account",
        "My card was charged twice",
        "where is my money",
        "I sent it to the wrong person!!",
        "payment failed but money gone",
        "how do i reset the password",
        "PLEASE HELP I WAS SCAMMED",
        "I don’t recognise this charge",
        "can you help me",
        "lost my phone",
        "card declined",
        "account locked",
        "refund not received",
        "the code [验证码] does not work",
        "my password [密码] was stolen what should i do",
        "someone asked for [验证码] and i gave it",
        "I paid 星巴克 but the order failed",
        "I bought it at 老王烧烤 and was charged twice",
        "I transferred money to 张伟 by mistake",
        "the app says 您的账户已被冻结 and I don't know why",
        "what does “账户异常” mean",
        "how do I fix 转账失败 when it shows up",
        "my café order never came",
        "I sent 500 to José and he has not received it",
        "is the deposit refundable?",
        "my naïve brother clicked a link",
    ],
    "ja": [
        "アカウントが乗っ取られました",
        "カードが使えません",
        "送金したのに届いていません",
        "パスワードを忘れてログインできない",
        "返金はいつですか",
    ],
    "ko": ["계좌이체가 아직 안 됐어요", "카드가 도난당했어요 도와주세요", "비밀번호를 잊어버렸습니다", "환불은 언제 되나요"],
    "vi": ["tôi không nhận được mã xác minh", "Tài khoản của tôi bị khóa", "Thẻ của tôi bị từ chối", "làm sao để rút tiền"],
    "th": ["บัญชีของฉันถูกแฮก", "โอนเงินแล้วแต่ไม่ถึง", "ลืมรหัสผ่านทำอย่างไร"],
    "ru": ["деньги не пришли", "мой аккаунт взломали", "как восстановить пароль", "не приходит код подтверждения"],
    "ar": ["تم اختراق حسابي", "لم تصل الأموال بعد", "كيف أستعيد كلمة المرور"],
    "es": [
        "hola necesito ayuda con mi cuenta",
        "no me llega el código de verificación",
        "mi tarjeta fue rechazada, ¿qué hago?",
        "me robaron el dinero de la cuenta",
        "¿Cómo puedo cambiar mi contraseña?",
    ],
    "fr": [
        "je ne reçois pas le code",
        "ma carte est bloquée depuis hier",
        "mon argent n'est pas arrivé sur le compte",
        "comment changer mon mot de passe",
    ],
    "de": [
        "ich kann mich nicht anmelden",
        "meine Karte wurde gesperrt",
        "das Geld ist nicht angekommen",
        "wie kann ich mein Passwort ändern",
    ],
    "pt": ["não consigo entrar na minha conta", "meu cartão foi bloqueado", "o dinheiro ainda não caiu na minha conta"],
    "it": ["non riesco ad accedere al mio conto", "la mia carta è stata bloccata", "dove sono i miei soldi"],
    "id": [
        "saya tidak bisa masuk ke akun",
        "uang saya belum masuk",
        "kenapa transfer saya belum sampai",
        "akaun saya kena hack, tolong",
        "bagaimana nak tukar kata laluan saya",
        "kartu saya hilang tolong blokir",
    ],
    "und": [
        "मेरा खाता हैक हो गया है",
        "ბარათი არ მუშაობს დღეს",
        "ο λογαριασμός μου κλειδώθηκε",
        "ik kan niet inloggen op mijn rekening",
        "nie mogę się zalogować na konto",
        "hesabıma giriş yapamıyorum yardım",
        "mera paisa nahi aaya hai",
        "hindi dumating ang pera ko",
    ],
    None: [
        "",
        " ",
        "12345",
        "¥500",
        "???",
        "👍",
        "😭😭😭",
        "1",
        "嗯",
        "ok",
        "OK!",
        "thanks",
        "thank you",
        "hi",
        "hello",
        "bye",
        "yes",
        "no",
        "iPhone 15 Pro Max",
        "error code E1234",
        "ERR_CONNECTION_TIMED_OUT",
        "0x80070005",
        "TXN20261130ABC",
        "order TX-2023-DE-LA-NO-EN-1 failed",
        "el_de_la.config.log",
        "[验证码]",
        "[卡号 ****1234]",
        "https://example.com/de/la/que",
        "user@example.com",
        "Visa",
        "PayPal",
        "wechat pay",
        # One word, a greeting or a face of another language fetches nobody.
        "hola",
        "merci",
        "gracias",
        "ツ",
        "¯\\_(ツ)_/¯",
        "(ノ｀Д´)ノ",
        "の",
        "café",
        "São Paulo",
        "Müller GmbH",
        "La Roche Posay",
        "El Corte Inglés",
        "Le Labo",
        "de la rosa",
        "Nguyễn Văn An",
        "asdf qwer zxcv",
        "aaa bbb ccc",
        "ddd",
    ],
}


@pytest.mark.parametrize(("language", "text"), [(language, text) for language, texts in TABLE.items() for text in texts])
def test_the_language_of_a_message(language: str | None, text: str) -> None:
    """Advice in an emergency would come in a language that the customer does not read, or a person for a message of Chinese."""
    assert language_of(text) == language


#: Messages of one to five words that are written in one language only.
SHORT = {
    "ru": ["помогите", "украли", "Привет", "спасите!!", "помогите 110", "😭 украли"],
    "ko": ["도와주세요", "안녕", "사기당했어요", "도둑"],
    "ja": ["お金がない", "助けて", "盗まれた", "ありがとう", "詐欺です", "たすけて!", "ヘルプ", "困ってる (´；ω；`)"],
    "th": ["สวัสดี", "ช่วยด้วย", "โดนโกง"],
    "ar": ["ساعدوني", "سرقة"],
    "und": [
        "βοήθεια",
        "मदद",
        "הצילו",
        "დახმარება",
        "dolandırıldım",
        "DOLANDIRILDIM",
        "dolandirildim",
        "yardım edin",
        "pomocy!",
    ],
    "de": ["ich wurde betrogen", "Hilfe!", "Hilfe, betrogen", "Geld gestohlen"],
    "fr": ["je me suis fait arnaquer", "Je me suis fait voler !", "aidez-moi", "on m'a volé", "au secours"],
    "vi": ["giúp tôi", "giup toi", "bị lừa", "tôi bị lừa", "cứu tôi"],
    "id": ["saya ditipu", "tolong", "kena scam"],
    "pt": ["fui enganado", "Fui roubada", "socorro"],
    "es": ["me robaron", "¡me estafaron!", "ayúdame", "me han robado"],
    "it": ["mi hanno truffato", "aiuto!"],
    "en": [
        "scam",
        "hacked",
        "HACKED!!!",
        "refund",
        "refund?",
        "login failed",
        "payment failed",
        "pls help",
        "help",
        "plz help me",
        "stolen",
        "fraud",
        "withdraw",
        "transfer failed",
        "not working",
        "human",
        "dispute",
        "app crashed",
        "card stolen",
        "otp missing",
        "help 😭",
        "wrong transfer",
        "robbed",
        "otp not received",
    ],
    "zh": [
        "救命",
        "被骗了",
        "ok 谢谢",
        "谢谢 (´・ω・`)",
        "好的 ノシ",
        "キタ~ 到账了",
        "奈の茶退款",
        "我喜欢ω",
        "help 被骗了",
    ],
    None: [
        # Faces and cheers.
        "(´・ω・`)",
        "ω",
        "ωω",
        "ノ",
        "ノシ",
        "キタ~",
        "キタ━━━(゚∀゚)━━━!!",
        "(；´Д｀)",
        "ДДД",
        "ಠ_ಠ",
        "ლ(ಠ益ಠლ)",
        "(๑•̀ㅂ•́)و✧",
        "ヽ(´ー`)ノ",
        "(*^▽^*)",
        "オワタ",
        "ㅋㅋㅋ",
        "ㅠㅠ",
        "( ͡° ͜ʖ ͡°)",
        "μ",
        "5μm",
        "ლ(´ڡ`ლ)",
        "(っ˘ω˘ς )",
        "ﾉ",
        # Products, codes, courtesies, names.
        "app",
        "ok",
        "OK ok",
        "vip",
        "VIP",
        "otp",
        "ETC",
        "etc",
        "wifi",
        "WiFi",
        "id",
        "ID",
        "qr code",
        "card",
        "Apple Pay",
        "wechat pay",
        "network error",
        "system error",
        "error code",
        "thx",
        "thank you",
        "hello",
        "pin",
        "kyc",
        "E1234 failed",
        "email",
        "iPhone",
        "login_failed",
        "payment failed 了",
        "payment_failed.png",
        "no",
        "bug",
        "make",
        "name",
        "time",
        "take",
        "Hilfiger",
        "Aiutino",
    ],
}


@pytest.mark.parametrize(("language", "text"), [(language, text) for language, texts in SHORT.items() for text in texts])
def test_the_language_of_a_few_words(language: str | None, text: str) -> None:
    """A victim who cries for help in one word would be refused in Chinese, or a face fetch a person."""
    assert language_of(text) == language


@pytest.mark.parametrize("phrases", FOREIGN_DISTRESS.values(), ids=FOREIGN_DISTRESS)
def test_words_of_distress_are_written_as_they_are_looked_for(phrases: tuple[str, ...]) -> None:
    """A phrase with an accent or a capital would never be found, and a word that is Chinese or English call a person for it."""
    for phrase in phrases:
        assert phrase.isascii()
        assert phrase == phrase.lower()
        assert language_of(phrase) not in ("zh", "en", None)


@pytest.mark.parametrize(
    ("before", "text", "language"),
    [
        ("zh-Hant", "你好", "zh-Hant"),
        ("zh-Hant", "不是我做的", "zh-Hant"),
        ("zh", "你好", "zh"),
        ("en", "你好", "zh"),
        ("ja", "你好", "zh"),
        ("zh-Hant", "账号被盗", "zh"),
        ("zh", "帳號被盜", "zh-Hant"),
        ("zh-Hant", "wo de qian bei pian le", "zh-Hant"),
        ("en", "佢呃我", "zh-Hant"),
        ("zh", "12345", None),
        ("en", "ok", None),
    ],
)
def test_where_both_scripts_have_all_characters_the_conversation_keeps_its_own(
    before: str, text: str, language: str | None
) -> None:
    """A customer of Taiwan would read simplified characters after 你好."""
    assert language_of(text, before) == language


def test_tags_of_decisions() -> None:
    """A decision would name a language outside its contract."""
    assert [tag_of(language) for language in ("zh", "zh-Hant", "en", "ja", "und", None)] == [
        "zh-Hans", "zh-Hant", "en", "other", "other", None,
    ]  # fmt: skip
    assert [is_foreign(language) for language in ("zh", "zh-Hant", "en", None, "ja")] == [False, False, False, False, True]


def test_a_language_that_nobody_writes_is_answered_in_english() -> None:
    """A Vietnamese customer would read Chinese queue notices, or a locale without texts would break the desk."""
    assert [written_as(language) for language in ("zh", "zh-Hant", "en", "vi", None)] == ["zh", "zh-Hant", "en", "en", "zh"]


@pytest.mark.parametrize("piece", ["的", "a ", "зд ", "[", "「", "wo", "đ", "カ", "【", "1"])
def test_long_messages_take_no_longer_than_their_beginning(piece: str) -> None:
    """A message of 4,000 characters would hold up the desk's event loop."""
    language_of(piece)
    started = time.process_time()
    language_of(piece * 4000)
    assert time.process_time() - started < 0.05
