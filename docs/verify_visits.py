"""verify_plan.py, then chances, methods and pairs of each visit: python verify_visits.py PLAN"""
from datetime import date
from fractions import Fraction
from math import comb, floor
from verify_plan import N, S, blind, inside, key, of, period, plan, rows, slices, strata, sys, tops
NAMES = [f"{name}_probability" for name in ("slice", "wanted", "plan", "top_up", "inclusion")]
def split(text):
    return [one for one in (text or "").split(";") if one]
def rounded(x):
    return [(p, n) for p, n in ((1 - x % 1, floor(x)), (x % 1, floor(x) + 1)) if p]
def mean(h, n):  # E[min(n, E - K)] / E: K of the E eligible firms are in the slice
    eligible, firms, found = len(h["eligible"]), len(inside[h["bureau"]]), Fraction(0)
    for p, s in rounded(slices[h["bureau"]]):
        ways = [(k, comb(eligible, k) * comb(firms - eligible, s - k)) for k in range(s + 1)
                if n > eligible - s]  # else all n are there, whatever the slice takes
        drawn = Fraction(sum(w * min(n, eligible - k) for k, w in ways), comb(firms, s))
        found += p * (drawn if ways else n)
    return found / (eligible or 1)
chances, groups, spare = {}, {h["stratum"]: h["group"] for h in strata}, dict.fromkeys(tops, 0)
for h in strata:
    spare[h["bureau"]] += len(h["eligible"]) - h["planned"]
for h in strata:
    own, s = len(h["eligible"]) - h["planned"], Fraction(S, N)
    both = sum(p * q * mean(h, h["planned"] + t) for p, n in rounded(tops[h["bureau"]])
               for q, t in rounded(Fraction(n * own, spare[h["bureau"]] or 1)))
    p = mean(h, h["planned"])
    chances[h["stratum"]] = [float(x) for x in (s, mean(h, h["wanted"]), p, both - p, s + both)]
chances["slice"] = [float(s), None, None, None, None]
first, last = (date.fromisoformat(period[name]).toordinal() for name in ("start", "end"))
days = [date.fromordinal(n).isoformat() for n in range(first, last + 1)]
staff = {who["inspector_id"]: who for who in rows["inspectors"] if who["qualification"]}
away = {n: [spell.split("/") for spell in split(who["leave"])] for n, who in staff.items()}
staff = {n: who for n, who in staff.items()
         if not all(any(first <= day <= last for first, last in away[n]) for day in days)}
visits, been, bad = dict.fromkeys(staff, 0), {}, []
skills = {name: set(split(who["specialties"])) for name, who in staff.items()}
asked = {item["id"]: item["specialty"] for item in plan["items"]}
for row in sorted(rows["drawn"], key=lambda row: (row["drawn_by"] == "recheck", row["ticket"])):
    firm, again = row["entity_id"], row["drawn_by"] == "recheck"
    barred = been.get(firm, []) if again else []
    for level, places in (("county", 6), ("city", 4), ("all", 0)):
        free = [n for n, who in staff.items() if who["unit"].startswith(row["division"][:places])
                and n not in barred and firm not in split(who["conflicts"])]
        if len(free) > 1:
            break
    needed = missing = {asked[item] for item in split(row["items"])} - {None}
    pair, ways = [], 1
    for seat in ("inspector_1", "inspector_2"):
        best = min((-len(skills[n] & missing), visits[n]) for n in free)
        alike = [n for n in free if (-len(skills[n] & missing), visits[n]) == best]
        stratum = f"{'recheck' if again else 'pair'}/{firm}"
        one = alike[int(of([*key, stratum, seat]), 16) % len(alike)]
        pair, free, ways = [*pair, one], [n for n in free if n != one], ways * len(alike)
        missing, visits[one] = missing - skills[one], visits[one] + 1
    been[firm], (kind, _, letter) = pair, groups.get(row["stratum"], "").partition(" ")
    u = Fraction(int(of([*key, "method", firm]), 16), 16**64)
    methods = (plan.get(f"method_by_{kind}") or {}).get(letter) or {"on_site": 1}
    method = next(m for m, _ in sorted(methods.items())
                  if u < sum(Fraction(share) for other, share in methods.items() if other <= m))
    ours = {**dict(zip(NAMES, chances[row["stratum"]])), "method": method, "inspector_1": pair[0],
            "inspector_2": pair[1], "pair_level": level, "pair_probability": 1 / ways,
            "specialty_met": not missing if needed else None}
    if row["stratum"] == "slice":
        ours |= {"items": ";".join(blind["basket"]), "risk_class": None, "public_grade": None}
    bad += [(firm, name, row.get(name), ours[name]) for name in ours if row.get(name) != ours[name]]
sys.exit(f"differs {bad[0]}") if bad else print("chances, methods and pairs follow")
