"""People and firms on an invented watch list, and customers of whom it is known who is on it: names only, no one real.

Names are drawn from common ones of several languages, with the script they are written in there. What a customer wrote
differs from the list as it does in life: spelled otherwise, in another order or script, shortened, joined, mistyped.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from apps.kyc.rules.matching import Born


def _words(text: str) -> list[str]:
    return text.split()


ARABIC = {
    "Mohammed": ("محمد", ["Mohamed", "Muhammad", "Mohamad", "Muhamed", "Mahamed"]),
    "Ahmed": ("أحمد", ["Ahmad", "Achmed", "Ahmet"]),
    "Hussein": ("حسين", ["Hussain", "Husayn", "Hossein", "Huseyn"]),
    "Hassan": ("حسن", ["Hasan", "Hassen"]),
    "Ali": ("علي", ["Aly"]),
    "Omar": ("عمر", ["Umar", "Omer"]),
    "Othman": ("عثمان", ["Osman", "Uthman", "Usman"]),
    "Ibrahim": ("إبراهيم", ["Ebrahim", "Ibraheem"]),
    "Yusuf": ("يوسف", ["Yousef", "Youssef", "Yussuf", "Yousuf"]),
    "Abdul Rahman": ("عبد الرحمن", ["Abdirahman", "Abdulrahman", "Abdel Rahman", "Abd al-Rahman", "Abdurrahman"]),
    "Abdullah": ("عبدالله", ["Abdallah", "Abdulla", "Abdulahi"]),
    "Khaled": ("خالد", ["Khalid", "Haled"]),
    "Mustafa": ("مصطفى", ["Mustapha", "Moustafa", "Mostafa"]),
    "Mahmoud": ("محمود", ["Mahmud", "Mahmood"]),
    "Saleh": ("صالح", ["Salih", "Salah"]),
    "Said": ("سعيد", ["Saeed", "Sayid", "Saied"]),
    "Nasser": ("ناصر", ["Nasir", "Naser"]),
    "Qasim": ("قاسم", ["Kassim", "Qassem", "Kasim"]),
    "Jamal": ("جمال", ["Gamal", "Djamal", "Jamaal"]),
    "Farah": ("فرح", ["Farrah", "Faraah"]),
    "Warsame": ("ورسمه", ["Warsama", "Warsameh"]),
    "Ismail": ("إسماعيل", ["Ismael", "Ismaeel", "Esmail"]),
    "Suleiman": ("سليمان", ["Sulaiman", "Suliman", "Soleiman"]),
    "Zubair": ("زبير", ["Zubeyr", "Zubayr"]),
    "Rashid": ("رشيد", ["Rasheed", "Rachid"]),
    "Tariq": ("طارق", ["Tarek", "Tareq", "Tarik"]),
    "Fatima": ("فاطمة", ["Fatma", "Fatimah", "Faduma"]),
    "Aisha": ("عائشة", ["Aysha", "Ayesha", "Aicha"]),
    "Maryam": ("مريم", ["Mariam", "Meryem", "Miriam"]),
    "Haydar": ("حيدر", ["Haider", "Hayder", "Haidar"]),
    "Bashir": ("بشير", ["Basheer", "Bachir"]),
    "Dahir": ("ظاهر", ["Daahir", "Daher", "Zahir"]),
}
RUSSIAN = {
    "Vladimir": ("Владимир", ["Wladimir"]),
    "Sergei": ("Сергей", ["Sergey", "Serguei"]),
    "Yuri": ("Юрий", ["Yury", "Iouri", "Yuriy"]),
    "Aleksandr": ("Александр", ["Alexander", "Aleksander"]),
    "Dmitri": ("Дмитрий", ["Dmitry", "Dmitriy"]),
    "Nikolai": ("Николай", ["Nikolay", "Nicolai"]),
    "Yevgeny": ("Евгений", ["Evgeny", "Evgeniy", "Yevgeniy"]),
    "Shcherbakov": ("Щербаков", ["Scherbakov", "Sherbakov"]),
    "Kuznetsov": ("Кузнецов", ["Kuznecov", "Kouznetsov"]),
    "Tkachenko": ("Ткаченко", ["Tkatchenko"]),
    "Zhukov": ("Жуков", ["Joukov", "Zukov"]),
    "Volkov": ("Волков", ["Wolkow"]),
    "Sokolov": ("Соколов", ["Sokoloff"]),
    "Morozov": ("Морозов", ["Morozoff"]),
    "Baranov": ("Баранов", ["Baranow"]),
    "Timchuk": ("Тимчук", ["Tymchuk"]),
    "Orlov": ("Орлов", ["Orloff"]),
    "Lebedev": ("Лебедев", ["Lebedeff"]),
    "Fyodorov": ("Фёдоров", ["Fedorov"]),
    "Belyaev": ("Беляев", ["Beliaev"]),
    "Gusev": ("Гусев", ["Goussev"]),
    "Chernyshov": ("Чернышов", ["Chernyshev"]),
    "Golubev": ("Голубев", ["Goloubev"]),
    "Yakovlev": ("Яковлев", ["Iakovlev"]),
    "Savchenko": ("Савченко", ["Savtchenko"]),
    "Polyakov": ("Поляков", ["Poliakov"]),
    "Rybakov": ("Рыбаков", []),
    "Stepanov": ("Степанов", ["Stepanoff"]),
    "Trofimov": ("Трофимов", []),
    "Ulyanov": ("Ульянов", ["Oulianov"]),
}
CHINESE_FAMILY = {
    "Wang": ("王", ["Wong"]), "Zhang": ("张", ["Chang"]), "Li": ("李", ["Lee"]), "Chen": ("陈", ["Chan"]),
    "Liu": ("刘", ["Lau"]), "Zhao": ("赵", ["Chao"]), "Huang": ("黄", ["Hwang"]), "Zhou": ("周", ["Chou"]),
    "Wu": ("吴", ["Ng"]), "Xu": ("徐", ["Hsu"]), "Sun": ("孙", []), "Ma": ("马", []), "Zhu": ("朱", ["Chu"]),
    "Guo": ("郭", ["Kuo"]), "Lin": ("林", ["Lim"]), "Gao": ("高", ["Kao"]),
}  # fmt: skip
CHINESE_GIVEN = {
    "Xiao": "小", "Ming": "明", "Jian": "建", "Guo": "国", "Wei": "卫", "Dong": "东", "Qiang": "强", "Hai": "海",
    "Yan": "燕", "Zhen": "振", "Hua": "华", "Xue": "雪", "Feng": "峰", "Li": "丽", "Jun": "军", "Ping": "平",
    "Hong": "红", "Lei": "雷", "Tao": "涛", "Bo": "波", "Yong": "勇", "Gang": "刚", "Chun": "春", "Rong": "荣",
}  # fmt: skip
KENYAN_FIRST = _words(
    "John Mary Peter Grace James Faith Joseph Mercy David Jane Daniel Esther Samuel Lucy Brian Purity Kevin Joyce "
    "Stephen Ann Dennis Beatrice Moses Caroline Collins Eunice Victor Lilian Felix Agnes Alex Naomi Paul Ruth "
    "Emmanuel Rose Evans Diana George Winnie"
)
KENYAN_LAST = _words(
    "Kamau Wanjiku Otieno Achieng Mwangi Njeri Ochieng Akinyi Kiprotich Chebet Mutua Mwende Omondi Atieno Kariuki "
    "Wambui Kiplagat Jepkosgei Musyoka Nduku Odhiambo Adhiambo Njoroge Nyambura Koech Cherono Wekesa Nekesa Simiyu "
    "Barasa Onyango Auma Kimani Wairimu Cheruiyot Rotich Kilonzo Muthoni Gitau Waweru Maina Nyokabi Owino Okoth "
    "Wafula Makokha Kibet Langat Kosgei Korir Ngugi Karanja Ndungu Macharia Githinji Kinyua Muriuki Mureithi "
    "Gichuru Chepkemoi Jeptoo Kipkemboi Kiptoo Lagat Tanui Bett Sang Mutai Ruto Ngetich Mbugua Kuria Kagwe Munyua "
    "Gathogo Nzomo Kioko Mumo Katana Charo Kazungu Baya Mwakio Mghoi Oduor Ouma Okello Awuor Anyango Adongo Opiyo "
    "Odongo"
)
FIRM = _words(
    "Zenith Nile Karibu Falcon Sahara Ocean Mountain Golden Lion Savanna Delta Horizon Summit Baobab Acacia Coral "
    "Kilima Simba Twiga Nyota Jua Bahari Mto Almasi Orion Petra Phoenix Safina Taifa Ujamaa Vega Wazito Yadini "
    "Zamzam Azania Boma Chui Duma Emerald Faru Granite Harambee Ivory Jasiri Kifaru Lulu Marula Nuru Onyx Pamoja"
)
TRADE = _words("Trading Shipping Logistics Holdings Construction Enterprises Foundation Bank Industries")
FORM = _words("Ltd Limited Corp Company LLC FZE Co")


@dataclass(frozen=True, slots=True)
class Listed:
    """One party of the list: its first name is the one it is known by."""

    names: tuple[str, ...]
    births: tuple[Born, ...] = ()


@dataclass(frozen=True, slots=True)
class Customer:
    """What a customer wrote; `is_listed` is the place on the list, `how` what was altered."""

    name: str
    born: date | None
    is_listed: int | None = None
    how: str = ""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Somebody's words, how they are written at home, and each word with its other spellings. Firms have no home."""

    words: tuple[str, ...]
    native: str
    others: tuple[tuple[str, ...], ...]


