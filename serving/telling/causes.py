"""Why a class changed between two runs, in a sentence; the causes are those of moves.parquet."""

from __future__ import annotations

from collections.abc import Sequence

_WHY: dict[str, tuple[str, str]] = {
    "model": ("模型换了版本", "another version of the model"),
    "catalogue": ("指标换了版本", "another version of the indicators"),
    "policy": ("分类规则换了版本", "another version of the policy"),
    "correction": ("异议更正生效或到期", "a correction began or ended"),
    "direct": ("直接判定情形出现或消失", "a direct rule began or ended"),
    "public_grade": ("公共信用等级变了", "another public credit grade"),
    "hysteresis": ("稳定性规则开始或不再沿用上期类别", "an earlier class was held or let go"),
    "indicators": ("企业的记录变了", "the firm's records changed"),
}


def short(cause: str, lang: str) -> str:
    """A cause by itself."""
    return _WHY[cause][lang == "en"]


def sentence(
    before: str | None, after: str | None, cause: str, named: Sequence[str], lang: str
) -> str:
    """That a class changed, and why.

    Parameters
    ----------
    before, after : the classes; null: not told, or none.
    cause : as moves.parquet names it.
    named : names of the indicators that moved the score most.
    """
    zh, en = _WHY[cause]
    if lang == "zh":
        turn = f"信用风险类别由 {before} 类变为 {after} 类：" if before and after else ""
        return f"{turn}{zh}{'，主要是' + '、'.join(named) if named else ''}。"
    turn = f"From class {before} to {after}: " if before and after else ""
    told = f"{turn}{en}{', mostly ' + ', '.join(named) if named else ''}."
    return told[:1].upper() + told[1:]
