"""`osago insurers`: how each insurer is doing; its subcommands look closer and change things."""

import typer

from osago_cli.commands import (
    insurers_isolate,
    insurers_list,
    insurers_record,
    insurers_restore,
    insurers_show,
    insurers_test,
)
from osago_cli.commands.options import JsonOption, OutputOption, SocketOption
from osago_cli.locale import t
from osago_cli.output.formats import Format

app = typer.Typer(help=t("insurers.help"))
app.command("list", help=t("insurers.list"))(insurers_list.list_)
app.command("show", help=t("insurers.all"))(insurers_show.show)
app.command("isolate", help=t("insurers.isolate"))(insurers_isolate.isolate)
app.command("restore", help=t("insurers.restore"))(insurers_restore.restore)
app.command("test", help=t("trying.test.help"))(insurers_test.try_out)
app.command("record", help=t("trying.record.help"))(insurers_record.record)


@app.callback(invoke_without_command=True)
def insurers(
    context: typer.Context,
    output: OutputOption = Format.TABLE,
    json: JsonOption = False,
    socket: SocketOption = None,
) -> None:
    """List them where no subcommand is given; options in front of one are its defaults."""
    if context.invoked_subcommand is None:
        insurers_list.list_(output, json, socket)
        return
    given = {"output": output, "json": json, "socket": socket}
    context.default_map = {context.invoked_subcommand: given}
