"""The shipped territories with KLADR and OKTMO codes of every listed place, as an own folder has.

A few codes are the real ones, the others are made up: of the right form, each of them once.
"""

import json
import shutil
import tempfile
from itertools import count
from pathlib import Path

from osago_core.tariff import TariffBook
from osago_core.tariff.book import SHIPPED

REAL = {
    "Альметьевск": ("1600800100000", "92608101001"),
    "Елабуга": ("1601900100000", "92626101001"),
    "Казань": ("1600000100000", "92701000001"),
    "Набережные Челны": ("1600000200000", "92730000001"),
    "Самара": ("6300000100000", "36701000001"),
}


def coded_copy(folder):
    """A book in a new folder."""
    shutil.copytree(SHIPPED, folder)
    path = folder / "territories.json"
    raw = json.loads(path.read_text("utf-8"))
    raw["provenance"]["kladr"] = {"source": ["OKTMO"], "confidence": "low"}
    for region in raw["regions"]:
        numbers = count(61)
        for row in region["territories"]:
            if "places" in row:
                codes = [_codes(place, region, next(numbers)) for place in row["places"]]
                row["kladr"], row["oktmo"] = map(list, zip(*codes, strict=True))
    path.write_text(json.dumps(raw, ensure_ascii=False), "utf-8")
    return TariffBook(folder)


def _codes(place, region, number):
    if place in REAL:
        return REAL[place]
    start = region.get("oktmo")
    oktmo = f"{start}{number:0{5 - len(start)}}101001" if start else None
    return f"{region['code']}{number:03}00100000", oktmo


with tempfile.TemporaryDirectory() as _place:
    BOOK = coded_copy(Path(_place) / "tariff")
    locate = BOOK.gazetteer.locate
    locate("Татарстан", "Казань")  # the indexes are built with the first lookup
TERRITORIES = BOOK.gazetteer.territories
