"""The words and letters that distinguish languages (`language.recognition`)."""

from __future__ import annotations

from typing import Dict, FrozenSet, Tuple


def _words(text: str) -> FrozenSet[str]:
    return frozenset(text.split())


#: Function words of English sentences, without syllables of pinyin.
ENGLISH_GRAMMAR = _words("""
    i i'm i've i'd i'll im ive my mine myself the this that these those is was were are am been being be it it's its of and or
    but not do does did don't doesn't didn't dont doesnt didnt have has had haven't hasn't how what when where which who why with
    without from for into onto your you're they they're them their there here she his her our we we're us if then would could
    should will won't can't cant cannot couldn't wasn't isn't isnt aren't someone somebody anyone please already still never just
    what's where's how's that's because about after before again than very much many some something nothing everything
    """)
#: Function words that are also syllables of pinyin, and international abbreviations: alone they are no evidence.
BOTH_ENGLISH_AND_PINYIN = _words(
    "a an he me to can you so go men long bang pin app sms otp ok hi no yes on in at as by up out off"
)
#: Words of customers of a wallet.
ENGLISH_WORDS = _words("""
    thanks thank sorry hello hey none now stranger help account accounts money card cards bank wallet payment payments paid pay
    paying transfer transferred transfers sent send sending receive received refund refunds refunded charge charged charges twice
    stolen stole steal hacked hack scam scammed scammer fraud lost lose missing phone mobile number code codes password login log
    logged logging verify verified verification wrong failed fail fails error need needs want wants lock locked frozen freeze
    unfreeze unlock block blocked report problem issue agent human person people talk speak customer service support stop cancel
    cancelled canceled open close closed delete remove change changed update reset forgot forgotten forget top withdraw withdrawal
    withdrew deposit balance bill bills fee fees limit limits coupon coupons points reward rewards voucher order orders receipt
    invoice merchant shop seller store buy bought purchase item goods delivery working work works broken crash crashes crashed
    slow loading load install download bind link linked unlink add identity id name email address photo face scan qr
    expired expire invalid declined decline rejected reject pending stuck waiting wait late delayed delay arrive arrived
    today yesterday tomorrow week weeks month months day days hour hours minute minutes year time times right away soon
    new old other another every all any more less only also too first last next back get got getting give gave take took taken
    make made see saw show shows showing say says said tell told know think find found call called ask asked try tried use used
    using let put keep keeps happened happen happens going gone come came went look looking real really actually
    credit debit cash loan repay repayment autopay subscription automatic unauthorized unauthorised suspicious strange unknown
    transaction transactions statement history record records statements currency exchange rate abroad overseas travel
    screen message messages text notification notifications device iphone android wifi network internet contact hotline
    friend mother father mom dad son daughter husband wife boss police wrong urgent urgently emergency immediately asap quickly
    don know unable able cannot without dispute complaint complain manager supervisor good bad great nice best worst
    pls plz theft thief robbed robbery cheated tricked blackmail blackmailed phishing fraudster scammers hacker hijacked
    compromised breached impersonated chargeback overcharged deducted reversed suspended banned restricted disabled
    representative operator live staff duplicate insufficient solved unsolved
    password passcode reset unrecognised unrecognized mistake mistaken incorrect
    """)
#: Words that Chinese messages also contain, or that customers copy from a screen: products, codes, courtesies, single words of
#: buttons. A message of only such words is no evidence.
NOT_TELLING_ALONE = _words("""
    app ok okay vip svip otp etc wifi wi fi id qr sms pin cvv kyc ai pc ui bug vpn sim nfc pos atm usd cny rmb hkd eur gbp iphone
    ipad ios android apple google huawei xiaomi samsung visa mastercard unionpay paypal wechat alipay pay wallet card cards cash
    bank email mail code codes error network system timeout unknown invalid request server loading link face scan address photo
    device internet phone mobile number name time new best top now back next first last another other open close only all day
    months month year text message call shop store seller order orders points coupon coupons real less more right soon
    thanks thank thx hello hi hey sorry good bad great nice bye yes no please very much worst get got let put make take see say
    use used using using show made item limit cancel update add download install
    """)