def made(
    seed: int = 7, listed: int = 1_500, matching: int = 1_200, others: int = 12_000
) -> tuple[list[Listed], list[Customer]]:
    """The list and the customers, the same each time for one `seed`."""
    chance = random.Random(seed)
    drawn = [_firm(chance) if nth % 6 == 5 else _person(chance) for nth in range(listed)]
    parties = [Listed(tuple(_names(one, chance)), tuple(_births(chance)) if len(one.native) else ()) for one in drawn]
    customers = []
    for _nth in range(matching):
        at = chance.randrange(listed)
        customers.append(_themselves(drawn[at], parties[at], at, chance))
    for _nth in range(others):
        stranger = _firm(chance) if chance.random() < 0.05 else _person(chance, kenyan=0.6)
        customers.append(Customer(_shown(stranger, chance), _day(chance) if stranger.native else None))
    return parties, customers


def _person(chance: random.Random, kenyan: float = 0.2) -> _Drawn:
    if chance.random() < kenyan:
        words = (chance.choice(KENYAN_FIRST), *chance.sample(KENYAN_LAST, 2))
        return _Drawn(words, " ".join(words), tuple((word,) for word in words))
    if chance.random() < 0.25:
        return _chinese(chance)
    table, words = RUSSIAN, (chance.choice(list(RUSSIAN)[:7]), chance.choice(list(RUSSIAN)[7:]))
    if chance.random() < 0.7:
        table, words = ARABIC, tuple(chance.sample(list(ARABIC), 3 + (chance.random() < 0.3)))
    return _Drawn(words, " ".join(table[word][0] for word in words), tuple((word, *table[word][1]) for word in words))


