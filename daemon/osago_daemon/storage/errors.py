"""What keeps a daemon from starting. Everything else that a store may do is outlived."""


class StoreRefusedError(Exception):
    """An administrator must mend something before this store can be used; says what and how."""
