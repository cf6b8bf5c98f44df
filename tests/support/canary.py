"""Clients with unmistakable values in every personal field, and the search for them in bytes.

A value counts as found in whatever case and encoding it shows up: as text, escaped as in JSON,
in UTF-16, in base64 at any of its three alignments.
"""

import base64
import json
import re
from datetime import date
from urllib.parse import quote

from osago_core.application import Application
from osago_core.application.fields.registers import inn_check_digit
from osago_core.application.shape import leaves

_BASE64_BITS, _BYTE_BITS = 6, 8
_COMPANY = 9
_SHORT = 6
"""Fewer characters turn up by chance."""
_BY_CHANCE = 10
"""So many digits may stand in a digest by chance, not between other characters."""
_BEGINNING = 5
_STAMP = re.compile(rb"timestamp=\S+|\b\d{10}\.\d{6} \[")
"""Of our log, and of what Redis says in MONITOR: any six digits come up in there."""
_EMPTY = re.compile(rb"\0{16,}")
"""Pages that were never written."""


def _inn(stem):
    """Of 9 digits a company's, of 10 a person's."""
    first = stem + inn_check_digit(stem)
    return first if len(stem) == _COMPANY else first + inn_check_digit(first)


def _ogrn(stem):
    return stem + str(int(stem) % (len(stem) - 1) % 10)


_ADDRESS = {
    "region": "Чукотский автономный округ",
    "place": "Анадырь",
    "text": "г Анадырь, ул Журавлиная, д 739, кв 9187",
    "postcode": "689741",
    "kladr": "8700000100093",
    "fias": "9d3c7c1e-5b1a-4f0e-8d53-7a64e1f0b9c2",
    "oktmo": "77701683",
}
_HUMAN = {
    "last_name": "Канарейкин",
    "first_name": "Феофилакт",
    "middle_name": "Евлампиевич",
    "birth_date": "1967-11-23",
    "sex": "male",
}
_DRIVER = {
    "last_name": "Зимородкова",
    "first_name": "Аполлинария",
    "middle_name": "Серафимовна",
    "birth_date": "1971-10-19",
    "sex": "female",
    "license": {"series": "87ЕХ", "number": "384917", "issue_date": "2019-07-13"},
    "driving_since": "1993-08-17",
    "kbm_class": "13",
    "previous_license": {
        "series": "87КУ",
        "number": "715938",
        "issue_date": "2009-07-14",
        "last_name": "Свиристелева",
    },
}
_VEHICLE = {
    "category": "B",
    "use": "personal",
    "brand": "LADA",
    "model": "Granta",
    "year": 2020,
    "power_hp": 87,
    "vin": "XTA21901ZKNRYK739",
    "body_number": "KUZOV73918264",
    "chassis_number": "SHASSI83719465",
    "plate": "У739КХ87",
    "document": {"kind": "sts", "series": "87УХ", "number": "593817", "issue_date": "2020-05-13"},
    "diagnostic_card": {"number": "739182645193827", "valid_until": "2027-03-01"},
}

PERSON = {
    "vehicle": _VEHICLE,
    "owner": _HUMAN
    | {
        "kind": "person",
        "passport": {
            "kind": "passport_rf",
            "series": "7719",
            "number": "829173",
            "issue_date": "2012-12-17",
            "issued_by": "ОВД Билибинского района",
            "division_code": "871-739",
        },
        "inn": _inn("8709371846"),
        "address": _ADDRESS,
        "phone": "+79037391846",
        "email": "feofilakt.kanareykin@ptitsa-sinyaya.example",
    },
    "policyholder": {
        "kind": "company",
        "name": "ООО «Говорун и Чибисята»",
        "inn": _inn("870918273"),
        "kpp": "870973916",
        "ogrn": _ogrn("102870091837"),
        "address": _ADDRESS | {"text": "г Анадырь, пер Глухариный, д 846, стр 7391"},
        "phone": "+79647183926",
        "email": "kontora@chibisyata.example",
    },
    "drivers": [_DRIVER],
    "period": {"months": 12},
}
"""A person's car, taken out by a company."""

TRADER = {
    "vehicle": _VEHICLE
    | {"vin": "XTA21901ZSNGRK846", "plate": "Х846УК87"}
    | {"document": {"kind": "epts", "number": "164301038471956", "issue_date": "2020-05-16"}},
    "owner": _HUMAN
    | {
        "kind": "sole_trader",
        "last_name": "Снегирёв",
        "inn": _inn("8701938475"),
        "ogrnip": _ogrn("31787009183746"),
        "passport": {
            "kind": "residence_permit",
            "series": "82УХ",
            "number": "7391846",
            "issue_date": "2015-02-18",
            "issued_by": "УМВД Провиденского района",
            "division_code": "872-846",
        },
        "address": _ADDRESS,
        "phone": "+79837461928",
        "email": "ip.snegiryov@ptitsa-sinyaya.example",
    },
    "policyholder": _HUMAN
    | {
        "kind": "sole_trader",
        "last_name": "Щеглова",
        "first_name": "Епистимия",
        "middle_name": "Варфоломеевна",
        "birth_date": "1969-09-29",
        "inn": _inn("8702847561"),
        "ogrnip": _ogrn("31987009138264"),
        "passport": {
            "kind": "passport_rf",
            "series": "7723",
            "number": "918273",
            "issue_date": "2014-11-14",
            "issued_by": "ОМВД Эгвекинотского района",
            "division_code": "873-918",
        },
        "address": _ADDRESS,
        "phone": "+79147391820",
        "email": "epistimiya@shcheglova.example",
    },
    "drivers": [
        _DRIVER
        | {
            "license": {
                "series": "QZX",
                "number": "KZ7391846",
                "issue_date": "2018-03-21",
                "foreign": True,
            }
        }
    ],
    "period": {"months": 12},
}
"""A sole trader's car, taken out by another one, with a driver from abroad."""

_COMPANYS = {"policyholder.name", "policyholder.kpp", "policyholder.ogrn"}
"""Not personal by law; nobody's business either."""


def forgotten_paths():
    """Personal fields that neither client fills in."""
    filled = {path for client in (PERSON, TRADER) for path, _ in _values(client)}
    return {path for path, place in leaves(Application) if place.personal} - filled


class Search:
    """For every personal value of an application."""

    def __init__(self, *applications):
        personal = _COMPANYS | {path for path, place in leaves(Application) if place.personal}
        values = dict.fromkeys(
            text
            for application in applications
            for path, text in _values(application)
            if path in personal
        )
        values |= dict.fromkeys(_documents(applications))
        self._needles = {}
        """By how they begin: most beginnings occur nowhere, which is known at once."""
        for value in values:
            for form in _forms(value):
                if len(form) >= _SHORT:
                    for needle in _encodings(form):
                        self._needles.setdefault(needle[:_BEGINNING], {})[needle] = value

    def found(self, data: bytes):
        """The values that show up in there, once each."""
        data = _EMPTY.sub(b"", _STAMP.sub(b"", data))
        windows = {data[at : at + _BEGINNING] for at in range(len(data))}
        return sorted(
            {
                value
                for beginning in windows & self._needles.keys()
                for needle, value in self._needles[beginning].items()
                if _in(needle, data)
            }
        )


def _in(needle, data):
    if needle not in data:
        return False
    if len(needle) >= _BY_CHANCE or not needle.isdigit():
        return True
    return re.search(rb"(?<![0-9a-f])" + needle + rb"(?![0-9a-f])", data) is not None


def _values(value, path=""):
    """Every text of it with its path, written as `personal_paths` does."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from _values(inner, f"{path}.{key}".lstrip("."))
        case list():
            for inner in value:
                yield from _values(inner, f"{path}[]")
        case str():
            yield path, value


def _documents(value):
    """Series and number in one."""
    match value:
        case dict():
            if "series" in value:
                yield value["series"] + value["number"]
                yield f"{value['series']} {value['number']}"
            for inner in value.values():
                yield from _documents(inner)
        case list() | tuple():
            for inner in value:
                yield from _documents(inner)


def _forms(value):
    """As it may be written."""
    written = {value}
    try:
        day = date.fromisoformat(value)
    except ValueError:
        written |= {word for word in re.findall(r"\w+", value) if not word.isdigit()}
        written.add(re.sub(r"[\s\-]", "", value))
    else:
        written |= {f"{day:{form}}" for form in ("%d.%m.%Y", "%d/%m/%Y", "%Y%m%d", "%d%m%Y")}
    if re.fullmatch(r"\+7\d{10}", value):
        written |= {value[1:], "8" + value[2:], value[2:]}
    return {case for form in written for case in (form, form.lower(), form.upper())}


def _encodings(text):
    raw = text.encode()
    yield raw
    yield json.dumps(text)[1:-1].encode()
    yield json.dumps(text)[1:-1].upper().replace("\\U", "\\u").encode()
    yield quote(text).encode()
    for charset in ("utf-16-le", "utf-16-be"):
        yield text.encode(charset)
    yield text.encode("cp1251", "replace")
    yield from _base64(raw)


def _base64(raw):
    """What of it stands there wherever it begins within three bytes."""
    for before in range(3):
        coded = base64.b64encode(bytes(before) + raw)
        begin = -(-before * _BYTE_BITS // _BASE64_BITS)
        end = (before + len(raw)) * _BYTE_BITS // _BASE64_BITS
        yield coded[begin:end]
        yield coded[begin:end].translate(bytes.maketrans(b"+/", b"-_"))