def _chinese(chance: random.Random) -> _Drawn:
    family, (one, two) = chance.choice(list(CHINESE_FAMILY)), chance.sample(list(CHINESE_GIVEN), 2)
    written, others = CHINESE_FAMILY[family]
    given = (one + two.lower(), f"{one} {two}", f"{one}-{two}")
    native = written + CHINESE_GIVEN[one] + CHINESE_GIVEN[two]
    return _Drawn((family, given[0]), native, ((family, *others), given))


def _firm(chance: random.Random) -> _Drawn:
    words = (*chance.sample(FIRM, 2), chance.choice(TRADE), chance.choice(FORM))
    return _Drawn(words, "", tuple((word,) for word in words))


def _names(one: _Drawn, chance: random.Random) -> list[str]:
    names = [" ".join(one.words)]
    if chance.random() < 0.3:
        names.append(" ".join(chance.choice(words) for words in one.others))
    return names


def _day(chance: random.Random) -> date:
    return date(1945, 1, 1) + timedelta(days=chance.randrange(21_900))


def _births(chance: random.Random) -> list[Born]:
    day, kind = _day(chance), chance.random()
    if kind < 0.15:
        return []
    return [Born(day.year, give_or_take=2)] if kind < 0.3 else [Born(day.year, day)]


def _themselves(one: _Drawn, listed: Listed, at: int, chance: random.Random) -> Customer:
    words = [chance.choice(same) for same in one.others] if chance.random() < 0.5 else list(one.words)
    how = chance.choice(OF_PEOPLE if one.native else OF_FIRMS)
    name = one.native if how == "script" else ALTERED[how](words, chance)
    return Customer(name, _same_birth(listed.births, chance), at, how)


