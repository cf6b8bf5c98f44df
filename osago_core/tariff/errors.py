"""What a calculation can refuse with. Both are answers for a user, not bugs."""


class NoTariff(LookupError):  # noqa: N818  # a gap in the tables, as the word of the domain has it
    """A table needed here is not known; nothing is invented in its place.

    `table` is the table's short name (`TB`, `KT`, `KVS`, … or `edition`), `version` the edition
    it is missing from (ISO date) or None where no edition is in force at all.
    """

    def __init__(self, table: str, version: str | None, detail: str) -> None:
        """Say what is missing in `detail`, in one line for a person."""
        where = f" of the edition of {version}" if version else ""
        super().__init__(f"no table {table}{where}: {detail}")
        self.table = table
        self.version = version
        self.detail = detail


class BadFacts(ValueError):  # noqa: N818  # named for what it is about
    """The facts contradict themselves or lie outside every band. `field` names the culprit."""

    def __init__(self, field: str, detail: str) -> None:
        """Say in `detail` what is wrong with `field`."""
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail
