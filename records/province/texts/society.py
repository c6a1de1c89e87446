"""Texts of others: complaints, courts, media, evaluations, professional fields, signals.

Kinds of records that a table leaves open are listed here, each with whom or what it comes from,
and are told in docs/province.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from records.province.arrays import Index
from records.province.names import FILER, PERSON, address_text, counties, hashes
from records.province.rows import (
    Coded,
    Column,
    Form,
    Made,
    Rows,
    Words,
    day_of,
    document,
    hashed,
    listed,
    named,
    of_office,
)
from records.province.texts.registration import name_of
from records.schema import TABLES

TOPICS = ("预付式消费", "食品安全", "产品质量", "虚假宣传", "售后服务", "价格", "合同")
CHANNELS = ("互联网", "电话", "微信小程序", "来函", "来访", "其他部门转办")
OBJECT_KINDS = ("服务", "食品", "家居用品", "服务", "电子产品", "商品", "服务")  # a topic's
OBJECTS = ("预付卡", "预包装食品", "家具", "培训课程", "手机", "日用百货", "装修服务")
SETTLED_WITHIN = (60, 90)  # days, of a complaint and of a report
CAUSES = ("买卖合同纠纷", "借款合同纠纷", "劳动争议", "租赁合同纠纷", "建设工程合同纠纷",
          "产品责任纠纷", "侵害商标权纠纷")  # fmt: skip
CONDUCTS = ("有履行能力而拒不履行生效法律文书确定义务", "违反财产报告制度",
            "违反限制消费令", "以转移财产方式规避执行")  # fmt: skip
OUTLETS = ("（合成）龙江日报", "（合成）北国新闻网", "（合成）本地生活号", "（合成）财经观察",
           "（合成）消费观察网")  # fmt: skip
MEDIA_TOPICS = ("经营动态", "产品质量", "劳动用工", "消费维权", "环境保护", "招商引资")
SENTIMENTS = {"negative": "被曝存在问题", "neutral": "发布消息", "positive": "获得好评"}
SCHEMES = (
    "纳税信用等级评价", "海关企业信用等级", "守合同重信用企业公示", "省政府质量奖",
    "专精特新中小企业认定", "行业协会信用评价", "信用承诺公示", "信用承诺履约核查",
)  # fmt: skip
TAX, CUSTOMS, HONOURS, INDUSTRY, KEPT, BROKEN = 0, 1, (2, 3, 4), 5, (6, 7), (7,)
EVALUATED = ("A", "B", "M", "C", "D", "高级认证企业", "注册登记和备案企业", "失信企业",
             "公示", "获奖", "认定", "AAA", "AA", "A（行业）", "承诺", "已履行",
             "未履行")  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A kind of record that its table leaves open: of what, called how, in which unit."""

    of: str
    name: str
    unit: str = ""


FIELDS = (
    Kind("advertising", "广告监测线索"),
    Kind("metrology", "计量器具超期未检", "台件"),
    Kind("metrology", "定量包装商品净含量不合格", "批次"),
    Kind("standards", "企业标准未自我声明公开", "项"),
    Kind("standards", "执行标准不符合", "项"),
    Kind("testing", "检验检测报告异常", "份"),
    Kind("certification", "认证证书暂停", "张"),
    Kind("certification", "认证证书撤销", "张"),
    Kind("pricing", "价格监测异常", "次"),
    Kind("publicity", "即时信息逾期公示", "天"),
    Kind("standards", "企业标准自我声明公开", "项"),
    Kind("certification", "管理体系认证有效", "张"),
    Kind("metrology", "计量器具检定合格", "台件"),
    Kind("intellectual_property", "注册商标", "件"),
    Kind("intellectual_property", "授权专利", "件"),
    Kind("intellectual_property", "软件著作权", "件"),
    Kind("recall", "缺陷产品召回", "件"),
    Kind("recall", "食品召回", "件"),
    Kind("special_equipment", "特种设备事故", "人"),
)
FOUND_FIELDS, KEPT_FIELDS = slice(0, 10), slice(10, 13)
RIGHTS, RECALLED, ACCIDENT = slice(13, 16), (16, 17), 18

SIGNALS = (
    Kind("department", "社会保险费欠缴", "元"),
    Kind("department", "欠税公告", "元"),
    Kind("department", "拖欠劳动报酬", "元"),
    Kind("utility", "电费欠缴", "元"),
    Kind("utility", "水费欠缴", "元"),
    Kind("utility", "燃气费欠缴", "元"),
    Kind("utility", "连续零用电", "月"),
    Kind("association", "行业自律惩戒"),
    Kind("association", "取消会员资格"),
    Kind("platform", "平台投诉集中", "件"),
    Kind("platform", "平台商品下架", "件"),
    Kind("platform", "平台违规扣分", "分值"),
    Kind("national", "风险提示"),
    Kind("national", "跨省违法线索"),
    Kind("national", "任职受限人员"),
)
SOCIAL, TAXES, WAGES, BARRED = 0, 1, 2, 14
UTILITIES, ASSOCIATIONS, PLATFORMS, NATIONAL = (3, 7), (7, 9), (9, 12), (12, 14)


