"""The words of a task list."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from serving.telling.languages import apart

COLUMNS: Mapping[str, tuple[str, str, float]] = MappingProxyType(
    {
        "day": ("第几天", "Day", 8),
        "stop": ("顺序", "Stop", 6),
        "km": ("估计里程（公里）", "Estimated km", 12),
        "name": ("企业名称", "Enterprise", 34),
        "entity_id": ("统一社会信用代码", "Unified social credit code", 22),
        "address": ("住所（经营场所）", "Address", 34),
        "division": ("行政区划", "Division", 10),
        "items": ("检查事项（依据）", "Items (basis)", 30),
        "method": ("检查方式", "Method", 14),
        "inspector_1": ("检查人员一", "Inspector 1", 14),
        "inspector_2": ("检查人员二", "Inspector 2", 14),
        "until": ("检查截止", "To be visited by", 12),
        "enter": ("结果录入", "Results to be entered", 20),
        "last_visit_on": ("上次检查", "Last visit", 12),
        "drawn_as": ("抽取方式", "Drawn as", 14),
        "risk_class": ("信用风险分类（内部）", "Risk class (internal)", 12),
        "public_grade": ("公共信用等级（内部）", "Public grade (internal)", 12),
        "records": ("应核对的记录（内部）", "Records to look at (internal)", 48),
        "services": ("便利服务及依据", "Services and their basis", 40),
        "limits": ("限制措施及依据", "Limits and their basis", 40),
        "note": ("说明", "Note", 36),
        "visit": ("检查编号", "Visit", 20),
    }
)
"""The columns of a list in their order: heading in zh and en, width in characters."""

METHODS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "on_site": ("实地检查", "on site"),
        "written": ("书面检查", "written"),
        "department_opinion": ("行政部门检查结果或专业意见", "another department's opinion"),
        "laboratory": ("检验检测", "laboratory"),
        "online": ("网络监测", "online"),
        "entrusted": ("委托专业机构", "entrusted"),
    }
)

_TEXTS: dict[str, tuple[str, str]] = {
    "sheet": ("任务清单", "Tasks"),
    "work": ("行程", "Ways"),
    "load": ("工作量", "Workload"),
    "unqualified": ("无执法资格", "not qualified"),
    "away": ("全程休假", "on leave throughout"),
    "blind": ("盲抽", "blind draw"),
    "plan": ("按计划抽取", "drawn by the plan"),
    "top_up": ("补足下限抽取", "drawn to fill the floor"),
    "hidden": (
        "盲抽任务：结果录入前不显示分类、等级和理由",
        "Blind: class, grade and reasons are told when the results are in",
    ),
    "no_specialty": (
        "本组专业特长未覆盖全部事项，请事先请教专业人员",
        "The pair lacks a specialty that an item asks for; ask somebody who knows",
    ),
    "leave": ("休假：", "On leave: "),
    "to": (" 至 ", " to "),
    "enter": ("检查后 {days} 个工作日内", "within {days} working days of the visit"),
    "basis": ("{name}（{basis}）", "{name} ({basis})"),
    "record": (
        "{event_time} {table} {source_id}（{source}）",
        "{event_time} {table} {source_id} ({source})",
    ),
    "because": ("{says}：{records}", "{says}: {records}"),
    "entitled": (
        "{names}：{says}{table} {source_id}，{event_time}；{clause}",
        "{names}: {says}{table} {source_id}, {event_time}; {clause}",
    ),
    "and": ("、", ", "),
    "grade": ("{grade} 级，", "grade {grade}, "),
    "join": ("；", "; "),
}

WORK: Mapping[str, tuple[str, str, float]] = MappingProxyType(
    {
        "pair": ("检查组", "Pair", 28),
        "visits": ("实地检查数", "Visits on site", 12),
        "km": ("估计里程（公里）", "Estimated km", 16),
        "days": ("天数", "Days", 8),
        "km_as_drawn": ("按抽取顺序里程（公里）", "Km in the order drawn", 22),
        "days_as_drawn": ("按抽取顺序天数", "Days in the order drawn", 18),
    }
)

LOAD: Mapping[str, tuple[str, str, float]] = MappingProxyType(
    {
        "inspector_id": ("检查人员", "Inspector", 18),
        "unit": ("单位行政区划", "Unit", 14),
        "visits": ("检查数", "Visits", 10),
        "led": ("其中任检查人员一", "As inspector 1", 18),
        "blind": ("其中盲抽", "Blind", 10),
        "outside": ("其中跨市", "Beyond the city", 14),
        "unavailable": ("不能派出", "Cannot be sent", 16),
    }
)
"""The columns of the inspectors' share of the visits."""

TASK = apart(_TEXTS)
