"""How deep a JSON or TOML document nests, found out without recursion."""


def deeper_than(value: object, limit: int) -> bool:
    """Whether tables and lists nest deeper: whoever walks them afterwards may recurse."""
    level = [value]
    for _ in range(limit + 1):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return False
    return True
