"""What ends a command early: a sentence for a person and an exit code for a script."""

from osago_cli.exits import Exit


class CliError(Exception):
    """Something the user can act upon; printed to stderr, never as a traceback."""

    def __init__(self, message: str, code: Exit, details: list[str] | None = None) -> None:
        """`details` are further lines, such as every problem of an application."""
        super().__init__(message)
        self.message = message
        self.code = code
        self.details = details or []
