"""The application for a policy: its checks, its normal form, its fingerprint, what is personal.

`check` turns what users write into an `Application` or into problems, all at once. No I/O and no
clock: who calls says what day it is and brings the key for fingerprints.
"""

from osago_core.application.checking import Checked, Invalid, Valid, check
from osago_core.application.fingerprint import fingerprint
from osago_core.application.model import Application
from osago_core.application.problems import PROBLEM_CODES, WARNING_CODES, Problem
from osago_core.application.redaction import MASK, Redactor, mask_patterns, personal_paths

__all__ = [
    "MASK",
    "PROBLEM_CODES",
    "WARNING_CODES",
    "Application",
    "Checked",
    "Invalid",
    "Problem",
    "Redactor",
    "Valid",
    "check",
    "fingerprint",
    "mask_patterns",
    "personal_paths",
]
