"""`osago insurers isolate ID [--for 1h]`: ask an insurer nothing for a while."""

import re
from typing import Annotated

import typer

from osago_cli.client import Json
from osago_cli.commands.insurers_show import InsurerArgument
from osago_cli.commands.options import JsonOption, OutputOption, SocketOption, chosen
from osago_cli.connection import connect
from osago_cli.locale import t
from osago_cli.output import health
from osago_cli.output.formats import Format

MAX_ISOLATION_S = 366 * 86400
"""As in `osago_core.wire.methods`, whose import would cost more than the command."""

_UNITS_S = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile("".join(rf"(?:(?P<{unit}>\d{{1,9}}){unit})?" for unit in _UNITS_S), re.ASCII)


def duration_s(text: str) -> int:
    """Seconds of `90s`, `30m`, `1h`, `2h30m`, `7d`. Raises BadParameter."""
    match = _DURATION.fullmatch(text.strip().lower())
    given = match.groupdict() if match else {}
    seconds = sum(int(count) * _UNITS_S[unit] for unit, count in given.items() if count)
    if not seconds:
        raise typer.BadParameter(t("insurers.for_bad"))
    if seconds > MAX_ISOLATION_S:
        raise typer.BadParameter(t("insurers.for_long", days=MAX_ISOLATION_S // 86400))
    return seconds


ForOption = Annotated[
    int | None,
    typer.Option(
        "--for",
        parser=duration_s,
        metavar="DURATION",
        help=t("insurers.for"),
        show_default=False,
    ),
]


def isolate(
    insurer: InsurerArgument,
    for_s: ForOption = None,
    output: OutputOption = Format.TABLE,
    json: JsonOption = False,
    socket: SocketOption = None,
) -> None:
    """Run the command."""
    params: Json = {"insurer": insurer}
    if for_s is not None:
        params["for_s"] = for_s
    with connect(socket) as client:
        show_breaker(client.request("insurers.isolate", params), chosen(output, json))


def show_breaker(changed: Json, format_: Format) -> None:
    """What the insurer's breaker is now."""
    breaker = changed["breaker"]
    match format_:
        case Format.TABLE:
            typer.echo(_now(changed))
        case Format.CSV:
            typer.echo("insurer,breaker,open_until")
            end = breaker.get("open_until", "")
            typer.echo(f"{changed['insurer']},{breaker['state']},{end}")
        case Format.JSON | Format.NDJSON:
            from osago_cli.output.documents import dump

            dump(changed, indent=2 if format_ is Format.JSON else None)


def _now(changed: Json) -> str:
    insurer, state = changed["insurer"], health.breaker(changed["breaker"])
    members = changed.get("members")
    if not members:
        return t("insurers.now", insurer=insurer, state=state)
    source = changed.get("via") or insurer
    return t("insurers.now_together", source=source, state=state, members=", ".join(members))
