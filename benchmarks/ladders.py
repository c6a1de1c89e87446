"""docs/ladders.md: ladders of the demo's synthetic province, drawn at random, to be read aloud.

`make demo`, then `python -m benchmarks.ladders` writes the page; both are fixed by their seeds.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from models import definition as definitions
from models.ladder import ladder
from models.peers import Peers
from models.policy import CLASSES
from records.errors import NotFound
from records.files import write_bytes

DEMO, PAGE = Path("var/demo"), Path("docs/ladders.md")
SEED = 2026
EACH = 5
"""Firms of each class: drawn from all alike, few would be of C or D."""

LEAD = """<!-- Written by `python -m benchmarks.ladders` from the demo; change the declarations. -->

# Twenty ladders 二十份分类说明

**合成数据 · Synthetic data.** Every firm, record and number here is invented: the province of
`make demo`. {each} firms of each class, drawn at random by seed {seed} from run `{model}` as of
{as_of}; nobody picked them. What the parts mean: [explain.md](explain.md).
"""
WORDS = {
    "zh": {
        "base": "全省起点水平",
        "for": "使风险升高",
        "against": "使风险降低",
        "points": "个百分点",
        "also": "同一情形：",
        "records": "记录",
        "steps": "类别的确定",
        "remedies": "企业可以办理",
        "none": "无",
        "stop": "。",
        "and": "；",
        "within": "（{}）",
    },
    "en": {
        "base": "starting level of the province",
        "for": "Raises the risk",
        "against": "Lowers the risk",
        "points": "percentage points",
        "also": "the same matter: ",
        "records": "records",
        "steps": "How the class was decided",
        "remedies": "What the firm can do",
        "none": "nothing",
        "stop": ".",
        "and": "; ",
        "within": " ({})",
    },
}

Told = Mapping[str, Any]


def page(run: Path, seed: int = SEED) -> str:
    """The page of a run.

    Raises
    ------
    NotFound : there is no such run.
    """
    if not (run / "classes.parquet").is_file():
        raise NotFound(f"no run at {run}", hint="`make demo` writes one")
    definition = definitions.load(run / "model")
    peers = Peers.of(run / "model", definition)
    table = pq.read_table(run / "classes.parquet")
    rows = [_row(table, at) for at in _drawn(table["risk_class"].to_pylist(), seed)]
    about = rows[0]
    model = f"{about['model_name']} {about['model_version']}"
    parts = [LEAD.format(each=EACH, seed=seed, model=model, as_of=about["as_of"])]
    for number, row in enumerate(rows, 1):
        wanted = pc.field("entity_id") == row["entity_id"]
        reasons = pq.read_table(run / "reasons.parquet", filters=wanted).to_pylist()
        both = [ladder(row, reasons, definition, lang, peers) for lang in ("zh", "en")]
        parts.append(f"## {number}. {row['name']} · {row['risk_class']}\n")
        parts += ["\n".join(_lines(told)) + "\n" for told in both]
    return "\n".join(parts)


def _drawn(classes: list[str | None], seed: int) -> list[int]:
    """The rows of EACH firms of each class, or of all where there are fewer."""
    chance = random.Random(seed)  # noqa: S311 - a sample to read, no draw of an inspection
    chosen = []
    for name in CLASSES:
        own = [at for at, each in enumerate(classes) if each == name]
        chosen += sorted(chance.sample(own, min(EACH, len(own))))
    return chosen


def _row(table: Any, at: int) -> dict[str, Any]:
    row: dict[str, Any] = table.slice(at, 1).to_pylist()[0]
    return row


def _lines(told: Told) -> Iterator[str]:
    words = WORDS[told["lang"]]
    yield f"**{told['risk_class']} {told['class_name']}** {told['headline']}"
    if told["interval"]:
        yield f"{told['interval']['sentence']}{words['stop']}"
    yield ""
    groups = [f"{one['name']} {_signed(one['points'])}" for one in told["groups"]]
    points = words["within"].format(words["points"])
    parts = [f"{words['base']} {told['base']['probability']:.1%}", *groups]
    yield f"- {words['and'].join(parts)}{points} = {told['probability']:.1%}"
    for side in ("for", "against"):
        yield f"- {words[side]}"
        yield from (
            f"  - {line}" for line in (_reason(one, words) for one in told[f"reasons_{side}"])
        )
        if not told[f"reasons_{side}"]:
            yield f"  - {words['none']}"
    yield f"- {words['steps']}"
    for step in told["steps"]:
        rule = f" [{step['rule']}]" if step["rule"] else ""
        behind = _records(step["records"])
        yield f"  - {step['name']}{rule} → **{step['class']}**: {step['detail']}{behind}"
    if told["remedies"]:
        said = words["and"].join(dict.fromkeys(one["sentence"] for one in told["remedies"]))
        yield f"- {words['remedies']}: {said}"


def _reason(one: Told, words: Mapping[str, str]) -> str:
    others = words["and"].join(other["sentence"] for other in one["also"])
    also = words["within"].format(f"{words['also']}{others}") if others else ""
    usual = f" — *{one['comparison']}*" if one["comparison"] else ""
    return f"{_signed(one['points'])} {one['sentence']}{also}{usual}{_records(one['records'])}"


def _records(records: list[Told]) -> str:
    """The newest record, and how many more are shown."""
    if not records:
        return ""
    one, more = records[0], len(records) - 1
    told = f"{one['table_name']}, {one['event_time']}, {one['source_id']}, {one['source']}"
    return f" ⟨{told}{f', +{more}' if more else ''}⟩"


def _signed(points: float) -> str:
    return f"{points:+.1f}".replace("-", "−")


def main() -> int:
    """Write the page from the demo, or from another folder that holds one."""
    demo = Path(sys.argv[1]) if sys.argv[1:] else DEMO
    write_bytes(PAGE, page(demo / "run").encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
