"""Masking by looks: what is probably personal in a text about nobody in particular."""

import re

MASK = "***"

_L = "[АВЕКМНОРСТУХABEKMHOPCTYX]"
_REGION = r"(?:0[1-9]|[1-9]\d{1,2})"
_GAP = r"[ \u00a0\u2009]?"

# Ids of quotes: some hold digits that would pass for a phone or a passport.
_UUID = r"(?<!\w)[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?!\w)"
_BARE_NUMBER = re.compile(r"\s*\d{10,12}\s*", re.ASCII)

_LOOKS = {
    # From the start of a run and never back: a long text without an "@" costs one pass.
    "email": r"(?<![\w.+%'-])[\w.+%'-]++@[\w-]++(?:\.[\w-]++)+",
    # An 8-800 number is nobody's own: it is how to reach an insurer.
    "phone": r"(?<![\w+])(?:\+?7|8)[\s(.–-]{0,3}(?!800)\d{3}[\s).–-]{0,3}\d{3}[\s.–-]?\d{2}"
    r"[\s.–-]?\d{2}(?!\w)",
    "short phone": r"(?<![\w+])\(?9\d{2}\)?[\s.–-]?\d{3}[\s.–-]?\d{2}[\s.–-]?\d{2}(?!\w)",
    "vin": r"(?<!\w)(?=\w*\d)[A-HJ-NPR-Za-hj-npr-z0-9АВЕКМНРСТУХавекмнрстух]{17}(?!\w)",
    "plate": rf"(?<!\w)(?i:{_L}){_GAP}\d{{3}}{_GAP}(?i:{_L}){{2}}{_GAP}{_REGION}(?!\w)",
    "motorcycle plate": rf"(?<!\w)\d{{4}}{_GAP}(?i:{_L}){{2}}{_GAP}{_REGION}(?!\w)",
    # In lower case "на 12345" is no plate but a preposition and a number.
    "taxi plate": rf"(?<!\w){_L}{{2}}(?:\d{{3}}{_GAP}|{_GAP}\d{{3}} ){_REGION}(?!\w)",
    "transit plate": rf"(?<!\w){_L}{{2}}{_GAP}\d{{3}}{_GAP}{_L}{_GAP}{_REGION}(?!\w)",
    "policy": rf"(?<!\w)(?i:{_L}){{3}}[\s№-]{{0,3}}\d{{10}}(?!\w)",
    "snils": r"(?<!\w)\d{3}-\d{3}-\d{3}[\s-]\d{2}(?!\w)",
    "passport or licence": r"(?<!\w)\d{2}\s?(?:\d{2}|[А-ЯA-Z]{2})[\s№-]{0,3}\d{6}(?!\w)",
    "inn": r"(?<!\w)\d{10,12}(?!\w)",
}
_PERSONAL_LOOKS = re.compile(
    "|".join([f"(?P<uuid>{_UUID})", *(f"(?:{look})" for look in _LOOKS.values())])
)


def mask_patterns(text: str) -> str:
    """Mask phones, e-mail addresses, VINs, plates, documents, policies, INN and SNILS.

    Works without an application, so it also errs: any run of 10 to 12 digits inside a text is
    masked. A text that is nothing but such a number stays: it may as well be an id, and only who
    asks knows what it stands for. UUIDs stay as well.
    """
    if _BARE_NUMBER.fullmatch(text):
        return text
    return _PERSONAL_LOOKS.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    return found["uuid"] or MASK
