"""Credit: what each of those who had a part in a referred deal is credited with."""

from branchkit.customers.credit.checked import share_checked
from branchkit.customers.credit.clawback import claw_back, mirrored
from branchkit.customers.credit.model import (
    CREDIT_ROLES,
    CreditPolicy,
    CreditShare,
    Deal,
    NotShared,
    Shared,
    Sharing,
)
from branchkit.customers.credit.report import CreditReport, CreditRow, credit_report
from branchkit.customers.credit.scheme import CreditEdition, CreditRole, CreditScheme

__all__ = [
    "CREDIT_ROLES",
    "CreditEdition",
    "CreditPolicy",
    "CreditReport",
    "CreditRole",
    "CreditRow",
    "CreditScheme",
    "CreditShare",
    "Deal",
    "NotShared",
    "Shared",
    "Sharing",
    "claw_back",
    "credit_report",
    "mirrored",
    "share_checked",
]
