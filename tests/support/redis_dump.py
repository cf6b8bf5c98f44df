"""Everything that a Redis server has, and everything that it is told, as bytes."""

import re
import socket
import threading
from contextlib import contextmanager

_READ = {
    b"string": lambda client, key: [client.get(key)],
    b"hash": lambda client, key: [part for pair in client.hgetall(key).items() for part in pair],
    b"list": lambda client, key: client.lrange(key, 0, -1),
    b"set": lambda client, key: list(client.smembers(key)),
    b"zset": lambda client, key: client.zrange(key, 0, -1),
    b"stream": lambda client, key: [repr(client.xrange(key)).encode()],
}
_ESCAPED = re.compile(rb'\\(x[0-9a-f]{2}|["\\nrtab])')
_PLAIN = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b"}


def dump(server):
    """Each key with its values, as they are and as they are stored."""
    with server.client() as client:
        for key in client.scan_iter(count=1000):
            kind = client.type(key)
            if kind == b"none":  # gone meanwhile
                continue
            values = [key, client.dump(key) or b"", *_READ[kind](client, key)]
            yield key.decode(errors="replace"), b"\n".join(value or b"" for value in values)


class Overheard:
    """What a server was told since."""

    def __init__(self):
        self._pieces = []

    def add(self, piece):
        self._pieces.append(piece)

    @property
    def data(self):
        return _ESCAPED.sub(_unescaped, b"".join(self._pieces))


def _unescaped(match):
    escaped = match[1]
    if escaped[:1] == b"x":
        return bytes.fromhex(escaped[1:].decode())
    return _PLAIN.get(escaped, escaped)


@contextmanager
def overhearing(server):
    """Every command of every client, with its arguments."""
    heard = Overheard()
    with socket.socket(socket.AF_UNIX) as ear:
        ear.connect(str(server.socket))
        ear.sendall(b"MONITOR\r\n")
        assert ear.recv(5) == b"+OK\r\n"

        def listen():
            while piece := ear.recv(1 << 16):
                heard.add(piece)

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield heard
        finally:
            ear.shutdown(socket.SHUT_RDWR)
            thread.join()
