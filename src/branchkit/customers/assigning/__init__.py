"""Assignment: whom a lead, or anything else that somebody has to look after, is given to."""

from branchkit.customers.assigning.checked import allocate, assign_checked, why_nobody
from branchkit.customers.assigning.fairness import Fairness, fairness
from branchkit.customers.assigning.people import Held, candidates_of
from branchkit.customers.assigning.pool import (
    HEAVIEST,
    AssignmentRequest,
    Candidate,
    ConflictOfInterest,
    Order,
    Pool,
    State,
    reason_against,
)
from branchkit.customers.assigning.scheme import (
    ASSIGNMENT_CAPABILITIES,
    ASSIGNMENT_SCHEMES,
    AssignmentPolicy,
    AssignmentScheme,
    UpTo,
    by_weight,
    least_loaded,
    longest_ago,
)

__all__ = [
    "ASSIGNMENT_CAPABILITIES",
    "ASSIGNMENT_SCHEMES",
    "HEAVIEST",
    "AssignmentPolicy",
    "AssignmentRequest",
    "AssignmentScheme",
    "Candidate",
    "ConflictOfInterest",
    "Fairness",
    "Held",
    "Order",
    "Pool",
    "State",
    "UpTo",
    "allocate",
    "assign_checked",
    "by_weight",
    "candidates_of",
    "fairness",
    "least_loaded",
    "longest_ago",
    "reason_against",
    "why_nobody",
]
