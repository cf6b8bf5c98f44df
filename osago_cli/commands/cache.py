"""`osago cache`: what is kept of today's answers; its subcommand forgets it."""

import typer

from osago_cli.commands import cache_clear, cache_show
from osago_cli.commands.options import JsonOption, OutputOption, SocketOption
from osago_cli.locale import t
from osago_cli.output.formats import Format

app = typer.Typer(help=t("cache.help"))
app.command("show", help=t("cache.show"))(cache_show.show)
app.command("clear", help=t("cache.clear"))(cache_clear.clear)


@app.callback(invoke_without_command=True)
def cache(
    context: typer.Context,
    output: OutputOption = Format.TABLE,
    json: JsonOption = False,
    socket: SocketOption = None,
) -> None:
    """Show it where no subcommand is given; options in front of one are its defaults."""
    if context.invoked_subcommand is None:
        cache_show.show(output, json, socket)
        return
    given = {"output": output, "json": json, "socket": socket}
    context.default_map = {context.invoked_subcommand: given}