def _of(kinds: tuple[Kind, ...], which: str) -> Made:
    """A column that the kind decides; empty words are null."""
    words = tuple(str(getattr(kind, which)) for kind in kinds)
    empty = np.array([not word for word in words])

    def made(rows: Rows) -> pa.Array:
        codes = rows["kind"].astype(np.int64)
        return listed(words, np.where(empty[codes], -1, codes))

    return Made(made)


def _provider(rows: Rows) -> pa.Array:
    return listed(tuple(kind.of for kind in SIGNALS), rows["kind"])


def _names(rows: Rows) -> pa.Array:
    """The firm, by its name, also where nobody has found out which one it is."""
    return name_of(rows.all, rows.firm, rows.all.first_name[rows.firm])


def _place(rows: Rows, address: Column) -> pa.Array:
    where = address_text(rows.county, np.maximum(address, 0).astype(np.int64))
    return pc.if_else(pa.array(address >= 0), where, None)


def _due(rows: Rows) -> pa.Array:
    return day_of(rows["event_time"] + np.array(SETTLED_WITHIN)[rows["kind"]])


def _title(rows: Rows) -> pa.Array:
    words = TABLES["media_items"].by_name["sentiment"].allowed
    said = listed(tuple(SENTIMENTS[word] for word in words), rows["sentiment"]).cast(pa.string())
    return pc.binary_join_element_wise(_names(rows), said, "")


def _case(rows: Rows) -> pa.Array:
    suit = rows["kind"] == TABLES["court_records"].by_name["kind"].allowed.index("lawsuit")
    return pc.if_else(pa.array(suit), document("民初").made(rows), document("执").made(rows))


def _value(rows: Rows, value: Column) -> pa.Array:
    """What a signal says besides its number: the person barred from office."""
    barred = hashes(value.astype(np.int64), PERSON)
    return pc.if_else(pa.array(rows["kind"] == BARRED), barred, None)


def _year(rows: Rows) -> pa.Array:
    """Taxes are graded for the year before."""
    tax = rows["scheme"] == TAX
    return pc.cast(pa.array(rows.year("event_time") - tax), pa.string())


def _version(word: str) -> Made:
    return Made(lambda rows: listed((word,), np.zeros(len(rows), np.int64)))


# fmt: off
SOCIETY: dict[str, dict[str, Form]] = {
    "complaints": {
        "topic": Words(TOPICS),
        "address": Coded(_place),
        "division": Made(lambda rows: listed(tuple(counties().code.to_pylist()), rows.county)),
        "subject": Made(_names),
        "channel": Words(CHANNELS),
        "object_kind": Made(lambda rows: listed(OBJECT_KINDS, rows["topic"])),
        "object": Made(lambda rows: listed(OBJECTS, rows["topic"])),
        "due_on": Made(_due),
        "filer": hashed(FILER),
    },
    "court_records": {
        "case_no": Made(_case),
        "court": of_office("人民法院"),
        "cause": Words(CAUSES),
        "conduct": Words(CONDUCTS),
    },
    "media_items": {
        "outlet": Words(OUTLETS),
        "topic": Words(MEDIA_TOPICS),
        "title": Made(_title),
    },
    "public_grades": {"model_version": _version("（合成）2024版")},
    "external_evaluations": {
        "scheme": Words(SCHEMES),
        "grade": Words(EVALUATED),
        "year": Made(_year),
        "region": Made(lambda rows: listed(
            tuple(dict.fromkeys(counties().city.to_pylist())), _city(rows))),
        "model_version": _version("（合成）1.0"),
    },
    "field_records": {
        "field": _of(FIELDS, "of"),
        "kind": Words(tuple(kind.name for kind in FIELDS)),
        "value": named("合成设备"),
        "unit": _of(FIELDS, "unit"),
    },
    "external_signals": {
        "provider": Made(_provider),
        "kind": Words(tuple(kind.name for kind in SIGNALS)),
        "value": Coded(_value),
        "unit": _of(SIGNALS, "unit"),
    },
}
# fmt: on


def _city(rows: Rows) -> Index:
    cities = counties().city.to_pylist()
    order = {city: at for at, city in enumerate(dict.fromkeys(cities))}
    return np.array([order[city] for city in cities])[rows.county]
