"""Types of single fields: how each may be written, its normal form, and whether it is personal."""
