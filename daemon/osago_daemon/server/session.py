"""Each connected client: its lines are read and answered, and it is told what it follows."""

from contextlib import suppress

import anyio
import structlog
from anyio.abc import ByteStream, SocketListener, SocketStream, TaskGroup, TaskStatus
from anyio.streams.buffered import BufferedByteReceiveStream

from osago_core.wire.codec import encode_error
from osago_core.wire.errors import ErrorKind, RpcError
from osago_core.wire.protocol import MAX_LINE_BYTES
from osago_daemon.server.context import ClientView, Connection, Daemon
from osago_daemon.server.dispatch import UnreadableError, dispatch
from osago_daemon.server.outbox import Outbox
from osago_daemon.server.turns import Place
from osago_daemon.telemetry.bugs import report_bug

log = structlog.get_logger(__name__)

SLOW_CLIENT_S = 30.0
"""A client that takes nothing for this long is closed; it comes back with `after_seq`."""

DISCARD_BYTES = 16 * MAX_LINE_BYTES
DISCARD_S = 5.0
"""How much, and how long, a client that is being hung up on is still read from."""

ACCEPT_AGAIN_S = 0.1

_TOO_MANY = encode_error(
    None,
    RpcError(
        ErrorKind.OVERLOADED, "too many clients are connected; come back", retry_after_ms=1000
    ),
)

_TOO_LONG = encode_error(
    None,
    RpcError(ErrorKind.PARSE_ERROR, f"a line may hold {MAX_LINE_BYTES} bytes at the most"),
)


async def accept_clients(
    listener: SocketListener,
    daemon: Daemon,
    clients: TaskGroup,
    *,
    task_status: TaskStatus[anyio.CancelScope],
) -> None:
    """Serve everybody who connects, until the scope that it reports as started is cancelled."""
    with anyio.CancelScope() as scope:
        task_status.started(scope)
        while True:
            try:
                stream = await listener.accept()
            except (OSError, anyio.BrokenResourceError) as error:
                # Out of descriptors or memory: that passes, and nobody else may suffer from it.
                log.warning("cannot_accept", error=type(error.__cause__ or error).__name__)
                await anyio.sleep(ACCEPT_AGAIN_S)
            else:
                clients.start_soon(serve_client, stream, daemon)


async def serve_client(stream: SocketStream, daemon: Daemon) -> None:
    """Serve one client until it goes, or the daemon does. Its runs go on without it."""
    connection, outbox = Connection(stream), Outbox()
    if len(daemon.clients) >= daemon.max_clients:
        await _turn_away(stream)
        return
    daemon.clients.add(connection)
    try:
        async with stream, anyio.create_task_group() as tasks:
            tasks.start_soon(_write, connection, outbox)
            await _read(connection, daemon, outbox)
            outbox.end_when_told()  # nothing more to ask, but it may still be reading
    except Exception as bug:  # noqa: BLE001  # one client's trouble is nobody else's
        report_bug(bug)
    finally:
        outbox.close()
        daemon.clients.remove(connection)


async def _turn_away(stream: SocketStream) -> None:
    async with stream:
        with suppress(OSError, anyio.BrokenResourceError), anyio.move_on_after(1):
            await stream.send(_TOO_MANY)


async def _write(connection: Connection, outbox: Outbox) -> None:
    async def send(batch: bytes) -> None:
        with anyio.move_on_after(SLOW_CLIENT_S) as patience:
            await connection.stream.send(batch)
        if patience.cancelled_caught:
            raise TimeoutError

    try:
        await outbox.pump(send)
        await connection.stream.send_eof()
    except TimeoutError:
        log.info("slow_client_closed")
        outbox.give_up()
        connection.stop_reading()
    except (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        outbox.give_up()  # gone; whatever it followed goes on
        connection.stop_reading()


async def _read(connection: Connection, daemon: Daemon, outbox: Outbox) -> None:
    """Answer line after line until the client has nothing more to ask, or says nonsense."""
    stream = connection.stream
    lines = BufferedByteReceiveStream(stream)
    client = ClientView(key=connection, uid=connection.uid())
    place = Place(daemon.turns)
    try:
        while True:
            line, is_last = await _next_line(lines)
            if is_last and daemon.desk.draining:
                return  # it was cut off by us, in the middle
            await place.pass_()  # a client's full buffer is not everybody's wait
            await _answer(line, daemon, client, outbox)
            if is_last:
                return
    except (anyio.EndOfStream, anyio.BrokenResourceError):
        return
    except anyio.DelimiterNotFound:
        await _give_up(stream, outbox, _TOO_LONG)
    except UnreadableError as error:
        await _give_up(stream, outbox, error.answer)


async def _next_line(lines: BufferedByteReceiveStream) -> tuple[bytes, bool]:
    """The next line, and whether the client has hung up behind it, with or without a newline."""
    try:
        return await lines.receive_until(b"\n", MAX_LINE_BYTES + 1), False
    except anyio.IncompleteRead:
        return lines.buffer, True


async def _answer(line: bytes, daemon: Daemon, client: ClientView, outbox: Outbox) -> None:
    if len(line) > MAX_LINE_BYTES:  # it was whole in the buffer before it was measured
        raise UnreadableError(_TOO_LONG)
    if not line.strip():
        return
    answer = await dispatch(line, daemon, client)
    if answer is not None:
        await outbox.answer(answer)
    while client.to_follow:  # only now, so that no event overtakes the answer
        outbox.follow(*client.to_follow.pop(0))


async def _give_up(stream: ByteStream, outbox: Outbox, last_words: bytes) -> None:
    """Say why, hang up, and read on for a while.

    Closing on unread bytes would take the error away from the client (unix(7): ECONNRESET).
    """
    outbox.close()
    await outbox.answer(last_words)
    outbox.end_when_told()
    discarded = 0
    with anyio.move_on_after(DISCARD_S):
        try:
            while discarded < DISCARD_BYTES:
                discarded += len(await stream.receive())
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            return
