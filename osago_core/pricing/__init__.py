"""The tariff applied to applications and offers: prices, what would change them, explanations.

Pure: no clock and no I/O. The day and the `TariffBook` come from the caller, and nothing personal
comes out: drivers are "driver 1", "driver 2".
"""