#: Words of ENGLISH_WORDS that can be split into syllables of pinyin and are not used as pinyin.
ENGLISH_THOUGH_SYLLABLES = _words("human change")
#: Two of these words may be copied from a screen by a Chinese customer, a product's name, or an international courtesy.
SAYS_LITTLE = _words("""
    thanks thank sorry hello hey good bad great nice payment failed fail error code codes network invalid unknown request timeout
    system pending rejected wallet bank card pay credit debit iphone android qr id scan login password email wifi internet
    new real service now top time call name number phone mobile store shop store visa transfer verification verify account
    balance open close cancel loading update message order all best back day only text face link add
    """)

#: Common Chinese words in Latin letters.
PINYIN_WORDS = _words("""
    wo ni nin ta de le ma ne ba bu mei meiyou you shi zai bei ba gei dao qu lai qian zhuan kan zhao yao xiang hui neng keyi zen
    zenme zenmeyang me shenme shen weishenme wei nage zhege zhe na ge qing wen qingwen hao nihao ren gong rengong kefu ke fu ka
    yinhang yinhangka yin hang hang zhanghao zhanghu zhang hu mima mi ma yanzhengma yan zheng shouji shou ji denglu deng lu
    zhuanzhang zhuanqian tixian ti xian chongzhi chong zhi tuikuan tui kuan fukuan fu kuan qianbao bao dingdan kaitong kai tong
    bangding bang ding jiebang youhuiquan jifen piaoju zhangdan dan diu diule beidao dao piao pian pianle beipian le shibai
    shoubudao shou budao bing dongjie jiedong dong jie xiugai gai wangji wang dianhua hao ma haoma duoshao duo shao jiu yijing
    xianzai jintian zuotian mingtian weixin zhifubao bangwo bang wode nide tade women tamen dajia xiexie xie bangzhu chucuo
    """)

_BY_INITIAL = {
    "b": "a o ai ei ao an en ang eng i ie iao ian in ing u",
    "p": "a o ai ei ao ou an en ang eng i ie iao ian in ing u",
    "m": "a o e ai ei ao ou an en ang eng i ie iao iu ian in ing u",
    "f": "a o ei ou an en ang eng u",
    "d": "a e ai ei ao ou an en ang eng ong i ia ie iao iu ian ing u uo ui uan un",
    "t": "a e ai ao ou an ang eng ong i ie iao ian ing u uo ui uan un",
    "n": "a e ai ei ao ou an en ang eng ong i ie iao iu ian in iang ing u uo uan v ve",
    "l": "a e ai ei ao ou an ang eng ong i ia ie iao iu ian in iang ing u uo uan un v ve",
    "g": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "k": "a e ai ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "h": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "j": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "q": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "x": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "zh": "a e i ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "ch": "a e i ai ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "sh": "a e i ai ei ao ou an en ang eng u ua uo uai ui uan un uang",
    "r": "e i ao ou an en ang eng ong u uo ui uan un",
    "z": "a e i ai ei ao ou an en ang eng ong u uo ui uan un",
    "c": "a e i ai ao ou an en ang eng ong u uo ui uan un",
    "s": "a e i ai ao ou an en ang eng ong u uo ui uan un",
    "y": "a e ao ou an in ang ing ong i u ue uan un",
    "w": "a o ai ei an en ang eng u",
    "": "a o e ai ei ao ou an en ang er",
}
PINYIN_SYLLABLES = frozenset(initial + final for initial, finals in _BY_INITIAL.items() for final in finals.split())

#: Characters of written Cantonese that standard Chinese does not have.
CANTONESE = frozenset("嘅咗喺冇佢哋啲嗰嚟俾嘢咁噉乜嘥攞唔")

