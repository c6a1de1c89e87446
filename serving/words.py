"""Every text of the pages, in Chinese and in English, once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from serving.results import Lang

_TEXTS: dict[str, tuple[str, str]] = {
    # frame
    "brand": ("信分", "Xinfen"),
    "tagline": ("企业信用风险分类", "Enterprise credit risk"),
    "other_lang": ("English", "中文"),
    "skip": ("跳到正文", "Skip to content"),
    "find": ("查找企业", "Find an enterprise"),
    "find_hint": ("企业名称或统一社会信用代码", "Name or unified social credit code"),
    "find_go": ("查找", "Find"),
    "sign_out": ("退出", "Sign out"),
    "synthetic": ("合成数据", "Synthetic data"),
    "synthetic_long": (
        "本页企业、记录均为计算机合成，与真实企业无关。",
        "The enterprises and records shown are generated; they are nobody's.",
    ),
    "internal": ("内部资料", "Internal"),
    "notice": (
        "仅供规定范围内的监管工作参考，不得对外提供查询。",
        "For supervision within the prescribed scope only; not to be disclosed.",
    ),
    "seen_by": ("查阅人", "Read by"),
    # sign-in
    "sign_in": ("登录", "Sign in"),
    "sign_in_lead": (
        "请输入管理员发放的访问令牌。查阅企业风险类别将逐次留痕。",
        "Enter the access token your administrator gave you. Every class you read is recorded.",
    ),
    "token": ("访问令牌", "Access token"),
    "token_bad": (
        "令牌无效或已过期，请核对后重新输入。",
        "This token is not valid or has expired. Check it and try again.",
    ),
    "token_role": (
        "该令牌用于系统对接，不能登录页面。",
        "This token is for systems; it cannot open pages.",
    ),
    "token_fields": (
        "该令牌只开放部分内容，不能登录页面。",
        "This token sees only some fields; it cannot open pages.",
    ),
    "token_wait": (
        "登录失败次数过多，请 {n} 秒后再试。",
        "Too many failed sign-ins. Try again in {n} seconds.",
    ),
    "sso": ("统一身份认证登录", "Sign in with the bureau's account"),
    "sso_failed": (
        "统一身份认证未通过，请重试；仍不成功时联系管理员。",
        "The bureau's sign-on did not let you in. Try again, or ask the administrator.",
    ),
    "sso_role": (
        "您的账号没有本系统的角色，请联系管理员。",
        "Your account has no role here. Ask the administrator.",
    ),
    "looks": ("查阅记录", "Who looked"),
    "looks_lead": (
        "输入统一社会信用代码，查看谁查阅过该企业的类别，批量比对也在内；本次查询同样留痕。",
        "Enter a code to see who read the class, lists included. This look is recorded too.",
    ),
    "looks_none": ("这段时间没有人查阅", "Nobody looked in this time"),
    "looks_n": ("第 {n} 条", "Row {n}"),
    "from_day": ("起始日", "From"),
    "to_day": ("截止日", "To"),
    "time": ("时间", "Time"),
    "user": ("人员", "User"),
    "role": ("角色", "Role"),
    "action": ("操作", "Action"),
    "firms_at_once": ("同时查阅", "At once"),
    "purpose": ("事由", "Purpose"),
    "code": ("统一社会信用代码", "Unified social credit code"),
    "signed_in": ("已登录", "Signed in"),
    "go_on": ("继续", "Go on"),
    # search
    "as_of": ("截至", "As of"),
    "overview": ("本期分类", "Classes of this run"),
    "firms_unit": ("家", "enterprises"),
    "all": ("全部", "All"),
    "division": ("行政区划", "Division"),
    "industry": ("行业", "Industry"),
    "filter": ("筛选", "Filter"),
    "clear": ("清除条件", "Clear"),
    "found": ("共 {n} 家", "{n} found"),
    "found_none": ("没有符合条件的企业", "No enterprise fits"),
    "found_none_hint": (
        "请检查代码是否完整，或只输入名称中的几个字再试。",
        "Check the code, or try only a part of the name.",
    ),
    "name": ("企业", "Enterprise"),
    "risk_class": ("风险类别", "Risk class"),
    "public_grade": ("公共信用等级", "Public credit grade"),
    "grade": ("公共信用", "Public grade"),
    "per_100": ("每百家发现问题", "Problems per 100"),
    "next": ("下一页", "Next page"),
    "first": ("回到第一页", "First page"),
    # firm
    "A": ("信用风险低", "Low risk"),
    "B": ("信用风险一般", "Moderate risk"),
    "C": ("信用风险较高", "Elevated risk"),
    "D": ("信用风险高", "High risk"),
    "a": ("低", "Low"),
    "b": ("一般", "Moderate"),
    "c": ("较高", "Elevated"),
    "d": ("高", "High"),
    "unclassified": ("不分类", "No class"),
    "entity_type": ("主体类型", "Type"),
    "live": ("存续", "Live"),
    "revoked": ("吊销", "Revoked"),
    "deregistered": ("注销", "Deregistered"),
    "cancelled": ("撤销", "Cancelled"),
    "moved_out": ("迁出", "Moved out"),
    "of_100": ("每 100 家约 {n} 家", "About {n} in 100"),
    "of_100_few": ("每 100 家不到 1 家", "Fewer than 1 in 100"),
    "of_100_what": ("概率相同的企业，检查会发现问题", "firms of this probability show a problem"),
    "why": ("为什么是 {c} 类", "Why class {c}"),
    "why_model": ("模型怎样得出概率", "How the model came to its probability"),
    "why_lead": (
        "从全省企业的起点水平出发，五类信息各使概率增减多少个百分点",
        "From the starting level of the province, points each kind of information adds or takes",
    ),
    "start": ("起点水平", "Starting level"),
    "sum": ("本企业", "This enterprise"),
    "points": ("个百分点", "points"),
    "rounding": ("各项已四舍五入。", "Figures are rounded."),
    "for": ("使风险升高", "What raises the risk"),
    "against": ("使风险降低", "What lowers the risk"),
    "none_for": ("没有使风险升高的情形。", "Nothing raises it."),
    "none_against": ("没有使风险降低的情形。", "Nothing lowers it."),
    "records": ("{n} 条记录", "{n} records"),
    "also": ("同一情形：", "The same matter: "),
    "and_also": ("；", "; "),
    "steps": ("类别是怎样确定的", "How the class was decided"),
    "steps_lead": ("每一步都有依据，可以复核", "Each step has its ground and can be checked"),
    "final_here": ("本期", "This run"),
    "model_here": ("模型", "Model"),
    "previous_here": ("上期", "Last run"),
    "rule": ("规则", "Rule"),
    "grade_lead": (
        "由公共信用综合评价给出，A 为最好；与风险类别是两种不同的尺度。",
        "Given by the public credit evaluation, A is best; another scale than the risk class.",
    ),
    "grade_none": ("未收到公共信用综合评价结果。", "No public credit evaluation received."),
    "score": ("{n} 分（满分 1000）", "{n} of 1000"),
    "measure": ("抽查检查方式", "What the class means for inspection"),
    "measure_A": (
        "合理降低抽查比例和频次，可酌情采用非现场方式。",
        "Lower sampling ratio and frequency; off-site checks where they suffice.",
    ),
    "measure_B": (
        "按常规比例、频次抽查；对轻微失信情形警示、提醒，督促修复信用。",
        "Usual ratio and frequency; reminded to repair minor breaches.",
    ),
    "measure_C": (
        "适当提高抽查比例、频次，从严检查。",
        "Higher sampling ratio and frequency; strict checks.",
    ),
    "measure_D": (
        "列为日常监管重点，抽查比例、频次不设上限，严格现场检查。",
        "A key object of daily supervision; ratio and frequency without cap, strictly on site.",
    ),
    "measure_none": (
        "不作模型分类，抽查比例、频次按公共信用等级确定。",
        "Not classified by the model; the public credit grade decides ratio and frequency.",
    ),
    "measure_only": (
        "类别只用于确定抽查比例、频次、方式和内部关注，不作为给予便利或限制权益的依据。",
        "The class decides ratio, frequency, method and internal attention, nothing else.",
    ),
    "remedies": ("企业可以做什么", "What the enterprise can do"),
    "remedies_note": (
        "办理后按新的记录重新计算，不承诺具体类别。",
        "The class is then computed anew from the records; no class is promised.",
    ),
    "versions": ("依据版本", "Versions"),
    "model": ("模型", "Model"),
    "catalogue": ("指标", "Indicators"),
    "policy": ("规则", "Policy"),
    "snapshot": ("数据", "Records"),
    # problems
    "problem": ("无法显示", "Cannot be shown"),
    "problem_403": ("无权查看", "Not allowed"),
    "problem_404": ("没有找到", "Not found"),
    "problem_503": ("尚未发布", "Nothing published yet"),
    "asked": ("查找内容", "Asked for"),
    "home": ("返回首页", "Back to search"),
}


def _of(index: int) -> Mapping[str, str]:
    return MappingProxyType({key: both[index] for key, both in _TEXTS.items()})


WORDS: Mapping[Lang, Mapping[str, str]] = MappingProxyType({"zh": _of(0), "en": _of(1)})
"""WORDS["zh"]["find"] is the text; a template asks `t.find`, an unknown key is an error."""