def _same_birth(births: tuple[Born, ...], chance: random.Random) -> date | None:
    if not births or chance.random() < 0.05:
        return None
    known = births[0]
    day = known.on or date(known.year, 1, 1) + timedelta(days=chance.randrange(365))
    return day.replace(year=day.year + 1, day=min(day.day, 28)) if chance.random() < 0.05 else day


def _shown(one: _Drawn, chance: random.Random) -> str:
    if one.native and chance.random() < 0.1:
        return one.native
    return " ".join(chance.choice(same) for same in one.others)


def _mistyped(words: list[str], chance: random.Random) -> str:
    at = max(range(len(words)), key=lambda nth: (len(words[nth]), chance.random()))
    word, nth = words[at], chance.randrange(1, len(words[at]))
    other = chance.choice("abcdefghijklmnopqrstuvwxyz")
    changed = chance.choice(
        [
            word[:nth] + word[nth + 1 :],
            word[:nth] + other + word[nth:],
            word[:nth] + other + word[nth + 1 :],
            word[: nth - 1] + word[nth] + word[nth - 1] + word[nth + 1 :],
        ]
    )
    return " ".join([*words[:at], changed, *words[at + 1 :]])


def _shuffled(words: list[str], chance: random.Random) -> str:
    return " ".join(chance.sample(words, len(words)))


def _shorter(words: list[str], chance: random.Random) -> str:
    return " ".join([words[0], *words[2:]] if len(words) > 2 else words)


def _initial(words: list[str], chance: random.Random) -> str:
    at = 1 if len(words) > 2 else 0
    return " ".join([*words[:at], words[at][0] + ".", *words[at + 1 :]])


def _joined(words: list[str], chance: random.Random) -> str:
    return (
        "-".join(words[:2]) + " " + " ".join(words[2:])
        if chance.random() < 0.5
        else "".join(words[:2]) + " " + " ".join(words[2:])
    )


def _titled(words: list[str], chance: random.Random) -> str:
    return f"{chance.choice(['Dr.', 'Sheikh', 'Eng.', 'Haji', 'MRS'])} {' '.join(words)}".upper()


def _with_form(words: list[str], chance: random.Random) -> str:
    return " ".join([*words[:-1], chance.choice(FORM)]).upper()


ALTERED: dict[str, Callable[[list[str], random.Random], str]] = {
    "mistyped": _mistyped,
    "order": _shuffled,
    "shorter": _shorter,
    "initial": _initial,
    "joined": _joined,
    "titled": _titled,
    "form": _with_form,
    "script": _shuffled,
}
OF_FIRMS = ["mistyped", "order", "form"]
OF_PEOPLE = [how for how in ALTERED if how != "form"]
