"""Texts of what market regulation does: lists, visits, penalties, samples, equipment, repairs."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from records.province.arrays import Flags, Index
from records.province.names import PAIR, counties, numbered
from records.province.rows import (
    ABSENT_DAY,
    Coded,
    Column,
    Form,
    Made,
    Rows,
    Words,
    document,
    hashed,
    listed,
    named,
    of_office,
)
from records.province.texts.registration import name_of
from records.schema import RESULTS, TABLES

REMOVALS = ("补报年度报告", "履行公示义务", "更正公示信息", "重新取得联系")
SERIOUS = ("提供虚假材料取得登记", "生产销售不合格食品", "列入异常名录届满三年", "拒不履行处罚决定")
SERIOUS_REMOVALS = ("列入届满三年", "提前移出")
ITEMS = ("登记事项", "公示信息", "住所", "许可", "年报", "广告", "价格", "商标", "产品质量",
         "计量", "食品安全")  # fmt: skip
NAMED_ITEMS = (*ITEMS, "特种设备")
"""Items that a plan may name; the last is in no visit of the province's own bureau."""
FOUND = {
    "not_published": "未按规定公示应当公示的信息",
    "false_information": "公示信息与实际情况不符",
    "unreachable": "通过登记的住所无法取得联系",
    "problem_corrected": "存在一般问题，已当场或限期改正",
    "obstructed": "拒不配合检查",
    "problem_pending": "涉嫌违法，待进一步调查处理",
}
PENDING = {
    "食品安全": "违反食品药品管理相关规定", "产品质量": "违反质量技术监督相关规定",
    "计量": "违反质量技术监督相关规定", "许可": "违反其他部门相关规定",
}  # fmt: skip
FINDINGS = tuple(
    f"{item}：{PENDING.get(item) if result == 'problem_pending' and item in PENDING else said}"
    if (said := FOUND.get(result, ""))
    else ""
    for item in NAMED_ITEMS
    for result in RESULTS
)
"""What was found, item by item and result by result; nothing where nothing is said."""
AUTHORITIES = ("市场监督管理局", "税务局", "生态环境局", "应急管理局", "综合行政执法局")
VIOLATIONS = (
    "广告违法", "无证经营", "食品安全违法", "价格违法", "产品质量违法", "逾期未改正", "商标侵权",
    "销售假冒商品", "不正当竞争", "垄断行为", "计量违法", "认证违法", "检验检测违法",
    "特种设备违法", "提交虚假材料登记", "未按规定公示信息",
    "逃避缴纳税款", "发票违法", "违反环境保护规定", "违反安全生产规定",
    "违反消防管理规定", "违反劳动保障规定", "违反城市管理规定",
)  # fmt: skip
LAWS = (
    "《广告法》", "《市场主体登记管理条例》", "《食品安全法》", "《价格法》", "《产品质量法》",
    "《行政处罚法》", "《商标法》", "《产品质量法》", "《反不正当竞争法》", "《反垄断法》",
    "《计量法》", "《认证认可条例》", "《检验检测机构监督管理办法》", "《特种设备安全法》",
    "《市场主体登记管理条例》", "《企业信息公示暂行条例》", "《税收征收管理法》",
    "《发票管理办法》", "《环境保护法》", "《安全生产法》", "《消防法》",
    "《劳动保障监察条例》", "《城市市容和环境卫生管理条例》",
)  # fmt: skip
DECIDED = {
    "warning": "警告", "fine": "罚款", "confiscation": "没收违法所得并罚款",
    "suspension": "责令停产停业", "revocation": "吊销许可证", "closure": "责令关闭",
    "other": "责令改正", "restriction": "限制开展生产经营活动", "detention": "移送行政拘留",
}  # fmt: skip
PRODUCTS = ("大米", "食用植物油", "糕点", "调味品", "熟肉制品", "电线电缆", "儿童玩具", "服装",
            "钢筋", "燃气灶具", "化肥", "农用塑料薄膜")  # fmt: skip
FOODS = 5  # the first of them
FAILED = ("菌落总数", "防腐剂混合使用时比例之和", "标签", "绝缘厚度", "力学性能", "有效成分含量")
LABORATORIES = ("合成·省产品质量检验研究院", "合成·省食品检验研究院", "合成·市检验检测中心")


def month_plan(run: Column) -> pa.Array:
    """`CC-2026-05`: the plan of a month, given by its first day; null where there is none."""
    absent = run < 0
    month = np.where(absent, 0, run).astype("datetime64[D]").astype("datetime64[M]").astype(str)
    plan = pc.binary_join_element_wise("CC", pa.array(month), "-")
    return pc.if_else(pa.array(absent), None, plan)


