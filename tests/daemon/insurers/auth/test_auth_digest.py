"""HTTP Digest: the vectors of RFC 7616, a server of our own that checks, rotates and counts."""

import hashlib
import re

import anyio
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from osago_core.offer import Offer
from osago_daemon.insurers.auth.challenges import (
    Challenge,
    Target,
    Who,
    authorization,
    challenge_of,
    next_nonce,
)
from osago_daemon.resilience.numbers import AuthRule, RetryNumbers
from osago_daemon.resilience.trouble import TroubleKind

DIGEST = 'kind = "digest"\nusername = "agent"\npassword = "env:PASSWORD"'
REALM = 'http-auth@example.org", "x'
RFC = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={},'
    ' nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",'
    ' opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_vectors_of_rfc_7616(algorithm, response):
    challenge = challenge_of([RFC.format(algorithm)])
    who, target = Who("Mufasa", "Circle of Life"), Target("GET", "/dir/index.html")
    said = authorization(challenge, who, target, count=1, cnonce=CNONCE)
    assert f'response="{response}"' in said
    for part in ('username="Mufasa"', "nc=00000001", "qop=auth", f"algorithm={algorithm}"):
        assert part in said
    assert f'opaque="{challenge.opaque}"' in said
    assert "Circle of Life" not in repr((who, challenge, said))


def test_the_strongest_challenge_is_answered():
    both = f"Basic realm=x, {RFC.format('MD5')}, {RFC.format('SHA-256')}"
    for headers in ([both], [RFC.format("MD5"), 'Negotiate abc=="', RFC.format("SHA-256")]):
        assert challenge_of(headers).algorithm == "SHA-256"
    assert challenge_of([RFC.format("MD5") + ', Basic realm="y"']).realm == "http-auth@example.org"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic realm=x",
        'Digest realm="r"',
        'Digest nonce="n"',
        'Digest realm="r", nonce=""',
        'Digest realm="r", nonce="n", algorithm=SHA-512-256',
        'Digest realm="r", nonce="n", qop="auth-int"',
        'Digest realm="я", nonce="n"',
        'Digest realm="r, nonce="n',
        "Digest =,=,=",
    ],
)
def test_what_we_cannot_answer(header):
    assert challenge_of([header]) is None


def test_quotes_and_escapes_go_there_and_back():
    challenge = challenge_of([r'DIGEST  realm="a \"b\\" ,nonce=n,STALE=TRUE,qop=auth'])
    assert (challenge.realm, challenge.nonce, challenge.stale) == ('a "b\\', "n", True)
    said = authorization(challenge, Who('u"', "p"), Target("GET", "/"), count=17, cnonce="c")
    assert r'realm="a \"b\\"' in said
    assert r'username="u\""' in said
    assert "nc=00000011" in said


def test_names_beyond_ascii_and_hashed_ones():
    plain = Challenge("r", "n")
    said = authorization(plain, Who("Агент", "p"), Target("GET", "/"), count=1, cnonce="c")
    assert "username*=UTF-8''%D0%90" in said
    assert said.isascii()
    hashed = Challenge("r", "n", userhash=True)
    said = authorization(hashed, Who("agent", "p"), Target("GET", "/"), count=1, cnonce="c")
    assert hashlib.md5(b"agent:r").hexdigest() in said
    assert "userhash=true" in said


def test_servers_before_qop():
    old = challenge_of(['Digest realm="r", nonce="n"'])
    said = authorization(old, Who("u", "p"), Target("GET", "/"), count=1, cnonce="c")
    secret, request = (hashlib.md5(t).hexdigest() for t in (b"u:r:p", b"GET:/"))
    assert hashlib.md5(f"{secret}:n:{request}".encode()).hexdigest() in said
    assert "qop" not in said
    assert "nc=" not in said


@given(st.lists(st.text(max_size=200), max_size=3), st.text(max_size=50))
def test_no_header_is_a_bug(headers, tail):
    for header in (*headers, f'Digest realm="r", nonce="n", {tail}', f"Digest {tail}"):
        challenge = challenge_of([header])
        next_nonce(header)
        if challenge is not None:
            target = Target("GET", "/")
            said = authorization(challenge, Who("u", "p"), target, count=1, cnonce="c")
            assert said.isascii()
            assert said.isprintable()


