"""Requests written by hand as the insurers' documentation has them: no code of the daemon's."""

import base64
import hashlib
import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import aiohttp

OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
VERST = "urn:verst:osago:v2"
SOAP_HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{VERST}#Calculate"'}

CALCULATE = """
<a:CalculateRequest>
  <a:RequestId>{key}</a:RequestId>
  <a:Car Category="B" UsageCode="1" Registration="russia">
    <b:Year>2020</b:Year><b:PowerHp>87</b:PowerHp><b:Vin>XTA219010L0000001</b:Vin><b:Seats/>
  </a:Car>
  <a:Owner Kind="Person"><b:Name>Иванов</b:Name><b:Address Region="Москва" City=""/></a:Owner>
  <a:Policyholder><b:Name>Иванов</b:Name></a:Policyholder>
  <a:Insurance From="2026-12-01" Months="12" UseMonths="{use_months}" DriverMode="List">
    <a:Driver Kbm="13">
      <b:BirthDate>1985-02-01</b:BirthDate>
      <b:ExperienceSince>2005-06-01</b:ExperienceSince>
      <b:LicenseNumber>9900000001</b:LicenseNumber>
    </a:Driver>
  </a:Insurance>
</a:CalculateRequest>
"""


def calculate(key="one", use_months=12):
    return CALCULATE.format(key=key, use_months=use_months)


def username_token(
    nonce=b"0123456789abcdef",
    created=None,
    username="partner",
    password="sandbox-verst",
    kind="PasswordDigest",
):
    """The `wsse:Security` of UsernameToken Profile 1.1.1, 3.1."""
    created = created or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    summed = hashlib.sha1(nonce + created.encode() + password.encode()).digest()
    return f"""
<s:Security xmlns:s="{OASIS}wssecurity-secext-1.0.xsd"
            xmlns:u="{OASIS}wssecurity-utility-1.0.xsd"><s:UsernameToken>
  <s:Username>{username}</s:Username>
  <s:Password Type="{OASIS}username-token-profile-1.0#{kind}">{_base64(summed)}</s:Password>
  <s:Nonce>{_base64(nonce)}</s:Nonce><u:Created>{created}</u:Created>
</s:UsernameToken></s:Security>"""


def envelope(body, security, *, main=VERST, types="urn:verst:types:v1", before=""):
    """With prefixes that are not the sandbox's own."""
    return f"""{before}<e:Envelope xmlns:e="{SOAP}" xmlns:a="{main}" xmlns:b="{types}">
<e:Header>{security}</e:Header><e:Body>{body}</e:Body></e:Envelope>""".encode()


async def ask_verst(http, message, headers=SOAP_HEADERS):
    """HTTP status, and what stands in soap:Body as local names and texts."""
    async with http.post("/verst/Osago/Calculate", data=message, headers=headers) as answer:
        assert answer.content_type == "text/xml"
        (content,) = ET.fromstring(await answer.read()).find(f"{{{SOAP}}}Body")
        return answer.status, content


def texts(element):
    """Local name → text, of everything below."""
    return {each.tag.rpartition("}")[2]: (each.text or "") for each in element.iter()}


async def token(http):
    """One of lukomor's."""
    who = {"login": "partner", "password": "sandbox-lukomor"}
    async with http.post("/lukomor/auth/token", json=who) as answer:
        assert answer.status == 200
        return (await answer.json())["token"]


async def challenge(http, path="/trakt/zayavki"):
    """The parameters of trakt's challenge to a bare request."""
    async with http.post(path) as answer:
        assert answer.status == 401
        return parameters(answer.headers["WWW-Authenticate"])


def parameters(header):
    scheme, _, rest = header.partition(" ")
    assert scheme == "Digest"
    return {name: quoted or bare for name, quoted, bare in _PARAMETER.findall(rest)}


_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


def digest(given, method="POST", uri="/trakt/zayavki", count=1, password="sandbox-trakt"):
    """RFC 7616, 3.4.1, for SHA-256 and qop=auth."""
    one = _sha256(f"agent:{given['realm']}:{password}")
    two = _sha256(f"{method}:{uri}")
    response = _sha256(f"{one}:{given['nonce']}:{count:08x}:c0ffee:auth:{two}")
    said = {
        "username": "agent",
        "realm": given["realm"],
        "nonce": given["nonce"],
        "uri": uri,
        "cnonce": "c0ffee",
        "response": response,
    }
    quoted = ", ".join(f'{name}="{value}"' for name, value in said.items())
    return {"Authorization": f"Digest {quoted}, qop=auth, nc={count:08x}, algorithm=SHA-256"}


async def let_in(http: aiohttp.ClientSession, insurer, method, path):
    """Headers and query that open any insurer but verst to one request."""
    headers = {
        "sever": {"Authorization": "Bearer sandbox-sever"},
        "kedr": {"Authorization": "Basic cGFydG5lcjpzYW5kYm94LWtlZHI="},
        "snegir": {"X-Api-Key": "sandbox-snegir"},
        "yantar": {"Authorization": "Bearer sandbox-yantar"},
        "omut": {"X-Partner-Key": "sandbox-omut"},
    }.get(insurer, {})
    if insurer == "lukomor":
        headers = {"X-Auth-Token": await token(http)}
    if insurer == "trakt":
        headers = digest(await challenge(http), method, path)
    return headers, {"api_key": "sandbox-barsuk"} if insurer == "barsuk" else {}


def _base64(octets):
    return base64.b64encode(octets).decode()


def _sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()
