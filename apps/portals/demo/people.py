"""Who banks in the demo: names, towns, employers and shops, all invented, drawn by a seed."""

from dataclasses import dataclass
from random import Random


def _words(text: str) -> list[str]:
    return text.split()


FIRST = _words(
    """
    Achieng Otieno Wanjiku Kamau Njeri Mwangi Atieno Ochieng Nyambura Kariuki Akinyi Odhiambo Wambui Maina Chebet
    Kiprotich Jepkosgei Kipchoge Mutua Mwende Nduku Musyoka Wekesa Nafula Barasa Simiyu Halima Abdi Fatuma Hassan
    Amina Juma Zawadi Baraka Neema Salim Rehema Omondi Awuor Adhiambo Kiplagat Cherono Rotich Wairimu Gathoni
    Njoroge Muthoni Kimani Faith Brian Mercy Kevin Grace Dennis Esther Collins Joyce Victor Purity Felix Lilian
    Samuel Irene Peter Naomi Daniel Ruth
    """
)
LAST = _words(
    """
    Otieno Ochieng Odhiambo Omondi Onyango Okoth Owino Ouma Kamau Mwangi Njoroge Kariuki Maina Kimani Gitau Waweru
    Ndungu Macharia Mutua Musyoka Kilonzo Muli Nzioka Wafula Wekesa Barasa Simiyu Makokha Koech Kiprono Rotich
    Cheruiyot Kiplagat Langat Abdi Hassan Ali Omar Mohamed Juma Salim Charo Kazungu Mwakio Mwangangi Nyongesa Were
    Adhiambo Achieng Nekesa
    """
)
# Names that a page or a PDF could stumble over; real customers have them.
UNUSUAL = [
    "Wanjikũ wa Ngũgĩ",
    "محمد عبد الله",
    "Maximilian Christopher Oluoch Odhiambo wa Nyar-Alego Konyango",
    "Jo Li",
    "O'Brien Njeri-Smith",
    "Ada 🌻 Achieng",
]
EMPLOYERS = [
    "Safi Logistics Ltd",
    "Ziwa Fish Processors",
    "Mlima Tea Growers",
    "Kisumu County Hospital",
    "Pwani Hotels Ltd",
]
LANDLORDS = ["Milimani Court Agencies", "Nyali View Apartments", "Umoja Estate Management"]


@dataclass(frozen=True, slots=True)
class Shop:
    """Where money is spent: the merchant, the category, and what a visit costs (whole shillings, from and to)."""

    name: str
    category: str
    least: int
    most: int


SHOPS = [
    Shop("Naivas, Kisumu", "groceries", 350, 3200),
    Shop("Quickmart, Kilimani", "groceries", 250, 2600),
    Shop("Mama Mboga, Kibuye Market", "groceries", 60, 450),
    Shop("Java House, West End", "eating out", 280, 1400),
    Shop("Kenya Power tokens", "electricity", 200, 1500),
    Shop("Kisumu Water", "water", 250, 900),
    Shop("Rubis, Nakuru Road", "fuel", 500, 3500),
    Shop("Bolt", "transport", 120, 780),
    Shop("Easy Coach", "transport", 600, 1450),
    Shop("Goodlife Pharmacy", "health", 150, 2400),
    Shop("Text Book Centre", "school", 300, 2800),
    Shop("Safaricom airtime", "airtime", 50, 500),
    Shop("Bata, Oginga Odinga Street", "clothes", 700, 3900),
]


@dataclass(frozen=True, slots=True)
class Someone:
    """A person who will join: what they type, what they earn in a month (whole shillings), and who pays them."""

    full_name: str
    phone: str
    id_number: str
    email: str
    language: str
    salary: int
    rent: int
    employer: int


def someone(nth: int, dice: Random) -> Someone:
    """The `nth` person; the first one is Achieng, whom the tour of the bank follows."""
    name = f"{dice.choice(FIRST)} {dice.choice(LAST)}"
    if nth == 0:
        name = "Achieng Otieno"
    elif 0 < nth <= len(UNUSUAL):
        name = UNUSUAL[nth - 1]
    salary = dice.choice([18, 22, 26, 31, 35, 42, 48, 55, 64]) * 1000
    return Someone(
        full_name=name,
        phone=f"+2547{'12' if nth == 0 else dice.choice(['10', '21', '22', '90', '41'])}{nth:06d}",
        id_number=str(21_000_000 + nth * 37),
        email=f"customer{nth}@demo.example" if nth % 3 else "",
        language="sw" if nth % 4 == 1 else "en",
        salary=salary,
        rent=salary * dice.randrange(18, 31) // 10_000 * 100,
        employer=dice.randrange(len(EMPLOYERS)),
    )
