"""One handler per method, one file per handler, named after the method."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from osago_core.wire import methods as wire
from osago_core.wire.methods import Method
from osago_daemon.server.context import ClientView, Daemon
from osago_daemon.server.methods import (
    application_check,
    cache_clear,
    cache_show,
    daemon_reload,
    daemon_status,
    hello,
    insurers_isolate,
    insurers_list,
    insurers_restore,
    insurers_show,
    quote_cancel,
    quote_get,
    quote_list,
    quote_start,
    quote_watch,
    rpc_discover,
    tariff_calculate,
)


@dataclass(frozen=True, slots=True)
class Handler:
    """A method and what carries it out."""

    method: Method[Any, Any]
    handle: Callable[[Daemon, ClientView, Any], Awaitable[BaseModel]]


HANDLERS: Mapping[str, Handler] = {
    handler.method.name: handler
    for handler in (
        Handler(wire.HELLO, hello.handle),
        Handler(wire.QUOTE_START, quote_start.handle),
        Handler(wire.QUOTE_WATCH, quote_watch.handle),
        Handler(wire.QUOTE_GET, quote_get.handle),
        Handler(wire.QUOTE_LIST, quote_list.handle),
        Handler(wire.QUOTE_CANCEL, quote_cancel.handle),
        Handler(wire.APPLICATION_CHECK, application_check.handle),
        Handler(wire.TARIFF_CALCULATE, tariff_calculate.handle),
        Handler(wire.INSURERS_LIST, insurers_list.handle),
        Handler(wire.INSURERS_SHOW, insurers_show.handle),
        Handler(wire.INSURERS_ISOLATE, insurers_isolate.handle),
        Handler(wire.INSURERS_RESTORE, insurers_restore.handle),
        Handler(wire.CACHE_SHOW, cache_show.handle),
        Handler(wire.CACHE_CLEAR, cache_clear.handle),
        Handler(wire.DAEMON_STATUS, daemon_status.handle),
        Handler(wire.DAEMON_RELOAD, daemon_reload.handle),
        Handler(wire.RPC_DISCOVER, rpc_discover.handle),
    )
}