class Gate:
    """Checks every answer to a challenge as RFC 7616 has it."""

    def __init__(self, server, algorithm="SHA-256", *, password="s3cret-canary"):
        self.server = server
        self.algorithm = algorithm
        self.password = password
        self.nonces = {}
        self.each_once = False
        self.says_stale = True
        self.refusals = []
        self.next_nonce = None

    def challenge(self, *, stale=False):
        nonce = f"nonce-{len(self.nonces)}"
        self.nonces[nonce] = set()
        said = f'Digest realm="a \\"b", nonce="{nonce}", qop="auth", algorithm={self.algorithm}'
        stale_ = ", stale=true" if stale and self.says_stale else ""
        self.refusals.append("stale" if stale else "bare")
        return web.Response(status=401, headers={"WWW-Authenticate": f"{said}{stale_}, opaque=o"})

    async def __call__(self, request):
        said = request.headers.get("Authorization")
        if said is None:
            return self.challenge()
        found = {k: q or p for k, q, p in re.findall(r'(\w+)=(?:"((?:\\.|[^"])*)"|([^,]+))', said)}
        assert found["uri"] == request.raw_path
        assert found["opaque"] == "o"
        used = self.nonces.get(found["nonce"])
        if used is None or found["nc"] in used or (self.each_once and used):
            return self.challenge(stale=True)
        if found["response"] != self.response(request, found):
            self.refusals.append("wrong")
            return web.Response(
                status=401,
                headers={"WWW-Authenticate": 'Digest realm="r", nonce="x", qop="auth"'},
            )
        used.add(found["nc"])
        headers = {}
        if self.next_nonce is not None:
            self.nonces[self.next_nonce] = set()
            headers = {"Authentication-Info": f'nextnonce="{self.next_nonce}", qop=auth'}
        return web.json_response({"premium": 1}, headers=headers)

    def response(self, request, found):
        h = hashlib.md5 if self.algorithm.startswith("MD5") else hashlib.sha256

        def digest(text):
            return h(text.encode()).hexdigest()

        secret = digest(f'agent:a "b:{self.password}')
        if self.algorithm.endswith("-sess"):
            secret = digest(f"{secret}:{found['nonce']}:{found['cnonce']}")
        request_ = digest(f"{request.method}:{request.raw_path}")
        middle = f"{found['nonce']}:{found['nc']}:{found['cnonce']}:auth"
        return digest(f"{secret}:{middle}:{request_}")


TABLE = """
base_url = "{url}"
[auth]
{auth}
[create]
path = "/quotes"
query = {{ q = "vehicle.plate" }}
body = {{ vin = "vehicle.vin" }}
[answer]
premium = "body.premium"
"""


@pytest.fixture
def gate(server):
    server.answers["/quotes"] = gate = Gate(server)
    return gate


@pytest.mark.anyio
@pytest.mark.parametrize("algorithm", ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess"])
async def test_a_nonce_is_asked_for_once_and_counted(house, server, gate, algorithm):
    gate.algorithm = algorithm
    sever = house(DIGEST, TABLE)
    for _ in range(3):
        assert isinstance(await sever.quote(), Offer)
    assert gate.refusals == ["bare"]
    assert gate.nonces == {"nonce-0": {"00000001", "00000002", "00000003"}}
    assert len(server.requests) == 4
    assert "s3cret" not in str([dict(r.headers) for r in server.requests])


@pytest.mark.anyio
@pytest.mark.parametrize("says_stale", [True, False])
async def test_a_nonce_that_was_rotated(house, gate, says_stale):
    gate.says_stale = says_stale
    sever = house(DIGEST, TABLE)
    for _ in range(3):
        assert isinstance(await sever.quote(), Offer)
        gate.nonces = {f"over-{n}": set() for n in range(len(gate.nonces))}
    assert gate.refusals == ["bare", "stale", "stale"]


@pytest.mark.anyio
async def test_a_server_that_wants_each_nonce_once(house, gate):
    gate.each_once = True
    sever = house(DIGEST, TABLE)
    async with anyio.create_task_group() as tasks:
        for _ in range(50):
            tasks.start_soon(sever.quote)
    async with anyio.create_task_group() as tasks:
        for _ in range(50):
            tasks.start_soon(sever.quote)
    assert sum(len(counts) for counts in gate.nonces.values()) == 100


@pytest.mark.anyio
async def test_the_next_nonce_that_they_name(house, gate):
    sever = house(DIGEST, TABLE)
    gate.next_nonce = "named"
    await sever.quote()
    gate.next_nonce = None
    await sever.quote()
    assert gate.refusals == ["bare"]
    assert gate.nonces["named"] == {"00000001"}


@pytest.mark.anyio
async def test_a_wrong_password_is_sent_once_a_call(house, gate):
    gate.password = "another"
    sever = house(DIGEST, TABLE, retry=RetryNumbers(auth=AuthRule(retries=5)))
    for _ in range(2):
        assert (await sever.trouble()).kind is TroubleKind.AUTH
    assert gate.refusals == ["bare", "wrong"] * 2


@pytest.mark.anyio
async def test_a_refusal_without_a_challenge_is_final(house, server):
    @server.on("/quotes")
    async def quotes(_):
        return web.json_response({}, status=401)

    assert (await house(DIGEST, TABLE).trouble()).message == "HTTP 401"
    assert server.asked == ["/quotes"]
