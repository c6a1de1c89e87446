"""An independent check of a drawn plan, after docs/proof.md: python verify_plan.py PLAN"""

import hashlib
import json
import sys
from fractions import Fraction
from math import ceil
from pathlib import Path


def of(value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def smallest(stratum, names, n):
    return sorted(names, key=lambda name: of([*key, stratum, name]))[:n]


raw = {path.stem: path.read_bytes() for path in Path(sys.argv[1]).iterdir()}
rows = {n: raw[n].splitlines() for n in ("objects", "inspectors", "classes", "drawn")}
rows = {n: [json.loads(line) for line in lines] for n, lines in rows.items()}
firms, run, drawn = ({r["entity_id"]: r for r in rows[n]} for n in ("objects", "classes", "drawn"))
stored, opening, plan = (json.loads(raw[n]) for n in ("commitment", "opening", "plan"))
plan, seed, commitment = plan["plan"], raw["sealed_seed"].decode(), stored.pop("commitment")
checks = [(n, stored[n], hashlib.sha256(raw[n]).hexdigest()) for n in stored if n != "number"]
checks += [("commitment", commitment, of(stored)), ("opening", opening["commitment"], commitment)]
checks += [("opening", opening["sealed_seed"], seed)]
key = [of([seed, opening["public_value"], commitment]), plan["task"]]
kinds = {"model": ("class", "risk_class"), "grade_only": ("grade", "public_grade")}
strata, stratum_of, ratio, size, way = {}, {}, {}, {}, {}
for firm, row in firms.items():
    kind, column = kinds.get(run.get(firm, {}).get("scope"), ("", ""))
    letter = run.get(firm, {}).get(column)
    places = [row["division"][: 4 if e == "city" else 6] for e in plan["strata"] if e != "class"]
    name = stratum_of[firm] = "/".join([f"{kind} {letter}" if letter else "unclassified", *places])
    ratio[name] = Fraction(plan[f"ratio_by_{kind}"][letter] if letter else plan["overall_floor"])
    strata.setdefault(name, []).append(firm)
for name, members in strata.items():
    size[name] = ceil(len(members) * ratio[name])
    way |= dict.fromkeys(smallest(name, members, size[name]), "plan")
N, S = len(firms), ceil(len(firms) * Fraction(plan["blind_slice"]["ratio"]))
F, left = ceil(N * Fraction(plan["overall_floor"])), (N - S) * (N - sum(size.values()))
way |= dict.fromkeys(smallest("slice", firms, S), "slice")
way |= dict.fromkeys(smallest("top_up", firms.keys() - way, max(0, F - len(way))), "top_up")
s, t = S / N, float(max(0, 1 - Fraction((N - F) * N, left))) if left else 0.0
checks += [("who is drawn", sorted(drawn), sorted(way))]
for firm, by in way.items():
    name, place, told = stratum_of[firm], firms[firm]["division"], drawn.get(firm, {}).get
    free = [i for i in rows["inspectors"] if firm not in (i["conflicts"] or "").split(";")]
    near = ([i["inspector_id"] for i in free if i["unit"].startswith(place[:n])] for n in (6, 4, 0))
    pair = smallest(f"pair/{firm}", next(pool for pool in near if len(pool) > 1), 2)
    chance = 1 - (1 - s) * (1 - size[name] / len(strata[name])) * (1 - t)
    ours = {"drawn_by": by, "ticket": of([*key, name if by == "plan" else by, firm])}
    ours |= {"inspector_1": pair[0], "inspector_2": pair[1]}
    ours["inclusion_probability"] = None if by == "slice" else chance  # a slice visit is blind
    checks += [(firm, {field: told(field) for field in ours}, ours)]
verdict = "provably random" if opening["public_value"] else "replayable, not provably random"
wrong = next((f"differs: {check}" for check in checks if check[1] != check[2]), None)
sys.exit(wrong) if wrong else print(verdict)
