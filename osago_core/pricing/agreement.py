"""Which bonus-malus coefficient (KBM) each insurer used, and who differs.

All of them ask the same register about the same drivers, so they should agree: who does not has
another class, or none. Owns the grouping and its English words. Knows insurers by the names that
it is given, and no application.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from osago_core.tariff.texts import plain

ClassesOf: TypeAlias = Callable[[Decimal], tuple[str, ...]]
"""The classes that a value of KBM stands for, e.g. 1.17 -> ("3",); none where it is no class's."""

_NOISE = Decimal("0.000001")  # of a binary float; no table has as many decimals


class Group(NamedTuple):
    """Insurers that used one value, in the order in which they were given."""

    value: Decimal
    classes: tuple[str, ...]
    insurers: tuple[str, ...]
    ours: bool
    """Whether the value is ours; False for all of them where ours is not known."""

    @property
    def text(self) -> str:
        """E.g. "Снегирь, Барсук use 1.17 (class 3)"."""
        one = len(self.insurers) == 1
        verb = ("agrees with" if one else "agree with") if self.ours else ("uses" if one else "use")
        return f"{', '.join(self.insurers)} {verb} {_worded(self.value, self.classes)}"


class Agreement(NamedTuple):
    """What the insurers of a run made of KBM. `groups`: most frequent first, then the dearest."""

    groups: tuple[Group, ...]
    ours: Decimal | None
    our_classes: tuple[str, ...]

    @property
    def asked(self) -> int:
        """How many insurers said what they used."""
        return sum(len(group.insurers) for group in self.groups)

    @property
    def differing(self) -> tuple[Group, ...]:
        """The groups that use another value than ours; none where ours is not known."""
        return () if self.ours is None else tuple(g for g in self.groups if not g.ours)

    @property
    def unanimous(self) -> bool:
        """Whether they agree with each other, and with us where ours is known."""
        return len(self.groups) == 1 and not self.differing

    @property
    def text(self) -> str:
        """In English, who differs before who agrees."""
        if self.unanimous:
            return self.groups[0].text
        if self.ours is None:
            return f"the insurers differ: {'; '.join(group.text for group in self.groups)}"
        said = [group.text for group in (*self.differing, *(g for g in self.groups if g.ours))]
        if len(self.differing) == len(self.groups):
            said.append(f"ours is {_worded(self.ours, self.our_classes)}")
        count = sum(len(group.insurers) for group in self.differing)
        return f"{count} of {self.asked} {'differs' if count == 1 else 'differ'}: {'; '.join(said)}"


def agreement(
    offers: Iterable[tuple[str, Mapping[str, float | Decimal] | None]],
    ours: Decimal | None,
    classes_of: ClassesOf,
) -> Agreement | None:
    """Group insurers by the KBM that they report; None where nobody reports one.

    `offers`: (insurer, coefficients by name in any case), as in the `offer` events of the wire.
    `ours`: what the application's class gives, None where that is not known. `classes_of`: see
    `osago_core.pricing.kbm.classes_of`.
    """
    by_value: defaultdict[Decimal, list[str]] = defaultdict(list)
    for insurer, coefficients in offers:
        told = {name.strip().lower(): value for name, value in (coefficients or {}).items()}
        if "kbm" in told:
            by_value[Decimal(str(told["kbm"])).quantize(_NOISE).normalize()].append(insurer)
    if not by_value:
        return None
    groups = (
        Group(value, classes_of(value), tuple(insurers), ours=value == ours)
        for value, insurers in by_value.items()
    )
    return Agreement(
        tuple(sorted(groups, key=lambda group: (-len(group.insurers), -group.value))),
        ours,
        () if ours is None else classes_of(ours),
    )


def _worded(value: Decimal, classes: tuple[str, ...]) -> str:
    return f"{plain(value)} (class {'/'.join(classes)})" if classes else plain(value)