#: Language, its letters as words, and the fewest letters of a sentence. The first match counts.
FOREIGN_LETTERS: Tuple[Tuple[str, str, int], ...] = (
    ("ko", r"[\uac00-\ud7a3]{2,}|(?<=[\uac00-\ud7a3] )[\uac00-\ud7a3]", 5),
    ("th", r"[\u0e01-\u0e3a\u0e40-\u0e4e]{2,}", 7),
    ("ru", r"[\u0400-\u04ff]{2,}", 8),
    ("ar", r"[\u0620-\u064a\u0671-\u06d3]{2,}", 7),
    # Devanagari to Malayalam, Sinhala; Lao, Tibetan, Myanmar, Georgian; Ethiopic; Khmer; Greek, Hebrew, Armenian.
    ("und", r"[\u0370-\u03ff\u0531-\u05ea\u0900-\u0dff\u0e81-\u10ff\u1200-\u139f\u1780-\u17ff]{2,}", 8),
)
#: Function words of a language, and letters that only this language has; words that are also English are left out.
FOREIGN_WORDS: Dict[str, Tuple[FrozenSet[str], str]] = {
    "es": (
        _words("""
        el la los las un una mi mis su sus de del que no se me te lo le en con por para pero como cómo qué donde dónde cuando
        cuándo cuanto cuánto está esta este estoy es son fue ha he han hay puedo puede quiero necesito tengo tiene hola gracias
        ayuda cuenta tarjeta dinero pago mi ya muy mas más desde hasta porque todavía aún favor hice hacer llegó llega recibido
        transferencia contraseña teléfono robado robaron perdí sin al y o funciona
        """),
        "ñ¿¡",
    ),
    "pt": (
        _words("""
        o os as um uma meu minha meus minhas seu sua do da dos das que não nao se em no na com por para mas como onde quando quanto
        está esta estou é foi são tem tenho posso pode quero preciso olá ola obrigado obrigada ajuda conta cartão cartao dinheiro
        pagamento já muito mais desde até porque ainda eu você voce meu senha fui roubado caiu chegou recebi isso de e
        """),
        "ãõ",
    ),
    "fr": (
        _words("""
        le la les un une des du de mon ma mes votre vos son sa ses que qui ne pas je j'ai j'ai n'ai c'est est suis ai été ete il
        elle nous vous ce cette dans en avec pour par mais comment où quand combien pourquoi puis peux peut veux besoin bonjour
        merci aide compte carte argent paiement déjà très plus depuis toujours n'est n'arrive d'argent l'argent et sur mot passe
        au aux reçu volé perdu s'il plaît plait fonctionne
        """),
        "êèœ",
    ),
    "de": (
        _words("""
        der die das den dem ein eine einen mein meine meinen meiner ihr ihre ich mich mir sie wir es ist bin sind war wurde wird
        habe hat haben nicht kein keine und oder aber wie was wo wann warum wieviel kann können möchte brauche hallo danke bitte
        hilfe konto karte geld zahlung schon noch sehr mehr seit bis auf für mit von zu nach bei vom zum funktioniert passwort
        überweisung gestohlen verloren geht mehr
        """),
        "ßäöü",
    ),
    "it": (
        _words("""
        il lo gli un una mio mia miei mie suo sua del della dei che non si mi ti in con per ma come dove quando quanto perché perche
        è sono stato stata ho ha posso può voglio bisogno ciao grazie aiuto conto carta soldi denaro pagamento già molto più dal
        ancora questo questa di la e al funziona arrivato ricevuto rubato perso password
        """),
        "ìò",
    ),
    "id": (
        _words("""
        saya aku anda kamu kami kita yang tidak tak nggak gak belum sudah telah bisa boleh mau ingin perlu tolong bagaimana gimana
        kenapa mengapa apa kapan dimana mana berapa ini itu dan atau tapi dengan untuk dari ke di pada dalam akun akaun kartu kad uang
        wang duit pembayaran bayaran saldo baki masuk keluar hilang dicuri ditipu transfer kata sandi laluan terima kasih masih ada
        adalah telefon nomor nombor saldo sampai kembali mohon
        """),
        "",
    ),
    "vi": (
        _words("""
        tôi mình em anh chị không chưa đã được bị của và là có thì mà này cho từ vào ra làm sao thế nào khi bao giờ để tại tài
        khoản thẻ tiền mã xác minh mật khẩu rút chuyển nạp hoàn giúp với xin chào cảm ơn lỗi khóa khoá mất nhận gửi ngân hàng
        toi khong chua duoc bi cua tai khoan lam tien mat khau giup
        """),
        "đơưăạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹ",
    ),
    # Dutch, Turkish, Polish, Tagalog, Hindi in Latin letters: rare, so they share a name.
    "und": (
        _words("""
        ik kan niet het een mijn geld rekening wachtwoord heb hebben wordt hoe waarom betaling nog geen ontvangen inloggen mij ook
        hesabım hesabıma param giriş yapamıyorum kartım çalındı nasıl neden gelmedi şifremi unuttum bir için değil yardım lütfen
        nie mogę się moje moja mój pieniądze pieniędzy konto jak dlaczego zalogować hasło jest przelew doszły została
        hindi ang pera aking mga paano bakit po wala pa kailangan nawala mera meri mere paisa nahi nahin hai kya kaise aaya gaya
        """),
        "ğışłąęćżź",
    ),
}
#: Calls for help and words for theft or fraud, as the complete message or a part of it, without accents: a victim writes two
#: words, which are not a sentence by the lists above. No entry is English, pinyin, or a name.
FOREIGN_DISTRESS: Dict[str, Tuple[str, ...]] = {
    "es": (
        "me robaron",
        "me han robado",
        "me estafaron",
        "me han estafado",
        "fui estafado",
        "fui estafada",
        "me hackearon",
        "ayuda",
        "ayudame",
        "ayudenme",
        "socorro por favor",
        "es una estafa",
        "cuenta hackeada",
    ),
    "pt": (
        "fui enganado",
        "fui enganada",
        "fui roubado",
        "fui roubada",
        "fui hackeado",
        "fui hackeada",
        "me roubaram",
        "me enganaram",
        "cai num golpe",
        "cai em um golpe",
        "cai no golpe",
        "ajuda",
        "me ajuda",
        "me ajudem",
        "socorro",
        "fui burlado",
        "fui burlada",
    ),
    "fr": (
        "je me suis fait arnaquer",
        "je me suis fait voler",
        "je me suis fait pirater",
        "arnaque",
        "on m a vole",
        "on m a arnaque",
        "au secours",
        "aidez moi",
        "aide moi",
        "compte pirate",
    ),
    "de": (
        "ich wurde betrogen",
        "ich wurde bestohlen",
        "ich wurde gehackt",
        "ich bin betrogen worden",
        "betrogen",
        "hilfe",
        "bitte helfen",
        "helfen sie mir",
        "konto gehackt",
        "geld gestohlen",
    ),
    "it": (
        "mi hanno truffato",
        "mi hanno rubato",
        "mi hanno derubato",
        "sono stato truffato",
        "sono stata truffata",
        "aiuto",
        "aiutatemi",
        "mi aiuti",
        "conto hackerato",
    ),
    "id": (
        "saya ditipu",
        "saya kena tipu",
        "saya tertipu",
        "aku ditipu",
        "kena tipu",
        "ditipu",
        "kena scam",
        "tolong",
        "tolong saya",
        "uang dicuri",
        "duit dicuri",
        "akun dibobol",
    ),
    "vi": (
        "giup toi",
        "giup minh",
        "cuu toi",
        "bi lua",
        "bi lua dao",
        "toi bi lua",
        "bi hack",
        "mat tien",
        "lua dao",
    ),
    # Turkish, Dutch, Polish, Tagalog.
    "und": (
        "dolandirildim",
        "dolandirici",
        "yardim",
        "yardim edin",
        "param calindi",
        "hesabim calindi",
        "ik ben opgelicht",
        "opgelicht",
        "ik ben bestolen",
        "help mij",
        "oszukano mnie",
        "zostalem oszukany",
        "zostalam oszukana",
        "pomocy",
        "ratunku",
        "na scam ako",
        "tulungan",
        "tulong",
        "tulungan nyo ako",
        "ninakawan ako",
    ),
}
