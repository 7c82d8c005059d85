"""The page's own words, in both languages; what a catalog says comes with the report."""

from __future__ import annotations

from collections.abc import Mapping

from branchkit.values import FrozenMap, Severity, Text

__all__ = ["BRANCH_KINDS", "DAYS", "LINES", "REF_KINDS", "SEVERITIES", "WORDS", "titled"]

WORDS: Mapping[str, Text] = FrozenMap(
    {
        "address": Text(zh="地址", en="Address"),
        "all_well": Text(zh="很好，目前没有未解决的问题。", en="Well done: nothing is open at this branch."),
        "as_of": Text(zh="截至", en="As of"),
        "as_table": Text(zh="以表格查看", en="As a table"),
        "at_best": Text(
            zh="已是最高等级，无需整改即可保持。", en="It stands in the best band; there is nothing to fix to reach it."
        ),
        "band": Text(zh="等级", en="Band"),
        "branch_report": Text(zh="网点报告", en="Branch report"),
        "by_section": Text(zh="分项得分", en="Score by section"),
        "case": Text(zh="事项", en="Case"),
        "case_closed": Text(zh="已结", en="Closed"),
        "case_closed_late": Text(zh="逾期办结", en="Closed late"),
        "case_by": Text(zh="期限", en="Due by"),
        "case_clock": Text(zh="计时", en="Clock"),
        "case_days": Text(zh="事项日历", en="Calendar of cases"),
        "case_days_intro": Text(
            zh="每格一天：数字为当日到期的计时数，折角为其中逾期的，圆点表示当日有事项开立。",
            en="A field a day: the number is how many clocks are due on it, a folded corner says that some were "
            "missed, a dot that cases were opened.",
        ),
        "case_due": Text(zh="到期", en="due"),
        "case_late": Text(zh="逾期", en="Late"),
        "case_late_by": Text(zh="已逾期", en="Late by"),
        "case_late_now": Text(zh="逾期的计时", en="Clocks that are late"),
        "case_missed": Text(zh="其中逾期", en="missed"),
        "case_more": Text(zh="另有", en="and more:"),
        "case_next": Text(zh="接下来的升级", en="What escalates next"),
        "case_none_late": Text(zh="很好，没有逾期的计时。", en="Well done: no clock is late."),
        "case_none_next": Text(zh="目前没有待触发的升级。", en="No rung is ahead."),
        "case_open": Text(zh="办理中", en="Open"),
        "case_opened": Text(zh="开立", en="opened"),
        "case_because": Text(zh="受影响于", en="hindered by"),
        "case_paused": Text(zh="暂停中", en="paused"),
        "case_procedure": Text(zh="流程", en="Procedure"),
        "case_rung": Text(zh="阶梯/级", en="Ladder/rung"),
        "case_unreadable": Text(zh="以下事项的计时无法推算：", en="Clocks of these cases cannot be read:"),
        "case_when": Text(zh="时间", en="When"),
        "cases": Text(zh="事项与时限", en="Cases and deadlines"),
        "checklist": Text(zh="检查表", en="Checklist"),
        "checklists": Text(zh="检查与评分", en="Checklists and scores"),
        "closed": Text(zh="休息", en="closed"),
        "closed_before": Text(zh="已解决", en="Resolved so far"),
        "code": Text(zh="网点编号", en="Branch code"),
        "cost": Text(zh="成本", en="Cost"),
        "customers": Text(zh="客户与转介", en="Customers and referrals"),
        "customers_all": Text(zh="合计", en="all"),
        "customers_allocated": Text(zh="已分配", en="allocated"),
        "customers_by_post": Text(zh="按岗位", en="By post"),
        "customers_case_1": Text(zh="情形一：当场承接", en="case 1, handed over on the spot"),
        "customers_case_2": Text(zh="情形二：推荐表", en="case 2, by form"),
        "customers_case_3": Text(zh="情形三：拒留联系方式", en="case 3, contact refused"),
        "customers_contacted": Text(zh="已联系", en="contacted"),
        "customers_conversion": Text(zh="线索转化率", en="leads converted"),
        "customers_converted": Text(zh="已转化", en="converted"),
        "customers_from": Text(zh="原层级", en="from"),
        "customers_funnel": Text(zh="转介漏斗", en="Referral funnel"),
        "customers_intro": Text(
            zh="当月至今；按到访、转介、线索发生之日计。",
            en="The month so far; visits, referrals and leads count by the day they began.",
        ),
        "customers_leads": Text(zh="线索", en="leads"),
        "customers_moves": Text(zh="层级变动", en="Moves between tiers"),
        "customers_no_post": Text(zh="未知岗位", en="no post"),
        "customers_none": Text(zh="未分层", en="no tier"),
        "customers_people": Text(zh="客户数", en="customers"),
        "customers_post": Text(zh="岗位", en="Post"),
        "customers_quality": Text(zh="优质", en="quality"),
        "customers_referred": Text(zh="转介", en="referred"),
        "customers_refused": Text(zh="拒留联系方式（仅计数）", en="Contact refused (only counted)"),
        "customers_scheme": Text(zh="分层方案", en="scheme"),
        "customers_standard": Text(zh="推荐表合格率", en="forms up to standard"),
        "customers_to": Text(zh="现层级", en="to"),
        "customers_visits": Text(zh="到访识别", en="visits"),
        "customers_willing": Text(zh="有意愿", en="willing"),
        "days_open": Text(zh="天", en="d"),
        "difference": Text(zh="不适用部分折算、限制与取整", en="Parts that do not apply, limits, rounding"),
        "effect": Text(zh="影响", en="Effect"),
        "exceptions": Text(zh="特殊日期", en="Special dates"),
        "failed": Text(zh="未通过", en="failed"),
        "filled_by": Text(zh="填报人", en="Filled in by"),
        "findings": Text(zh="分区问题", en="Findings by zone"),
        "first": Text(zh="优先整改", en="What to fix first"),
        "first_intro": Text(
            zh="以最低成本升至更高等级的整改清单：", en="The cheapest set of fixes that reaches a better band:"
        ),
        "fix": Text(zh="整改事项", en="What to fix"),
        "fix_reaches": Text(zh="全部整改后", en="Once all is fixed"),
        "hours": Text(zh="营业时间", en="Opening hours"),
        "hours_line": Text(zh="业务", en="Business"),
        "hours_other": Text(zh="其他业务", en="Other business"),
        "journal": Text(zh="日志摘要", en="Journal head"),
        "kind": Text(zh="网点类型", en="Kind"),
        "language": Text(zh="语言", en="Language"),
        "made_from": Text(
            zh="本页由日志生成，不含个人信息；人员仅以编号表示。凭日志摘要可核对其对应的数据状态。",
            en="Made from the journal, without personal data: people appear by their id. "
            "The journal head tells which state it shows.",
        ),
        "na": Text(zh="不适用", en="not applicable"),
        "no_checklists": Text(
            zh="还没有完成的检查表；首次检查后这里会显示得分。",
            en="No sheet has been completed yet; scores appear here after the first one.",
        ),
        "no_days": Text(zh="这段时间没有事项开立或到期", en="nothing was opened or due in this time"),
        "no_fixes": Text(
            zh="按现有项目的整改无法直接升级，或该策略不提供整改建议。",
            en="No set of fixes is known that reaches a better band, or the policy does not offer one.",
        ),
        "no_policy": Text(
            zh="该检查表未指定评分策略，因此不评分。",
            en="No scoring policy is named for this checklist, so it is not scored.",
        ),
        "no_sections": Text(zh="检查表没有可显示的分项。", en="The checklist has no sections to show."),
        "no_steps": Text(zh="没有扣分或加分的步骤。", en="No step moved the score."),
        "not_yet": Text(
            zh="评分之后，这里会列出优先整改的事项。", en="Once the sheet is scored, what to fix first appears here."
        ),
        "no_trend": Text(zh="还没有历史得分。", en="There are no earlier scores yet."),
        "not_known": Text(zh="未知", en="not known"),
        "not_scored": Text(zh="未评分", en="Not scored"),
        "one_point": Text(
            zh="目前只有一次评分；下次评分后即可看出趋势。", en="One score so far; the next one will show a trend."
        ),
        "open_findings": Text(zh="未解决问题", en="Open findings"),
        "passed": Text(zh="通过", en="passed"),
        "place": Text(zh="位置", en="Place"),
        "points": Text(zh="得分", en="Points"),
        "policy": Text(zh="评分策略", en="Policy"),
        "reached": Text(zh="该等级已达到，无需整改。", en="The band is reached already; nothing needs fixing."),
        "result": Text(zh="得分", en="Result"),
        "rules": Text(zh="规则", en="Rules"),
        "score": Text(zh="得分与等级", en="Score and band"),
        "severity": Text(zh="严重程度", en="Severity"),
        "sheet": Text(zh="检查单", en="Sheet"),
        "since": Text(zh="发现时间", en="Since"),
        "standing": Text(zh="现状", en="as it stands"),
        "sum": Text(zh="各项合计", en="Sum of the effects"),
        "total_cost": Text(zh="总成本", en="Total cost"),
        "trend": Text(zh="得分趋势", en="Trend"),
        "unknown": Text(zh="未知或未答", en="unknown or unanswered"),
        "version": Text(zh="版本", en="version"),
        "what": Text(zh="问题", en="What is wrong"),
        "whole": Text(zh="网点整体", en="the branch"),
        "why": Text(zh="得分说明", en="Why this score"),
        "why_what": Text(zh="说明", en="What happened"),
        "zone_clear": Text(zh="没有未解决的问题", en="nothing is open"),
    }
)
"""By name; the templates use nothing else."""

