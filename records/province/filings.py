"""What firms file with the registry: registration, people, changes, striking off.

A registration is one record a firm. Every change of what it says is a correction of it.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from records.province.clock import NO_DAY, YEAR, Days
from records.province.ledger import Index, words
from records.province.names import address_text, counties, hashes
from records.province.process import World, strike

PERSON, AGENT = 1, 2  # salts of the keyed hashes
TERM_YEARS = 20
TERM_SHARE = 0.35
CHANGES = ("legal_rep", "address", "name", "scope", "capital", "equity")


class Filings:
    """The registry's books. `rep_record` holds the record number of each current legal
    representative; `people` the next unused person."""

    def __init__(self, world: World) -> None:
        firms, rng = world.firms, world.rng("filings")
        everyone = np.arange(len(firms))
        self.people = 10 * len(firms)
        self.places = 2 * len(firms)
        endless = rng.random(len(firms)) > TERM_SHARE
        self.term = np.where(endless, NO_DAY, firms.established + TERM_YEARS * YEAR)
        self._registration(world, everyone, firms.established, world.registered_known)
        self.rep_record = self._persons(world, everyone, "legal_rep", firms.rep)
        contact = np.where(firms.shell, firms.network + 8 * len(firms), firms.rep)
        self._persons(world, everyone, "contact", contact)
        self._shareholders(world, rng)

    def month(self, world: World) -> None:
        for item in CHANGES:
            rng = world.rng(f"changes:{item}")
            stream = getattr(world.parameters.streams, item)
            firm = np.unique(strike(rng, world.rate(item, stream)))
            day = world.calendar.days_in(world.month, rng, len(firm))
            self._change(world, item, firm, day)
        self._strike_off(world)

    def _change(self, world: World, item: str, firm: Index, day: Days) -> None:
        firms, known = world.firms, world.quick("changes", day)
        before = after = None
        if item == "address":
            before = address_text(firms.county[firm], firms.address[firm])
            firms.address[firm] = self.places + np.arange(len(firm))
            self.places += len(firm)
            after = address_text(firms.county[firm], firms.address[firm])
        if item == "legal_rep":
            before = hashes(firms.rep[firm], PERSON)
            self._replace_rep(world, firm, day, known)
            after = hashes(firms.rep[firm], PERSON)
        world.ledger.add("changes", firm, day, known, item=item, before=before, after=after)
        if before is not None:
            self._registration(world, firm, day, known, number=firm)

    def _replace_rep(self, world: World, firm: Index, day: Days, known: Days) -> None:
        firms, ledger = world.firms, world.ledger
        ledger.add(
            "persons", firm, firms.established[firm], known, number=self.rep_record[firm],
            role="legal_rep", person_id=hashes(firms.rep[firm], PERSON), left_on=day,
        )  # fmt: skip
        firms.rep[firm] = self.people + np.arange(len(firm))
        self.people += len(firm)
        self.rep_record[firm] = ledger.add(
            "persons", firm, day, known,
            role="legal_rep", person_id=hashes(firms.rep[firm], PERSON),
        )  # fmt: skip

    def _strike_off(self, world: World) -> None:
        start, end = world.calendar.start[world.month : world.month + 2]
        firm = np.flatnonzero((world.struck >= start) & (world.struck < end))
        fates = tuple(world.parameters.population.fates)
        self._registration(world, firm, world.struck[firm], world.struck_known[firm],
                           number=firm, status=words(fates, world.fate[firm]))  # fmt: skip

    def _registration(
        self,
        world: World,
        firm: Index,
        event: Days,
        known: Days,
        *,
        number: Index | None = None,
        status: pa.Array | str = "live",
    ) -> None:
        """Write the registration of firms as it stands now."""
        firms, people = world.firms, world.parameters.population
        world.ledger.add(
            "enterprises", firm, event, known,
            number=number,
            name=firms.names.take(pa.array(firm)),
            entity_type=words(tuple(people.types), firms.kind[firm]),
            industry=words(tuple(i.code for i in people.industries), firms.industry[firm]),
            division=counties().code.take(pa.array(firms.county[firm])),
            address=address_text(firms.county[firm], firms.address[firm]),
            legal_rep=hashes(firms.rep[firm], PERSON),
            agent=hashes(firms.agent[firm], AGENT),
            registered_capital=firms.capital[firm],
            established_on=firms.established[firm],
            term_ends_on=self.term[firm],
            status=status,
            new_economy=firms.new_economy[firm],
        )  # fmt: skip

    def _persons(self, world: World, firm: Index, role: str, person: Index) -> Index:
        event = world.firms.established[firm]
        return world.ledger.add("persons", firm, event, world.registered_known[firm],
                                role=role, person_id=hashes(person, PERSON))  # fmt: skip

    def _shareholders(self, world: World, rng: np.random.Generator) -> None:
        """The representative holds most; a second shareholder, in some firms, the rest."""
        firms = world.firms
        second = np.flatnonzero(rng.random(len(firms)) < 0.4)
        share = np.ones(len(firms))
        share[second] = rng.integers(51, 95, len(second)) / 100
        everyone = np.arange(len(firms))
        for firm, person, part in (
            (everyone, firms.rep, share),
            (second, second + 9 * len(firms), 1 - share[second]),
        ):
            world.ledger.add(
                "persons", firm, firms.established[firm], world.registered_known[firm],
                role="shareholder", person_id=hashes(person, PERSON), share=part.round(2),
            )  # fmt: skip
