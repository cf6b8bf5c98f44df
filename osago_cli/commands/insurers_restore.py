"""`osago insurers restore ID`: ask an insurer again."""

from osago_cli.commands.insurers_isolate import show_breaker
from osago_cli.commands.insurers_show import InsurerArgument
from osago_cli.commands.options import JsonOption, OutputOption, SocketOption, chosen
from osago_cli.connection import connect
from osago_cli.output.formats import Format


def restore(
    insurer: InsurerArgument,
    output: OutputOption = Format.TABLE,
    json: JsonOption = False,
    socket: SocketOption = None,
) -> None:
    """Run the command."""
    with connect(socket) as client:
        changed = client.request("insurers.restore", {"insurer": insurer})
    show_breaker(changed, chosen(output, json))
