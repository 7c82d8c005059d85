"""The kit: catalog, plug-ins and a store, opened together; it loads, decides, stores and tells."""

from branchkit.kit.authorise import Grant, Grants, default_grants
from branchkit.kit.caseload import CaseDay, Caseload, LateClock, NextRungDue, ProcedureLoad
from branchkit.kit.customer_report import CustomerReport, TierMove
from branchkit.kit.feed import Happened
from branchkit.kit.floors.filed import Filed
from branchkit.kit.kit import Kit
from branchkit.kit.proof import Verification
from branchkit.kit.replay import RefusedLine, ReplayReport, replay
from branchkit.kit.report import BranchReport, ChecklistReport, SectionResult, TrendPoint, ZoneFindings
from branchkit.kit.rules import RuleBook, load_plugins
from branchkit.kit.scored import ScoreRecord, SheetScored
from branchkit.kit.shadow import Shadowed, Standing
from branchkit.kit.wire import AnyCommand, command_line, read_command

__all__ = [
    "AnyCommand",
    "BranchReport",
    "CaseDay",
    "Caseload",
    "ChecklistReport",
    "CustomerReport",
    "Filed",
    "Grant",
    "Grants",
    "Happened",
    "Kit",
    "LateClock",
    "NextRungDue",
    "ProcedureLoad",
    "RefusedLine",
    "ReplayReport",
    "RuleBook",
    "ScoreRecord",
    "SectionResult",
    "Shadowed",
    "SheetScored",
    "Standing",
    "TierMove",
    "TrendPoint",
    "Verification",
    "ZoneFindings",
    "command_line",
    "default_grants",
    "load_plugins",
    "read_command",
    "replay",
]
