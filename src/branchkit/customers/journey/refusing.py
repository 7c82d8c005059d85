"""Why the ledger refuses: every reason has a code of its own, and the rules that it carries out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from branchkit.errors import Refusal, Refused
from branchkit.messages import Command
from branchkit.values import FrozenMap

__all__ = ["REASONS", "Reason", "against", "refuse"]


@attrs.frozen
class Reason:
    """What a code means: in Chinese for whoever is shown it, and the rules behind it."""

    zh: str
    rules: tuple[str, ...] = ()


REASONS: Mapping[str, Reason] = FrozenMap(
    {
        "after_the_fact": Reason("转介登记晚于成交，不计入", ("customers:SPLIT-06",)),
        "already_allocated": Reason("线索已分配给他人；改派须写明原责任人", ("customers:FUP-02", "customers:REF-15")),
        "already_credited": Reason("该笔销售已分润", ("customers:SPLIT-04",)),
        "already_reversed": Reason("该笔分润已冲回", ("customers:SPLIT-09",)),
        "already_reviewed": Reason("推荐表乙部分已填写", ("customers:FRM-11",)),
        "approver_is_paid": Reason("批准人不得参与分润", ("customers:SPLIT-02",)),
        "attach_before_consent": Reason(
            "客户尚未同意，不得登记其身份或联系方式", ("customers:PRV-06", "customers:REF-22")
        ),
        "backdated": Reason("登记时间早于该客户最近一次登记，不得倒签", ("customers:SPLIT-06",)),
        "below_standard": Reason("推荐表核定为未达标准", ("customers:FRM-09", "customers:SPLIT-07")),
        "case_3_with_data": Reason(
            "客户拒留联系方式，只可按网点和日期匿名计数", ("customers:REF-22", "customers:PRV-05")
        ),
        "circular": Reason("不得把客户转回已经手的人", ("customers:ROLE-13", "customers:DEV-03")),
        "complex_product": Reason("复杂产品须交柜外人员", ("customers:REF-16", "customers:SLS-11")),
        "conflict": Reason("该客户已有未了结的转介或线索", ("customers:REF-28",)),
        "contact_not_wanted": Reason("客户要求不再联系", ("customers:PRV-22",)),
        "credit_not_configured": Reason("尚未设定分润标准", ("customers:SPLIT-02", "customers:SPLIT-03")),
        "expired": Reason("转介已过有效期", ("customers:FUP-06",)),
        "handouts_missing": Reason("须递送名片与材料，并告知可随时联系", ("customers:REF-19", "customers:REF-21")),
        "interest_case": Reason("兴趣程度与转介情形不符", ("customers:REF-23", "customers:REF-18", "customers:REF-19")),
        "lead_exists": Reason("该线索已存在"),
        "lead_over": Reason("线索已了结", ("customers:FUP-07",)),
        "look_up_not_needed": Reason("先直接判断；判断不明才查系统", ("customers:REF-08",)),
        "next_action_missing": Reason("须写明下一步行动和日期", ("customers:FUP-07",)),
        "no_customer": Reason("线索须对应已知客户", ("customers:REF-06",)),
        "no_form": Reason("推荐表甲部分尚未填写", ("customers:FRM-11",)),
        "no_referral": Reason("没有已登记的转介", ("customers:SPLIT-06", "customers:SPLIT-08")),
        "nobody_fits": Reason("没有可分配的责任人", ("customers:REF-15",)),
        "not_allocated": Reason("须先分配责任人再联系客户", ("customers:FUP-02",)),
        "not_handed_over": Reason("既未当场承接，也未填推荐表", ("customers:REF-18",)),
        "not_owner": Reason("线索由责任人跟进", ("customers:FUP-04",)),
        "not_quality": Reason("客户未达识别门槛", ("customers:REF-09",)),
        "not_shared": Reason("按分润标准不予分润", ("customers:SPLIT-01",)),
        "not_willing": Reason("客户未表示愿意", ("customers:REF-11",)),
        "other_branch": Reason("属于另一网点"),
        "other_customer": Reason("该到访属于另一客户", ("customers:PRV-21",)),
        "out_of_order": Reason("时间早于前一步"),
        "referral_exists": Reason("该转介已存在"),
        "referral_settled": Reason("转介已了结", ("customers:REF-17",)),
        "sale_exists": Reason("该笔销售已登记，不得再计入另一线索", ("customers:SPLIT-04",)),
        "same_author": Reason("乙部分不得由转介人填写", ("customers:FRM-11",)),
        "self_referral": Reason("不得转介给自己", ("customers:ROLE-13", "customers:REF-25")),
        "unfit_owner": Reason("此人不能担任该线索的责任人", ("customers:FUP-02",)),
        "unknown_branch": Reason("网点未登记"),
        "unknown_credit": Reason("该笔销售未曾分润"),
        "unknown_customer": Reason("客户未登记", ("customers:PRV-06",)),
        "unknown_introducer": Reason("引荐人未登记", ("customers:DEV-03",)),
        "unknown_lead": Reason("没有这条线索"),
        "unknown_referral": Reason("没有这笔转介"),
        "unknown_sale": Reason("没有这笔销售"),
        "unknown_target": Reason("没有这一转介去向", ("customers:REF-25",)),
        "unknown_visit": Reason("没有这次到访"),
        "visit_ended": Reason("该到访已结束"),
        "visit_exists": Reason("该到访已存在"),
        "wrong_post": Reason("所任岗位不得进行这一步", ("customers:REF-02",)),
        "wrong_recorder": Reason("录入人与转介情形不符", ("customers:REF-24", "customers:REF-18", "customers:REF-20")),
    }
)
"""Every reason for which the ledger of journeys refuses, by code."""


def against(code: str, reason: str, path: str = "$") -> Refusal:
    """Return a reason to refuse, with the rules of its code.

    >>> print(against("same_author", "part B is not for S-1, who filled in part A"))
    part B is not for S-1, who filled in part A (customers:FRM-11)
    """
    known = REASONS[code]
    return Refusal(code, reason, rules=known.rules, path=path, zh=known.zh)


def refuse(command: Command, reasons: Iterable[Refusal]) -> None:
    """Raise `Refused` with every reason, where there is one."""
    found = tuple(reasons)
    if found:
        raise Refused.because(type(command).__name__, found)
