"""Plug-ins on a real daemon's path: the worked example of examples/plugin over real HTTP."""

import base64
import hashlib
import http.server
import json
import os
import re
import shutil
import threading

import pytest

from tests.support import plugins
from tests.support.processes import EXAMPLES, Osago, wait_for_line

LOGIN, PASSWORD = "agent", "canary-password"


def hexed(name, text):
    return hashlib.new(name, text.encode()).hexdigest()


class Insurers(http.server.BaseHTTPRequestHandler):
    """INGURU, which checks signatures as its page says, and an insurer that speaks in lines."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        authorization = self.headers.get("Authorization")
        self.server.asked.append((self.path, authorization, body))
        status, answer = getattr(self, self.path.split("/")[1])(authorization, body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def eosago(self, authorization, _body):
        scheme, _, signed = authorization.partition(" ")
        who, time, age, proof = base64.b64decode(signed).decode().split(":")
        secret = hexed("sha256", hexed("md5", PASSWORD))
        right = hexed("md5", f"{LOGIN}:{time}:{age}:{secret}")
        if (scheme, who, proof) != ("INGURU", hexed("sha256", LOGIN), right):
            return 401, b"{}"
        if [path for path, *_ in self.server.asked].count(self.path) == 1:
            return 503, b'{"error": "come again"}'
        offer = {"sk": 7, "price": 12345.67, "eId": 77, "url": "https://pay.example.org/77"}
        return 200, json.dumps({"results": [offer]}).encode()

    def lines(self, _authorization, body):
        agent, password, key, vin, power = body.decode("cp1251").split(";")
        known = (agent, password, vin, power) == (LOGIN, PASSWORD, "XTA219010L0000001", "87")
        return (200, b"OK;A-1;9876.50\n") if known and key else (403, b"")

    def log_message(self, *_):
        pass


@pytest.fixture
def insurers():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Insurers) as server:
        server.asked = []
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            yield server
        finally:
            server.shutdown()
            serving.join()


LINES = """
[insurers.lines]
name = "Строки"
adapter = "lines"
base_url = "{url}/lines"
agent = "agent"
password = "env:LINES_PASSWORD"

[insurers.mischief]
name = "Проказы"
adapter = "mischief"
deed = "leaves"
"""


@pytest.fixture
def osago(home, insurers):
    """With a daemon's environment in which the plug-ins are installed, and the file beside them."""
    site = home / "site"
    site.mkdir()
    plugins.install_example(site)
    shutil.copy(plugins.EXAMPLE / "osago_lines.py", site)
    shutil.copy(EXAMPLES.parent / "tests/daemon/insurers/plugins/mischief.py", site)
    plugins.install(site, "others", lines="osago_lines:KIND", mischief="mischief:KIND")
    url = f"http://127.0.0.1:{insurers.server_port}"
    text = (plugins.EXAMPLE / "insurers.toml").read_text(encoding="utf-8")
    assert "https://api.example.org" in text
    text = text.replace("https://api.example.org", url) + LINES.format(url=url)
    config = home / "insurers.toml"
    config.write_text(text, encoding="utf-8")
    osago = Osago(home, config)
    osago.env |= {
        "PYTHONPATH": os.pathsep.join([osago.env["PYTHONPATH"], str(site)]),
        "INGURU_PASSWORD": PASSWORD,
        "LINES_PASSWORD": PASSWORD,
    }
    return osago


def test_the_worked_example_and_one_from_scratch_bring_offers_beside_one_that_misbehaves(
    osago, insurers
):
    with osago.daemon() as daemon:
        try:
            wait_for_line(daemon, "event=ready")
            told = osago.json("quote", EXAMPLES / "application.json", "--json")
        finally:
            daemon.terminate()
            log = daemon.stdout.read()
    offers = {each["insurer"]: each for each in told["offers"]}
    assert (offers["inguru"]["premium"], offers["inguru"]["attempts"]) == (12345.67, 2)
    assert offers["inguru"]["payment_url"] == "https://pay.example.org/77"
    assert (offers["lines"]["premium"], offers["lines"]["insurer_quote_id"]) == (9876.5, "A-1")
    [failed] = told["failed"]
    assert (failed["insurer"], failed["kind"]) == ("mischief", "internal")
    assert re.search(r"error=AdapterError.* > mischief\.py:\d+", log)
    assert PASSWORD not in log
    as_documented([body for path, _, body in insurers.asked if path.startswith("/eosago")])


def as_documented(bodies):
    """The request has the fields of the page that the example was made from."""
    first, second = map(json.loads, bodies)
    assert first == second
    assert (first["sk"], first["vehicle"]["brand"], first["vehicle"]["model"]) == ([7], 1, 101)
    assert first["phone"] == "79990000001"
    assert first["drivers"][0]["licenseSerial"] == "9900"
