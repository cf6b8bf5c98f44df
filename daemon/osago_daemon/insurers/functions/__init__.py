"""The functions that expressions of insurers.toml know besides JMESPath's own, a module per theme.

Pure: they see their arguments and nothing else. Messages of their errors name types, never values,
because the values are people; `dictionaries` alone shows one, where it can only be a vehicle's.
"""

from osago_daemon.insurers.functions.declaring import FunctionError, as_text
from osago_daemon.insurers.functions.library import Functions

__all__ = ["FunctionError", "Functions", "as_text"]
