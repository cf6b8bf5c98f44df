"""What must not be seen of an exchange: persons, secrets, tokens. However it is encoded.

Errs on the side of masking. Knows texts and JSON values, nothing of HTTP.
"""

import base64
import html
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus, unquote_to_bytes

from osago_core.application import MASK, Application, Redactor

MIN_SECRET_CHARS = 4
"""Shorter ones stand in half of all words; they are masked where they stand alone."""
_MIN_DIGITS = 6
"""Of a number with a fraction that says something of somebody: others are prices."""
_WIDTHS = range(4, 7)
"""Digits of a passport's series and number, whose zeros in front a number has lost."""
_LEAST_WIDE = 3
_MAX_ROUNDS = 3
"""Base64 of what is percent-encoded of …; nobody does more than that."""

SECRET_NAME = re.compile(
    r"passw|secret|token|credential|cookie|session|api_?-?key|authori[sz]|signature|nonce"
    r"|^(?:pin|pwd|pass|sign|key)$",
    re.IGNORECASE,
)
"""Of fields, elements and headers whose values open something."""

# Lines of MIME are one run, also where spaces stand for their ends.
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{60,}\s+)+[A-Za-z0-9+/]*={0,2}|[A-Za-z0-9+/_-]{8,}={0,2}")
_HEX = re.compile(r"[0-9A-Fa-f]{8,}")
_ENCODED = re.compile(
    r"[^\s\"'<>&=]*(?:%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\/|&#?\w+;)[^\s\"'<>=]*"
    rf"|{_BASE64.pattern}"
)
_WRITTEN = r"[\s -~А-яЁё№«»–—’“”„…€₽\u00a0\u2009\u202f]"
"""What Russian, English and figures are written with."""
_CHARSETS = {"utf-8": 6, "utf-16-le": 6, "utf-16-be": 6, "cp1251": 10}
"""How many such characters among others are no chance: most bytes are some letter of cp1251."""
_CHUNKS = {charset: re.compile(rf"{_WRITTEN}{{{least},}}") for charset, least in _CHARSETS.items()}
_REPLACED, _BETWEEN = "\ufffd", "\n|\n"
_READABLE = re.compile(rf"{_WRITTEN}+")
# However often a JSON text was put into another one.
_ESCAPE = re.compile(r"\\+u([0-9A-Fa-f]{4})")
_ESCAPED_SLASH = re.compile(r"\\+/")
_LEGAL_FORM = re.compile(r"\b(?:ООО|П?АО|[ОЗН]АО|ИП|[ГМФ]УП|НКО|ТСЖ|LLC|JSC)\b", re.IGNORECASE)
_COMPANYS = ("name", "inn", "kpp", "ogrn")


class Masker:
    """Masks what is shown of one application's way through one insurer's steps."""

    def __init__(
        self,
        application: Application,
        secrets: Iterable[str] = (),
        *,
        also: Callable[[str], str] | None = None,
    ) -> None:
        """`also` masks what only the adapter knows, such as the token of a login."""
        self.also = also
        self._application = application
        self._redactors = redactors_of(application)
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._links: dict[str, str] = {}
        self.learn(*secrets)

    def learn(self, *secrets: str) -> None:
        """Mask these from now on."""
        fresh = {secret for secret in secrets if secret.strip()} - self._secrets
        if not fresh:
            return
        self._secrets |= fresh
        forms = {form for secret in self._secrets for form in written(secret)}
        found = sorted((f for f in forms if len(f) >= MIN_SECRET_CHARS), key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_escaped, found)), re.IGNORECASE)

    def learn_link(self, link: str, shown: str) -> None:
        """Show a link of theirs as this from now on."""
        self._links[link] = shown

    def spare(self, words: Collection[str]) -> None:
        """Leave these readable from now on: they are kept on purpose."""
        self._redactors = redactors_of(self._application, words)

    def forget_links(self) -> None:
        """Show links as they are again."""
        self._links.clear()

    @property
    def secrets(self) -> frozenset[str]:
        """All that was learned."""
        return frozenset(self._secrets)

    def has_secret(self, text: str) -> bool:
        """Whether anything that was learned stands in it, however escaped."""
        return self._pattern is not None and self._pattern.search(text) is not None

    def text(self, text: str) -> str:
        """The text with `***` for what must not be seen, also where it is encoded."""
        return self._plain(self.encoded(text))

    def known(self, text: str) -> str:
        """The same for the values of this application and the secrets only, not for looks."""
        text = self._opened(text)
        for redactor in self._redactors:
            text = redactor.mask_known(text)
        return text

    def personal(self, text: str) -> str:
        """As `known`, also where it is encoded."""
        return self.known(self.encoded(text))

    def encoded(self, text: str) -> str:
        """As `known`, only where it is encoded."""
        return _ENCODED.sub(self._run, text)

    def value(self, value: Any, name: str = "") -> Any:
        """A JSON value; `name` is the key that it stands under."""
        match value:
            case Mapping():
                return {self.text(str(key)): self.value(v, str(key)) for key, v in value.items()}
            case list() | tuple():
                return [self.value(item, name) for item in value]
            case None | bool():
                return value
        if name and SECRET_NAME.search(name) and not is_placeholder(value):
            return MASK
        if isinstance(value, str):
            return self.text(value)
        return self.number(value)

    def number(self, value: float | Decimal) -> Any:
        """A number, also one that was a code before."""
        text = str(value)
        if text in self._secrets:
            return MASK
        if not text.isdecimal() and sum(map(str.isdigit, text)) < _MIN_DIGITS:
            return value
        return value if all(self.known(code) == code for code in codes_of(text)) else MASK

    def _plain(self, text: str) -> str:
        text = self._opened(text)
        for redactor in self._redactors:
            text = redactor.mask(text)
        return text

    def _opened(self, text: str) -> str:
        """Without secrets."""
        if text in self._secrets:
            return MASK
        for link, shown in self._links.items():
            text = text.replace(link, shown)
        if self.also is not None:
            text = self.also(text)
        return text if self._pattern is None else self._pattern.sub(MASK, text)

    def _run(self, found: re.Match[str]) -> str:
        """A run of characters that may be something else, encoded."""
        run = found[0]
        return MASK if any(self.known(each) != each for each in decoded(run)) else run


