"""`osago config`: insurers.toml without a daemon; a module for each of its subcommands."""

import typer

from osago_cli.commands import config_check, config_init, config_show
from osago_cli.locale import t

app = typer.Typer(help=t("config.help"), no_args_is_help=True)
app.command("check", help=t("config.check.help"))(config_check.check)
app.command("show", help=t("config.show.help"))(config_show.show)
app.command("init", help=t("config.init.help"))(config_init.init)
