"""Sanctions lists as OFAC (SDN.XML) and the United Nations (consolidated XML) publish them."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from apps.kernel import xml
from apps.kernel.xml import Element
from apps.kyc.rules.matching import Born
from apps.kyc.watchlists.entries import BadList, Entry, ListedAs, ListFile, born, day_of, whole

LARGEST = 200 * 1024 * 1024  # bytes
DEEPEST = 20
MOST = 5_000_000  # elements
_OFAC_KINDS = {"Individual": "PERSON", "Entity": "FIRM"}


def root_of(raw: bytes) -> Element:
    """The root without its namespaces. Raises BadList for what is no XML, is cut off or declares entities."""
    try:
        root = xml.read(raw, largest=LARGEST, deepest=DEEPEST, most=MOST)
    except xml.Unreadable as no:
        raise BadList(str(no)) from no
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def read_ofac(raw: bytes) -> ListFile:
    """OFAC's SDN.XML (sdnList, schema of 2003): entries with aliases, births and the promised count. Raises BadList."""
    root = root_of(raw)
    if root.tag != "sdnList":
        raise BadList(f"its root is {root.tag}, not sdnList")
    published = _american_day(root.findtext("publshInformation/Publish_Date", ""))
    promised = root.findtext("publshInformation/Record_Count", "")
    entries = [_ofac_entry(each) for each in root.iterfind("sdnEntry")]
    return whole(published, entries, int(promised[:9]) if promised.isdecimal() else None)


def _ofac_entry(element: Element) -> Entry:
    names = [ListedAs(_joined(element, "firstName", "lastName"))]
    names += [
        ListedAs(_joined(aka, "firstName", "lastName"), aka.findtext("category") == "weak")
        for aka in element.iterfind("akaList/aka")
    ]
    births = [born(each.findtext("dateOfBirth", "")) for each in element.iterfind("dateOfBirthList/dateOfBirthItem")]
    countries = [each.findtext("country", "") for each in element.iterfind("nationalityList/nationality")]
    return _entry(
        element.findtext("uid", ""),
        _OFAC_KINDS.get(element.findtext("sdnType", ""), "OTHER"),
        names,
        births,
        ", ".join(each.text or "" for each in element.iterfind("programList/program")),
        countries,
        element.findtext("remarks", ""),
    )


def read_un(raw: bytes) -> ListFile:
    """The Security Council's consolidated list: individuals and entities with aliases, also in their own script.

    Raises BadList.
    """
    root = root_of(raw)
    if root.tag != "CONSOLIDATED_LIST":
        raise BadList(f"its root is {root.tag}, not CONSOLIDATED_LIST")
    published = day_of(root.get("dateGenerated", "")[:10])
    people = [_un_entry(each, "INDIVIDUAL", "PERSON") for each in root.iterfind("INDIVIDUALS/INDIVIDUAL")]
    firms = [_un_entry(each, "ENTITY", "FIRM") for each in root.iterfind("ENTITIES/ENTITY")]
    return whole(published, people + firms)


def _un_entry(element: Element, kind: str, is_a: str) -> Entry:
    parts = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
    names = [ListedAs(_joined(element, *parts))]
    if own_script := element.findtext("NAME_ORIGINAL_SCRIPT", "").strip():
        names.append(ListedAs(own_script))
    names += [
        ListedAs(alias.findtext("ALIAS_NAME", "").strip(), alias.findtext("QUALITY", "").lower() == "low")
        for alias in element.iterfind(f"{kind}_ALIAS")
    ]
    births = [_un_born(each) for each in element.iterfind(f"{kind}_DATE_OF_BIRTH")]
    countries = [each.text or "" for each in element.iterfind("NATIONALITY/VALUE")]
    return _entry(
        element.findtext("DATAID", ""),
        is_a,
        names,
        births,
        element.findtext("UN_LIST_TYPE", ""),
        countries,
        element.findtext("COMMENTS1", ""),
    )


def _un_born(element: Element) -> Born | None:
    if day := element.findtext("DATE", ""):
        return born(day[:10])
    years = " to ".join(filter(None, (element.findtext(each, "") for each in ("YEAR", "FROM_YEAR", "TO_YEAR"))))
    about = "circa " if element.findtext("TYPE_OF_DATE", "").upper() == "APPROXIMATELY" else ""
    return born(about + years)


def _entry(
    uid: str,
    kind: str,
    names: list[ListedAs],
    births: list[Born | None],
    programme: str,
    countries: list[str],
    remarks: str,
) -> Entry:
    told = dict.fromkeys(name for name in names if name.text)
    if not uid.strip() or not told:
        raise BadList(f"entry {uid or '?'} has no number or no name")
    return Entry(
        uid=uid.strip(),
        kind=kind,
        names=tuple(told),
        births=tuple(dict.fromkeys(one for one in births if one)),
        programme=programme.strip(),
        countries=tuple(filter(None, (country.strip() for country in countries))),
        remarks=remarks.strip(),
    )


def _joined(element: Any, *parts: str) -> str:
    return " ".join(_said(element, parts))


def _said(element: Any, parts: tuple[str, ...]) -> Iterator[str]:
    for part in parts:
        if text := (element.findtext(part) or "").strip():
            yield text


def _american_day(text: str) -> date | None:
    """`11/20/2026`."""
    found = re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", text.strip())
    return day_of(f"{found[3]}-{found[1]}-{found[2]}") if found else None