SEVERITIES: Mapping[Severity, Text] = {
    Severity.CRITICAL: Text(zh="危急", en="critical"),
    Severity.MAJOR: Text(zh="严重", en="major"),
    Severity.MINOR: Text(zh="一般", en="minor"),
    Severity.WARNING: Text(zh="提示", en="warning"),
}
"""The worst first."""

BRANCH_KINDS: Mapping[str, Text] = FrozenMap(
    {
        "basic_outlet": Text(zh="基础网点", en="Basic outlet"),
        "premium_outlet": Text(zh="精品网点", en="Premium outlet"),
        "wealth_outlet": Text(zh="财富网点", en="Wealth outlet"),
        "rural_outlet": Text(zh="乡村网点", en="Rural outlet"),
        "smart_outlet": Text(zh="智慧网点", en="Smart outlet"),
    }
)

REF_KINDS: Mapping[str, Text] = FrozenMap(
    {
        "addressee": Text(zh="对象", en="addressee"),
        "aspect": Text(zh="方面", en="aspect"),
        "branch": Text(zh="网点", en="branch"),
        "business": Text(zh="业务", en="business"),
        "business_line": Text(zh="业务条线", en="business line"),
        "capability": Text(zh="功能", en="capability"),
        "counter": Text(zh="柜台", en="counter"),
        "day_type": Text(zh="日期类型", en="kind of day"),
        "element": Text(zh="要素", en="element"),
        "entry": Text(zh="登记项", en="entry"),
        "equipment": Text(zh="设备", en="device"),
        "group": Text(zh="组别", en="group"),
        "language": Text(zh="语言", en="language"),
        "level": Text(zh="级别", en="level"),
        "line": Text(zh="业务", en="line"),
        "object": Text(zh="物件", en="object"),
        "plate": Text(zh="牌示", en="plate"),
        "post": Text(zh="岗位", en="post"),
        "register": Text(zh="台账", en="register"),
        "row": Text(zh="行", en="row"),
        "service": Text(zh="服务", en="service"),
        "sheet": Text(zh="检查单", en="sheet"),
        "staff": Text(zh="员工", en="staff"),
        "subject": Text(zh="事项", en="subject"),
        "time": Text(zh="时段", en="time"),
        "topic": Text(zh="主题", en="topic"),
        "unit": Text(zh="机构", en="unit"),
        "value": Text(zh="方面", en="aspect"),
        "way": Text(zh="方式", en="way"),
        "zone": Text(zh="功能区", en="zone"),
    }
)

DAYS: Mapping[str, Text] = FrozenMap(
    {
        "mon": Text(zh="周一", en="Mon"),
        "tue": Text(zh="周二", en="Tue"),
        "wed": Text(zh="周三", en="Wed"),
        "thu": Text(zh="周四", en="Thu"),
        "fri": Text(zh="周五", en="Fri"),
        "sat": Text(zh="周六", en="Sat"),
        "sun": Text(zh="周日", en="Sun"),
        "workday": Text(zh="工作日", en="Workday"),
        "rest_day": Text(zh="休息日", en="Rest day"),
        "holiday": Text(zh="法定节假日", en="Holiday"),
        "makeup_day": Text(zh="调休上班日", en="Make-up day"),
    }
)


LINES: Mapping[str, Text] = FrozenMap(
    {
        "personal": Text(zh="个人业务", en="Personal"),
        "corporate": Text(zh="对公业务", en="Corporate"),
    }
)


def titled(titles: Mapping[str, Text], code: str) -> Text:
    """Return the words for a code, or the code itself where there are none.

    >>> str(titled(REF_KINDS, "equipment")), str(titled(REF_KINDS, "vault"))
    ('设备 · device', 'vault')
    """
    return titles.get(code) or Text(en=code)
