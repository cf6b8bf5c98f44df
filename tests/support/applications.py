"""Applications that differ in the vehicle, so that insurers see different ones."""

import json

from tests.support.processes import EXAMPLES


def application(number):
    """The example with another VIN, plate and papers. `number` up to 999."""
    raw = json.loads((EXAMPLES / "application.json").read_text())
    raw["vehicle"]["vin"] = f"XTA219010L{number + 1:07}"
    raw["vehicle"]["plate"] = f"А{number + 1:03}ВС77"
    raw["vehicle"]["document"]["number"] = f"{number + 1:06}"
    return raw