def redactors_of(application: Application, sparing: Collection[str] = ()) -> tuple[Redactor, ...]:
    """Of its persons, and of its companies."""
    sources = (application, list(companys(application)))
    return tuple(Redactor.of(source, sparing=sparing) for source in sources)


def companys(application: Application) -> Iterator[str]:
    """What says which company it is: not personal by law, and nobody's business either."""
    for party in (application.owner, application.policyholder):
        for name in _COMPANYS:
            value = getattr(party, name, None)
            if isinstance(value, str):
                yield _LEGAL_FORM.sub("", value)


def codes_of(number: str) -> Iterator[str]:
    """The number, and with the zeros that it may have had in front."""
    yield number
    if number.isdecimal() and len(number) >= _LEAST_WIDE:
        for width in _WIDTHS:
            if width > len(number):
                yield number.zfill(width)


def _escaped(form: str) -> str:
    """For a pattern: slashes may be escaped, and backslashes be any number of them."""
    pattern = re.escape(re.sub(r"\\+", r"\\", form))
    return pattern.replace(r"\\", r"\\+").replace("/", r"\\*/")


def written(secret: str) -> Iterator[str]:
    """A secret as it may be written."""
    yield secret
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield html.escape(secret)
    yield json.dumps(secret)[1:-1]
    raw = secret.encode("utf-8", "surrogatepass")
    yield base64.b64encode(raw).decode().rstrip("=")
    yield base64.urlsafe_b64encode(raw).decode().rstrip("=")
    yield raw.hex()


def decoded(run: str, rounds: int = _MAX_ROUNDS) -> Iterator[str]:
    """What a run of characters may stand for."""
    found = {*_unescaped(run)}
    for part in _BASE64.findall(run):
        found.update(_from_base64(part))
    for part in _HEX.findall(run):
        found.update(_from_hex(part))
    for text in found - {run}:
        yield text
        if rounds > 1 and not text.startswith(_BETWEEN):  # of chance there is no more to learn
            yield from decoded(text, rounds - 1)


def _unescaped(run: str) -> Iterator[str]:
    if "%" in run:
        yield unquote_plus(run)
        if not _is_utf8(unquote_to_bytes(run)):  # else there are letters in it that nobody wrote
            yield unquote_plus(run, "cp1251")
    if "\\u" in run or "\\/" in run:
        slashes = _ESCAPED_SLASH.sub("/", run)
        yield _ESCAPE.sub(lambda found: chr(int(found[1], 16)), slashes)
    if "&" in run:
        yield html.unescape(run)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _from_base64(run: str) -> Iterator[str]:
    """From wherever it may begin: something else may stand in front, such as `id_`."""
    letters = "".join(run.split()).rstrip("=").translate(str.maketrans("-_", "+/"))
    for begin in range(4):
        part = letters[begin:]
        if len(part) % 4 == 1:  # says nothing of a byte
            part = part[:-1]
        yield from _texts_of(base64.b64decode(part + "=" * (-len(part) % 4)))


def _from_hex(run: str) -> Iterator[str]:
    for begin in range(2):
        part = run[begin:]
        yield from _texts_of(bytes.fromhex(part[: len(part) // 2 * 2]))


def _texts_of(raw: bytes) -> Iterator[str]:
    """What somebody may have written there: Russian, English, figures, also amid other bytes."""
    for charset in _CHARSETS:
        text = raw.decode(charset, "replace")
        # What is UTF-8 from end to end is hardly so by chance, whatever stands in it.
        whole = charset == "utf-8" and _REPLACED not in text
        if not whole and not _READABLE.fullmatch(text):
            text = _BETWEEN.join(("", *_CHUNKS[charset].findall(text)))
        if len(text) >= MIN_SECRET_CHARS:
            yield text


_PLACEHOLDER = re.compile(r"\{(?:kept\.\w+|item|token)\}")


def is_placeholder(value: object) -> bool:
    """Whether a value only stands for one that an answer will give."""
    return isinstance(value, str) and _PLACEHOLDER.fullmatch(value) is not None
