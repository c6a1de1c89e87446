"""An independent check of a drawn plan, after docs/proof.md: python verify_plan.py PLAN"""

import json
import sys
from datetime import date
from fractions import Fraction
from hashlib import sha256
from itertools import accumulate
from math import ceil, comb, floor, inf
from pathlib import Path


def of(value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return sha256(text.encode()).hexdigest()


def smallest(name, firms, n):
    return sorted(firms, key=lambda firm: of([*key, name, firm]))[:n]


def part(x, turn):
    upto = [ceil(x * (turn % of_ + k) / of_) for k in (0, 1)]
    return upto[1] - upto[0]


def shares(total, weights, rooms):
    whole = sum(weights.values()) or 1
    full = {k: Fraction(rooms[k]) for k, w in weights.items() if total * w > rooms[k] * whole}
    if full:
        weights = weights | dict.fromkeys(full, 0)
        return shares(total - sum(full.values()), weights, rooms) | full
    return {k: Fraction(total * w, whole) for k, w in weights.items()}


def spread(parts, name):
    ends = [floor(end + Fraction(int(of([*key, name]), 16), 1 << 256)) for end in accumulate(parts.values())]
    return {k: b - a for k, a, b in zip(parts, [0, *ends], ends)}


def rounded(x):
    return [(1 - x % 1, floor(x)), (x % 1, floor(x) + 1)]


def mean(h, n):
    N_b, E, found = count[of_bureau[h]], len(able[h]), 0
    for chance, S_b in rounded(part_slice[of_bureau[h]]):
        if n <= E - S_b: found += chance * n; continue
        ways = [comb(E, k) * comb(N_b - E, S_b - k) * min(n, E - k) for k in range(min(E, S_b) + 1) if S_b - k <= N_b - E]
        found += chance * Fraction(sum(ways), comb(N_b, S_b)) if chance else 0
    return found / E if E else Fraction(0)


def split(text):
    return [one for one in (text or "").split(";") if one]


raw = {path.name.split(".")[0]: path.read_bytes() for path in Path(sys.argv[1]).iterdir() if path.is_file()}
lists = {n: [json.loads(line) for line in raw[n].splitlines()] for n in ("objects", "inspectors", "classes", "history", "exclusions", "drawn")}
run = {row["entity_id"]: row for row in lists["classes"]}
stored, opening, about, proof = (json.loads(raw[n]) for n in ("commitment", "opening", "plan", "proof"))
plan, period, commitment = about["plan"], about["period"], stored.pop("commitment")
of_, turn, seed = period["of"], period["batch"] - 1, raw["sealed_seed"].decode()
checks = [(n, stored[n], sha256(raw[n]).hexdigest()) for n in stored if n != "number"]
checks += [("commitment", commitment, of(stored)), ("opening", opening["commitment"], commitment)]
checks += [("sealed seed", opening["sealed_seed"], seed)]
key = [of([seed, opening["public_value"], commitment]), plan["task"]]
checks += [("proof", proof["seed"], key[0]), ("drawn", proof["drawn_hash"], sha256(raw["drawn"]).hexdigest()), ("frame", proof["frame_file_hash"], sha256(raw["frame"]).hexdigest())]

# who is in which stratum, and what is due
strata, able, of_bureau, firms, ratio, planned_for, due_of, who = {}, {}, {}, {}, {}, {}, {}, {}
aside = {(row["entity_id"], row["reason"]) for row in lists["exclusions"]}
days, done, zh = {}, {}, {item["name"]["zh"]: item["id"] for item in plan["items"]}
every = [item["id"] for item in plan["items"]]
for row in lists["history"]:
    if f"{period['year']}-01-01" <= row["visited_on"] <= period["end"]:
        days.setdefault(row["entity_id"], set()).add(row["visited_on"])
        done.setdefault(row["entity_id"], set()).update([zh.get(i, i) for i in split(row["items"])] or every)
kinds = {"model": ("class", "risk_class"), "grade_only": ("grade", "public_grade")}
keyed = {}
for item in plan["items"]:
    if item["ratio"]: keyed[item["field"]] = max(Fraction(item["ratio"]), keyed.get(item["field"], 0))
scope = plan["scope"] or {}
for row in lists["objects"]:
    firm, own = row["entity_id"], split(row["fields"])
    kind, column = kinds.get(run.get(firm, {}).get("scope"), ("", ""))
    letter = run.get(firm, {}).get(column)
    group = f"{kind} {letter}" if letter else "unclassified"
    places = [row["division"][: 4 if e == "city" else 6] for e in plan["strata"] if e != "class"]
    keys = sorted(f for f in keyed if f in own)
    h = "/".join([group, *places, *(["".join(f"+{f}" for f in keys)] if keys else [])])
    b = of_bureau[h] = {"city": row["division"][:4], "county": row["division"][:6]}.get(plan["bureau"], "province")
    if h not in ratio: ratio[h] = max([Fraction(plan[f"ratio_by_{kind}"][letter] if letter else plan["overall_floor"]), *(keyed[f] for f in keys)])
    seen, free = len(days.get(firm, ())), group in ("class D", "grade E")
    strata.setdefault(h, 0), able.setdefault(h, []), firms.setdefault(b, [])
    who[firm] = (row, h, group, run.get(firm, {}))
    if any((firm, r["reason"]) in aside or seen >= (inf if r["max_per_year"] is None else r["max_per_year"]) for r in plan["higher_rules"]): continue
    firms[b].append(firm)
    items = [i["id"] for i in plan["items"] if i["field"] in (None, *own)]
    within = [any(row["division"].startswith(d) for d in scope.get("divisions") or [""]), scope.get("fields") is None or set(own) & set(scope["fields"]), scope.get("industries") is None or (row["industry"] or "").startswith(tuple(scope["industries"]))]
    if not all(within) or not items: continue
    strata[h] += 1
    due = [i for i in items if free or not plan["no_repeat"] or i not in done.get(firm, ())]
    most = plan[f"max_per_year_by_{kind}"][letter] if letter else None
    if not due or not free and (any((firm, r) in aside for r in plan["exclude"]) or seen >= (inf if most is None else most)): continue
    able[h].append(firm)
    due_of[firm] = due if plan["joint_visits"] else due[:1]
# sizes
count = {b: len(firms[b]) for b in sorted(firms)}
names, N, blind = sorted(strata), sum(count.values()), plan["blind_slice"] or {"ratio": 0, "recheck": 0, "basket": []}
S = part(N * Fraction(blind["ratio"]), turn)
R = ceil(S * Fraction(blind["recheck"]))
part_slice = shares(S, count, count)
n = {h: min(len(able[h]), part(strata[h] * ratio[h], turn + int(of([plan["task"], h]), 16) % of_)) for h in names}
wanted = dict(n)
room, cap = {}, plan["capacity"] or {"by_bureau": {}, "visits_per_pair": None}
staff = {row["inspector_id"]: row for row in lists["inspectors"] if row["qualification"]}
ranks = {"class A": 0, "grade A": 0, "grade B": 0, "class B": 1, "grade C": 1, "unclassified": 1, "class C": 2, "grade D": 2}
for b in count:
    pairs = sum(r["unit"].startswith(b if b != "province" else "") for r in staff.values()) // 2
    monthly = cap["by_bureau"].get(b, cap["visits_per_pair"] and pairs * cap["visits_per_pair"])
    inside, most = [h for h in names if of_bureau[h] == b], ceil(part_slice[b])
    blind_most = most + (-(-R * most // S) if S else 0)
    limit = inf if monthly is None else monthly * 12 // of_
    over = blind_most + sum(n[h] for h in inside) - limit
    for rank in range(4):
        rooms = {h: max(0, n[h] - 1) for h in inside if h.split("/")[0] in ranks and (3 if "/+" in h else ranks[h.split("/")[0]]) == rank}
        total = min(max(0, over), sum(rooms.values()))
        exact = shares(total, rooms, rooms)
        less = {h: floor(x) for h, x in exact.items()}
        for h in sorted(exact, key=lambda h: less[h] - exact[h])[: total - sum(less.values())]: less[h] += 1
        for h in less: n[h] -= less[h]
        over -= total
    room[b] = limit - blind_most - sum(n[h] for h in inside)
spare = {b: sum(len(able[h]) - n[h] for h in names if of_bureau[h] == b) for b in count}
T = max(0, part(sum(strata.values()) * Fraction(plan["overall_floor"]), turn) - (S * sum(strata.values()) // N if N else 0) - sum(n.values()))
topped = shares(T, spare, {b: min(room[b], spare[b]) for b in count})
# draw
slices, tops = spread(part_slice, "spread/slice"), spread(topped, "spread/top_up")
way = {}
for b in count: way |= {f: ("slice", "slice") for f in smallest("slice", firms[b], slices[b])}
for b in count:
    own = {h: len(able[h]) - n[h] for h in names if of_bureau[h] == b}
    more = spread(shares(tops[b], own, own), f"spread/top_up/{b}")
    for h in own:
        chosen = smallest(h, [f for f in able[h] if f not in way], n[h] + more[h])
        way |= {f: ("plan" if k < n[h] else "top_up", h) for k, f in enumerate(chosen)}
sliced = {b: [f for f in firms[b] if f in way and way[f][0] == "slice"] for b in count}
sizes = {b: len(sliced[b]) for b in count}
again = spread(shares(R, sizes, sizes), "spread/recheck")
visits = [(of([*key, h, f]), f, w) for f, (w, h) in way.items()]
visits += [(of([*key, "recheck", f]), f, "recheck") for b in count for f in smallest("recheck", sliced[b], again[b])]
# chances
s = Fraction(S, N) if N else Fraction(0)
chances = {}
for h in names:
    p, b = mean(h, n[h]), of_bureau[h]
    own = len(able[h]) - n[h]
    total = sum(c * d * mean(h, n[h] + t) for c, places in rounded(topped[b]) for d, t in rounded(Fraction(places * own, spare[b] or 1)) if c * d)
    chances[h] = [float(x) for x in (s, mean(h, wanted[h]), p, total - p, s + total)]
# pairs
start, end = (date.fromisoformat(period[k]).toordinal() for k in ("start", "end"))
dates = [date.fromordinal(d).isoformat() for d in range(start, end + 1)]
there = {i: r for i, r in sorted(staff.items()) if not all(any(a <= d <= z for a, z in (x.split("/") for x in split(r["leave"]))) for d in dates)}
visited, load, asks = {}, dict.fromkeys(there, 0), {i["id"]: i["specialty"] for i in plan["items"]}
fields = ("slice_probability", "wanted_probability", "plan_probability", "top_up_probability", "inclusion_probability")
ours = []
for ticket, f, w in sorted(visits, key=lambda v: (v[2] == "recheck", v[0], v[1])):
    row, h, group, told = who[f]
    hidden = w in ("slice", "recheck")
    items = blind["basket"] if hidden else due_of[f]
    for level, size in (("county", 6), ("city", 4), ("all", 0)):
        free = [i for i, r in there.items() if r["unit"].startswith(row["division"][:size]) and f not in split(r["conflicts"]) and i not in (visited.get(f, ()) if w == "recheck" else ())]
        if len(free) > 1: break
    missing = needed = {asks[i] for i in items} - {None}
    ways, chosen = 1, []
    for seat in ("inspector_1", "inspector_2"):
        best = max(len(missing & set(split(there[i]["specialties"]))) for i in free)
        alike = [i for i in free if len(missing & set(split(there[i]["specialties"]))) == best]
        alike = [i for i in alike if load[i] == min(load[j] for j in alike)]
        one = alike[int(of([*key, f"{'recheck' if w == 'recheck' else 'pair'}/{f}", seat]), 16) % len(alike)]
        load[one] += 1
        ways *= len(alike)
        chosen.append(one)
        free.remove(one)
        missing = missing - set(split(there[one]["specialties"]))
    visited[f] = chosen
    kind, _, letter = group.partition(" ")
    method = "on_site"
    if not hidden:
        shared, upto = (plan.get(f"method_by_{kind}") or {}).get(letter) or {"on_site": "1"}, 0
        u = Fraction(int(of([*key, "method", f]), 16), 1 << 256)
        for method, share in sorted(shared.items()):
            upto += Fraction(share)
            if u < upto: break
    c = [chances[h][0], *[None] * 4] if hidden else chances[h]
    ours.append({"visit": ticket[:16], "entity_id": f, "name": row["name"], "division": row["division"], "address": row["address"], "bureau": of_bureau[h], "risk_class": None if hidden else told.get("risk_class"), "public_grade": None if hidden else told.get("public_grade"), "stratum": "slice" if hidden else h, "drawn_by": w, "ticket": ticket, **dict(zip(fields, c)), "method": method, "items": ";".join(items), "inspector_1": chosen[0], "inspector_2": chosen[1], "pair_level": level, "pair_probability": 1 / ways, "specialty_met": not missing if needed else None})
ours.sort(key=lambda v: v["ticket"])
checks += [("visits", len(lists["drawn"]), len(ours))]
for a, b in zip(lists["drawn"], ours): checks += [(f"{b['entity_id']} {k}", a.get(k), b[k]) for k in b] + [("fields", sorted(a), sorted(b))]
wrong = next((f"differs: {check}" for check in checks if check[1] != check[2]), None)
sys.exit(wrong) if wrong else print("provably random" if opening["public_value"] else "replayable, not provably random")
