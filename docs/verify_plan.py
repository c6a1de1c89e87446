"""An independent check of a drawn plan, after docs/proof.md: python verify_plan.py PLAN"""
import json
import sys
from fractions import Fraction
from hashlib import sha256
from itertools import accumulate
from math import ceil, floor
from pathlib import Path
def of(value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return sha256(text.encode()).hexdigest()
def smallest(name, ids, n):
    return sorted(ids, key=lambda one: of([*key, name, one]))[:n]
def part(x, t=0):  # this batch's part of a yearly number
    return ceil(x * ((T + t) % B + 1) / B) - ceil(x * ((T + t) % B) / B)
def spread(name, n, weights):
    u, whole = Fraction(int(of([*key, f"spread/{name}"]), 16), 16**64), sum(weights) or 1
    ends = [0, *(floor(n * Fraction(end) / whole + u) for end in accumulate(weights))]
    return [end - start for start, end in zip(ends, ends[1:])]
raw = {path.stem: path.read_bytes() for path in Path(sys.argv[1]).iterdir() if path.is_file()}
sha, sealed = {n: sha256(raw[n]).hexdigest() for n in raw}, raw.pop("sealed_seed").decode()
rows = {n: [json.loads(x) for x in raw[n].splitlines()] for n in raw if raw[n][:1] in b"{"}
com, start, about, proof, size = (rows[n][0] for n in "commitment opening plan proof sizes".split())
plan, period, lodged, strata = about["plan"], about["period"], com.pop("commitment"), rows["strata"]
B, T, value = period["of"], period["batch"] - 1, start["public_value"]
key = [of([sealed, value, lodged]), plan["task"]]
checks = [("hashes", com, {n: sha.get(n, com[n]) for n in com}), ("commitment", lodged, of(com)),
          ("opening", start, {**start, "sealed_seed": sealed, "commitment": lodged}),
          ("seed", proof["seed"], key[0]), ("drawn", proof["drawn_hash"], sha["drawn"]),
          ("frame", proof["frame_file_hash"], sha["frame"])]
blind, way = plan["blind_slice"] or {"ratio": 0, "recheck": 0}, {}
N, S, R, P, parts = (size[n] for n in ("firms", "slice", "recheck", "top_up", "bureaus"))
slices, tops = ({b: Fraction(parts[b][n]) for b in parts} for n in ("slice", "top_up"))
firms = [(h["bureau"], f) for h in strata for f in h["eligible"] + h["others"]]
inside = {b: [f for of_, f in firms if of_ == b] for b in parts}
counted, taken = (sum(h[n] for h in strata) for n in ("counted", "planned"))
checks += [("sizes", [N, S, R, size["floor"], P, slices, sum(tops.values())], [
    len(firms), part(N * Fraction(blind["ratio"])), ceil(S * Fraction(blind["recheck"])),
    F := part(counted * Fraction(plan["overall_floor"])),
    max(0, F - S * counted // N - taken), {b: Fraction(S * len(inside[b]), N) for b in parts}, P])]
spreads = spread("slice", S, slices.values()), spread("top_up", P, tops.values())
for b, n, more in zip(parts, *spreads):
    way |= {f: ("slice", "slice") for f in smallest("slice", inside[b], n)}
    own = [h for h in strata if h["bureau"] == b]
    spare = [len(h["eligible"]) - h["planned"] for h in own]
    for h, t in zip(own, spread(f"top_up/{b}", more, spare)):
        n, name, yearly = h["planned"], h["stratum"], h["counted"] * Fraction(h["ratio"])
        wanted = min(part(yearly, int(of([plan["task"], name]), 16)), len(h["eligible"]))
        checks += [(name, h["wanted"], max(n, wanted))]
        chosen = smallest(name, [f for f in h["eligible"] if f not in way], n + t)
        way |= {f: ("plan" if k < n else "top_up", name) for k, f in enumerate(chosen)}
sliced = [[f for f in inside[b] if way.get(f, " ")[0] == "slice"] for b in tops]
again = spread("recheck", R, [len(x) for x in sliced])
twice = [f for x, n in zip(sliced, again) for f in smallest("recheck", x, n)]
visits = [(of([*key, h, f]), f, w, h) for f, (w, h) in way.items()]
visits += [(of([*key, "recheck", f]), f, "recheck", "slice") for f in twice]
told = [tuple(v[n] for n in ("ticket", "entity_id", "drawn_by", "stratum")) for v in rows["drawn"]]
checks += [("how many", len(told), len(visits)), *zip(visits, told, sorted(visits))]
bad = [f"differs {check}" for check in checks if check[1] != check[2]]
sys.exit(bad[0]) if bad else print("replayable, not " * (not value) + "provably random")
