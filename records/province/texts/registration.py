"""Texts of the registry: registrations, people, changes, licences, ends, links."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from records.province.arrays import Flags, Index
from records.province.names import (
    AGENT,
    COMPANY,
    FORMS,
    PERSON,
    PHONE,
    address_text,
    counties,
    digits,
    firm_names,
    hashes,
)
from records.province.registry import Firms
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
    of_office,
)
from records.province.traits import CURRENCIES, MARKETS
from records.schema import TABLES

OLD_NUMBERS_UNTIL = int(np.datetime64("2015-10-01", "D").astype(np.int64))
"""Firms of before that day have a registration number besides their credit code."""

SCOPES = 4
LICENCES = ("食品经营许可", "食品生产许可", "危险化学品经营许可", "道路运输经营许可",
            "建筑业企业资质", "公共场所卫生许可", "特种行业许可")  # fmt: skip
LICENSED = ("预包装食品、散装食品销售；热食类食品制售", "粮食加工品、饮料、糕点生产",
            "易燃液体、压缩气体（不含剧毒）", "普通货物运输、货物专用运输",
            "建筑装修装饰工程专业承包", "美容、美发、住宿场所", "旅馆业")  # fmt: skip
LICENSORS = ("市场监督管理局", "市场监督管理局", "应急管理局", "交通运输局", "住房和城乡建设局",
             "卫生健康局", "公安局")  # fmt: skip
TITLES = ("监事", "经理", "执行董事", "财务负责人")
CONTRIBUTIONS = ("货币", "实物", "知识产权", "土地使用权")
BASES = ("统一社会信用代码换发公告", "登记系统隶属关系", "个体工商户转型为企业登记")
CONFIRMED = ("合成·省市场监督管理局登记注册处",)
JUDICIAL = ("bankruptcy_liquidation", "reorganisation", "settlement")


def name_of(firms: Firms, firm: Index, pick: Index) -> pa.Array:
    """The names of firms with the letters they have chosen, shape (n,)."""
    nouns = pa.array([trade.noun for trade in firms.trades])
    forms = pa.array([FORMS.get(code, "有限公司") for code in firms.types])
    head = firms.traits.head[firm]
    whose = np.where(head >= 0, head, firm)
    letters = np.where(head >= 0, firms.first_name[whose], pick)
    own = firm_names(
        firms.county[whose],
        letters,
        nouns.take(pa.array(firms.industry[whose])),
        forms.take(pa.array(firms.kind[whose])),
    )
    if not (head >= 0).any():
        return own
    place = counties().name.take(pa.array(firms.county[firm]))
    return pc.if_else(
        pa.array(head >= 0), pc.binary_join_element_wise(own, place, "分公司", ""), own
    )


def old_number(firms: Firms, firm: Index) -> pa.Array:
    """Registration numbers of before the credit code; null for firms that are younger."""
    division = counties().code.take(pa.array(firms.county[firm]))
    number = pc.binary_join_element_wise(division, digits(firm, "XF"), "")
    return pc.if_else(pa.array(firms.established[firm] < OLD_NUMBERS_UNTIL), number, None)


def scopes(firms: Firms, firm: Index, version: Index) -> pa.Array:
    """Business scopes, shape (n,)."""
    words = tuple(
        f"{trade.noun}经营；{more}"
        for trade in firms.trades
        for more in ("技术咨询", "货物进出口", "日用品销售；信息咨询", "仓储服务；设备租赁")
    )
    return listed(words, firms.industry[firm] * SCOPES + version % SCOPES)


def _codes(rows: Rows, firm: Column) -> pa.Array:
    return rows.all.codes.take(pa.array(firm.astype(np.int64), mask=firm < 0))


def _person(rows: Rows, person: Column) -> pa.Array:
    """A natural person's hash; a corporate shareholder's is that of its code."""
    investor = rows["investor_id"].astype(np.int64)
    natural = hashes(person.astype(np.int64), PERSON)
    return pc.if_else(pa.array(investor >= 0), hashes(investor, COMPANY), natural)


def _said(which: str) -> Coded:
    """What stood before a change, or stands after it."""

    def made(rows: Rows, codes: Column) -> pa.Array:
        items, text = TABLES["changes"].by_name["item"].allowed, pa.nulls(len(rows), pa.string())
        item = rows["item"]
        for name in ("legal_rep", "equity", "name", "address", "scope", "capital", "other"):
            mask = item == items.index(name)
            if mask.any():
                told = _told(name, rows, np.flatnonzero(mask), codes[mask].astype(np.int64), which)
                text = pc.replace_with_mask(text, pa.array(mask), told.cast(pa.string()))
        return text

    return Coded(made)


def _told(item: str, rows: Rows, at: Index, codes: Index, which: str) -> pa.Array:
    firms, firm = rows.all, rows.firm[at]
    if item in ("legal_rep", "equity"):
        return hashes(codes, PERSON)
    if item == "name":
        return name_of(firms, firm, codes)
    if item == "address":
        return address_text(firms.county[firm], codes)
    if item == "scope":
        return scopes(firms, firm, codes)
    if item == "capital":
        yuan = pc.cast(pa.array(rows[f"amount_{which}"][at] // 100), pa.string())
        return pc.binary_join_element_wise(yuan, "元", "")
    return pc.cast(day_of(codes.astype(np.int32)), pa.string())


def _flags(values: Column) -> pa.Array:
    return pa.array(np.asarray(values, bool))


def _case(rows: Rows) -> pa.Array:
    judicial = pa.array(_judicial(rows))
    notice = document("公告").made(rows)
    return pc.if_else(judicial, document("破").made(rows), notice)


def _judicial(rows: Rows) -> Flags:
    kinds = TABLES["liquidations"].by_name["kind"].allowed
    return np.isin(rows["kind"], [kinds.index(kind) for kind in JUDICIAL])


def _linked(rows: Rows, other: Column) -> pa.Array:
    """Another firm's code; the firm's own old number where there is no other."""
    return pc.coalesce(_codes(rows, other), old_number(rows.all, rows.firm))


# fmt: off
REGISTRATION: dict[str, dict[str, Form]] = {
    "enterprises": {
        "name": Coded(lambda rows, pick: name_of(rows.all, rows.firm, pick.astype(np.int64))),
        "entity_type": Made(lambda rows: listed(rows.all.types, rows.all.kind[rows.firm])),
        "industry": Made(lambda rows: listed(
            tuple(trade.code for trade in rows.all.trades), rows.all.industry[rows.firm])),
        "division": Made(lambda rows: listed(tuple(counties().code.to_pylist()), rows.county)),
        "address": Coded(lambda rows, place: address_text(rows.county, place.astype(np.int64))),
        "legal_rep": hashed(PERSON),
        "agent": Made(lambda rows: hashes(rows.all.agent[rows.firm], AGENT)),
        "established_on": Made(lambda rows: day_of(rows.all.established[rows.firm])),
        "new_economy": Made(lambda rows: _flags(rows.all.new_economy[rows.firm])),
        "high_tech": Made(lambda rows: _flags(rows.all.traits.high_tech[rows.firm])),
        "reg_no": Made(lambda rows: old_number(rows.all, rows.firm)),
        "currency": Made(lambda rows: listed(CURRENCIES, rows.all.traits.currency[rows.firm])),
        "term_starts_on": Made(lambda rows: day_of(rows.all.established[rows.firm])),
        "approved_on": Made(lambda rows: day_of(rows["event_time"])),
        "scope": Coded(lambda rows, version: scopes(rows.all, rows.firm, version)),
        "office": of_office("市场监督管理局"),
        "parent_id": Made(lambda rows: _codes(rows, rows.all.traits.head[rows.firm])),
        "listed_market": Made(lambda rows: listed(MARKETS, rows.all.traits.market[rows.firm])),
        "hosted_address": Made(lambda rows: _flags(
            (rows["address"] >= rows.all.hosts.start) & (rows["address"] < rows.all.hosts.stop))),
    },
    "persons": {
        "person_id": Coded(_person),
        "investor_id": Coded(_codes),
        "title": Words(TITLES),
        "contribution": Words(CONTRIBUTIONS),
        "phone": hashed(PHONE),
    },
    "changes": {"before": _said("before"), "after": _said("after")},
    "licences": {
        "licence_no": document("许"),
        "kind": Words(LICENCES),
        "office": of_office(*LICENSORS, column="kind"),
        "licensed": Made(lambda rows: listed(LICENSED, rows["kind"])),
    },
    "annual_reports": {},
    "liquidations": {
        "case_no": Made(_case),
        "administrator": of_office("（合成）律师事务所", where=_judicial),
        "court": of_office("人民法院", where=_judicial),
    },
    "entity_links": {
        "linked_id": Coded(_linked, always=True),
        "basis": Words(BASES),
        "confirmed_by": Words(CONFIRMED),
    },
}
# fmt: on
