"""The words of a plan's estimates, in Chinese and English."""

from __future__ import annotations

from models import groups
from serving.telling.groupwords import KINDS
from serving.telling.languages import apart

_BOTH: dict[str, tuple[str, str]] = {
    "title": ("抽查结果估计", "Estimates of a plan"),
    "plan": ("计划", "plan"),
    "period": ("期间", "period"),
    "frame": ("抽样框", "frame"),
    "frame_told": (
        "{firms} 户，截至 {as_of}，抽样框哈希 {hash}",
        "{firms} firms as of {as_of}, frame hash {hash}",
    ),
    "outside": ("不在框内", "outside"),
    "rule": ("上位规则 {rule}：{firms} 户", "higher rule {rule}: {firms} firms"),
    "scope": ("不在本计划范围：{firms} 户", "not in the plan's scope: {firms} firms"),
    "no_item": ("无适用事项：{firms} 户", "no item falls to them: {firms} firms"),
    "no_repeat": (
        "本年已检查、不再重复：{firms} 户",
        "inspected this year, not again: {firms} firms",
    ),
    "max_per_year": (
        "已达全年次数上限：{firms} 户",
        "visited as often as a year allows: {firms} firms",
    ),
    "excluded": ("不参加抽查（{rule}）：{firms} 户", "beside the draw ({rule}): {firms} firms"),
    "no_visit": (
        "本批次所在层无名额：{firms} 户",
        "no place in their stratum in this draw: {firms} firms",
    ),
    "unlike": (
        "所在层无实地且事项齐全的检查：{firms} 户",
        "no visit of their stratum on site with the whole basket: {firms} firms",
    ),
    "nobody": ("无上位规则排除", "nobody refused by a higher rule"),
    "join": ("；", "; "),
    "comma": ("、", ", "),
    "unlisted": ("未列入对象名录库的企业", "and whoever is not on the list of objects"),
    "basis": ("依据", "basis"),
    "basis_slice": (
        "盲抽层：实地检查，固定事项，检查人员不知类别",
        "slice: on site, the fixed basket, the pair knew no class",
    ),
    "basis_slice+plan alike": (
        "盲抽层加同等方式的计划检查（实地、同样事项，由抽签决定）",
        "slice + plan alike: with plan visits drawn to be on site with the same basket",
    ),
    "basis_plan alike": (
        (
            "无盲抽层：仅计划与补足抽中的检查（实地，事项：{items}），机会已知。"
            "检查人员知道类别，查得严宽可能因此不同，无盲查可以对照；只说明框内企业"
        ),
        (
            "no blind slice: plan and top-up visits alone, of known chance, on site ({items}). "
            "Their pairs saw the class and may have looked harder where it is bad; there is no "
            "blind visit to hold them against. Speaks for the firms of the frame alone"
        ),
    ),
    "rates": ("全部企业的问题率", "Problem rate of all firms"),
    "rates_plan": (
        "框内企业（本计划可能抽中的）的问题率",
        "Problem rate of the firms that the plan might have met",
    ),
    "group": ("组别", "group"),
    "firms": ("户数", "firms"),
    "drawn": ("抽中", "drawn"),
    "measured": ("已测", "measured"),
    "problems": ("有问题", "problems"),
    "missing": ("缺失", "missing"),
    "rate": ("问题率", "rate"),
    "interval": ("95% 区间", "95 % interval"),
    "if_missing": ("缺失全无/全有问题", "if the missing had none/all"),
    "effective": ("有效样本", "effective"),
    "all": ("全部", "all"),
    "without": ("无", "none"),
    "slice_alone": ("全部（仅盲抽层）", "all (slice alone)"),
    **KINDS,
    **groups.WORDS,
    "rates_note": (
        "Hájek 估计；缺失视同本层已测；发现已关闭或迁出的不计入。",
        (
            "Hájek's estimator; the missing are taken as alike the measured of their stratum; "
            "firms found to have left are outside the rate."
        ),
    ),
    "agreed": (
        (
            "同类企业中，计划检查的问题率与盲抽检查相差 {difference} 个百分点（{low} 至 {high}；"
            "{told} 次对 {blind} 次），未超出偶然，合并使用；盲查次数少时，只能看出大的差异。"
        ),
        (
            "Within classes, plan visits found {difference} points beside blind ones "
            "({low} to {high}; {told} against {blind} visits), no more than chance: they stand "
            "together. Few blind visits show a large difference alone."
        ),
    ),
    "disagreed": (
        (
            "同类企业中，计划检查的问题率与盲抽检查相差 {difference} 个百分点（{low} 至 {high}；"
            "{told} 次对 {blind} 次）：两者不一致，应以盲抽层为准（--basis slice）。"
        ),
        (
            "Within classes, plan visits found {difference} points beside blind ones "
            "({low} to {high}; {told} against {blind} visits): they differ; take --basis slice."
        ),
    ),
    "found": ("各方式每次检查发现问题", "Problems found per visit, by way"),
    "way": ("方式", "way"),
    "visits": ("检查次数", "visits"),
    "per_visit": ("每次", "per visit"),
    "slice": ("盲抽", "slice"),
    "top_up": ("补足", "top-up"),
    "recheck": ("盲复查", "re-check"),
    "found_note": (
        "按实际检查方式和事项计，只说明这些检查本身。",
        "As the visits were made, each way with its own methods and items.",
    ),
    "worth": ("计划的价值与盲抽层的代价", "Value of the plan and price of the slice"),
    "what": ("项目", "what"),
    "value": ("计划比同次数盲查多发现", "value: plan beyond as many blind visits"),
    "price": ("盲抽层改作计划检查可多发现", "price: slice visits, had they been plan visits"),
    "plan_rate": ("计划每次", "plan per visit"),
    "slice_rate": ("盲查每次", "slice per visit"),
    "more": ("问题数", "problems"),
    "worth_note": (
        "代价为上限：追加的计划检查所得少于已有的平均。",
        "The price is an upper one: further plan visits find less than those there are.",
    ),
    "no_worth": (
        "盲抽层或计划尚无检查，无从比较。",
        "Slice or plan made no visit yet: nothing to compare.",
    ),
    "coverage": ("各组覆盖", "Coverage of each group"),
    "with_chance": ("有机会被抽", "with a chance"),
    "expected": ("期望次数", "expected"),
    "a_year": ("折合全年", "a year"),
    "visited": ("已检查", "visited"),
    "last": ("最近检查", "last visit"),
    "coverage_note": (
        "折合全年按各批次相同计，未扣除年内不重复。",
        "A year: as if all its draws were alike; what no-repeat takes off later is left in.",
    ),
    "folded": ("{by}：另有 {more} 组见文件。", "{by}: {more} more groups in the file."),
    "strictness": ("检查人员宽严", "Strictness of inspectors"),
    "expected_problems": ("期望问题", "expected problems"),
    "inspector": ("检查人员", "inspector"),
    "ratio": ("收缩后的比", "ratio, shrunken"),
    "q": ("q 值", "q value"),
    "flag": ("提示", "flag"),
    "strict": ("偏严", "strict"),
    "lenient": ("偏宽", "lenient"),
    "strict_note": (
        "{people} 人中 {flagged} 人超出偶然（误报率控制在 5%）；这是疑问，不是结论，也不作排名。",
        (
            "{flagged} of {people} differ beyond chance (5 % false alarms); "
            "a question, not a verdict, and no ranking."
        ),
    ),
}

WORDS = apart(_BOTH)
