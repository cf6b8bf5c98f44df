"""The ten pretend insurers, one module each. All names are made up."""

from osago_sandbox.insurers import (
    barsuk,
    filin,
    kedr,
    lukomor,
    omut,
    sever,
    snegir,
    trakt,
    verst,
    yantar,
)

INSURERS = (
    sever.INSURER,
    kedr.INSURER,
    snegir.INSURER,
    barsuk.INSURER,
    yantar.INSURER,
    verst.INSURER,
    omut.INSURER,
    trakt.INSURER,
    lukomor.INSURER,
    filin.INSURER,
)
"""All of them, in the order of the shipped insurers.toml."""