def about_plan(plan: pa.Array, county: Index) -> dict[str, pa.Array]:
    """A plan's name and its task in each county, by the plan's id; null where there is none."""
    division, place = (part.take(pa.array(county)) for part in (counties().code, counties().name))
    return {
        "plan_name": pc.binary_join_element_wise("（合成）双随机抽查计划", plan, ""),
        "task_id": pc.binary_join_element_wise(plan, division, "-"),
        "task_name": pc.binary_join_element_wise("（合成）", place, "双随机抽查任务", plan, ""),
    }


def _about(which: str) -> Made:
    return Made(lambda rows: about_plan(month_plan(rows["plan_id"]), rows.county)[which])


def finding(rows: Rows) -> pa.Array:
    """What was found, in words; null where nothing was."""
    codes = rows["item"].astype(np.int64) * len(RESULTS) + rows["result"]
    found = np.array([bool(text) for text in FINDINGS])
    places = np.cumsum(found) - 1
    words = tuple(text for text in FINDINGS if text)
    return listed(words, np.where(found[codes], places[codes], -1))


def _decision(rows: Rows) -> pa.Array:
    kinds = TABLES["penalties"].by_name["penalty"].allowed
    said = listed(tuple(DECIDED[kind] for kind in kinds), rows["penalty"]).cast(pa.string())
    yuan = pc.cast(pa.array(np.maximum(rows["amount"], 0) // 100), pa.string())
    fined = pc.binary_join_element_wise(said, yuan, "元", "")
    revoked = pc.binary_join_element_wise(said, numbered("XK", _licence(rows)), "：")
    paid = pa.array(rows["amount"] > 0)
    return pc.if_else(pa.array(_licence(rows) >= 0), revoked, pc.if_else(paid, fined, said))


def _licence(rows: Rows) -> Index:
    return np.asarray(rows["decision"], np.int64)


def _batch(rows: Rows) -> pa.Array:
    made = rows["event_time"].astype(np.int64) - 20 - rows.number % 90
    return pc.strftime(pa.array(made.astype(np.int32)).cast(pa.date32()), "%Y%m%d")


def _maker(rows: Rows, maker: Column) -> pa.Array:
    firm = maker.astype(np.int64)
    return name_of(rows.all, firm, rows.all.first_name[firm])


def _repaired(rows: Rows, number: Column) -> pa.Array:
    from records.province.ledger import source_ids

    text = pa.nulls(len(rows), pa.string())
    for code in np.unique(rows["repaired_table"]):
        mask = rows["repaired_table"] == code
        names = source_ids(REPAIRABLE[int(code)], number[mask].astype(np.int64))
        text = pc.replace_with_mask(text, pa.array(mask), names)
    return text


REPAIRABLE = ("abnormal_listings", "serious_listings", "penalties")


def _removed(rows: Rows) -> Flags:
    return np.asarray(rows["removed_on"] != ABSENT_DAY)


# fmt: off
OVERSIGHT: dict[str, dict[str, Form]] = {
    "abnormal_listings": {
        "removal_reason": Made(lambda rows: listed(
            REMOVALS, np.where(_removed(rows), rows["cause"], -1))),
        "office": of_office("市场监督管理局"),
        "removal_office": of_office("市场监督管理局", where=_removed),
    },
    "serious_listings": {
        "cause": Words(SERIOUS),
        "removal_reason": Words(SERIOUS_REMOVALS),
        "office": of_office("市场监督管理局"),
    },
    "inspections": {
        "inspection_id": named("RW"),
        "plan_id": Coded(lambda _, run: month_plan(run)),
        "item": Words(NAMED_ITEMS),
        "office": of_office("市场监督管理局"),
        "inspector": hashed(PAIR),
        "plan_name": _about("plan_name"),
        "task_id": _about("task_id"),
        "task_name": _about("task_name"),
        "finding": Made(finding),
    },
    "penalties": {
        "decision_no": document("罚"),
        "violation": Words(VIOLATIONS),
        "decision": Coded(lambda rows, _: _decision(rows), always=True),
        "basis": Made(lambda rows: listed(LAWS, rows["violation"])),
        "office": of_office(*AUTHORITIES, column="authority_field"),
    },
    "product_samples": {
        "notice_no": document("抽检通告"),
        "product": Words(PRODUCTS),
        "batch": Made(_batch),
        "maker": Coded(_maker),
        "agency": Words(LABORATORIES),
        "failed_items": Words(FAILED),
    },
    "special_equipment": {
        "equipment_id": Made(lambda rows: numbered("合成设备", rows.number)),
        "certificate_no": Made(lambda rows: numbered("合成容", rows.number)),
    },
    "repairs": {
        "repaired_table": Words(REPAIRABLE),
        "repaired_source_id": Coded(_repaired),
    },
}
# fmt: on
