"""What comes in: one HTTP request, without any HTTP framework."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """One HTTP request.

    `headers` are looked up case-insensitively; `target` is path and query as they were sent; `id`
    is out of the path.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    id: str | None = None
