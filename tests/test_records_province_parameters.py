"""The province's parameters: refused with their names, and far from the shipped ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from records.errors import BadDefinition, NotFound
from records.province import Parameters, generate
from records.province.ledger import PREFIXES
from records.province.parameters import SHIPPED
from records.schema import TABLES
from tests.a_clean_province import clean
from xinfen import app


def shipped() -> dict[str, Any]:
    settings: dict[str, Any] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    return settings


def odd() -> dict[str, Any]:
    """No shells, families or hosts, no dirt, double prevalence, other kinds of firms."""
    settings = clean()
    people, bureau = settings["population"], settings["bureau"]
    for group in ("shells", "families", "hosted"):
        people[group]["share"] = 0
    settings["latent"] |= {"base": -1.6, "county": 0, "persistence": 1.0}
    people |= {"types": {"1130": 0.9, "9500": 0.1}, "closures_per_year": 0, "births_per_year": 0}
    people["fates"] = {"revoked": 1.0}
    people["industries"] = [{"code": "H62", "noun": "餐饮", "share": 1.0, "risk": 0.0}]
    bureau |= {"slice_per_year": 0.3, "targeted_per_year": 0, "strictness": 0}
    bureau["plan_per_year"] = dict.fromkeys("ABCD", 0)
    settings["streams"]["penalties"]["per_year"] = 0
    settings["history_years"] = 1
    return settings


def test_an_odd_province_lives(tmp_path: Path) -> None:
    """It is given as a file to the command, as an outsider would."""
    (tmp_path / "odd.yaml").write_text(yaml.safe_dump(odd()), "utf-8")
    words = ["province", str(tmp_path / "out"), "--enterprises", "2000", "--months", "12"]
    words += ["--parameters", str(tmp_path / "odd.yaml"), "--json"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    for table in PREFIXES:
        rows = pd.read_parquet(tmp_path / "out" / "records" / f"{table}.parquet")
        assert rows.columns.tolist() == TABLES[table].arrow.names
    assert rows["grade"].notna().all()  # the last table is that of the public grades
    empty = pd.read_parquet(tmp_path / "out" / "records" / "licences.parquet")
    assert len(empty) == 0
    truth = pd.read_parquet(tmp_path / "out" / "truth" / "truth.parquet")
    assert 0.19 < truth["true_probability"].mean() < 0.26
    visits = pd.read_parquet(tmp_path / "out" / "records" / "inspections.parquet")
    assert visits["drawn_by"].unique().tolist() == ["slice"]
    assert len(pd.read_parquet(tmp_path / "out" / "truth" / "dirt.parquet")) == 0


def test_without_anything_that_differs_there_is_still_a_province(tmp_path: Path) -> None:
    settings = odd()
    zeros = ("permanent", "moving", "young", "size", "mended", "listed")
    settings["latent"] |= dict.fromkeys(zeros, 0)
    settings["latent"]["outbreaks"]["per_year"] = 0
    settings["population"]["agents"]["spread"] = 0
    given = Parameters.model_validate(settings)
    generate(tmp_path / "out", enterprises=300, months=6, seed=0, parameters=given)
    truth = pd.read_parquet(tmp_path / "out" / "truth" / "truth.parquet")
    assert truth["true_probability"].round(6).unique().tolist() == [0.167982]


@pytest.mark.parametrize(
    ("entry", "value", "message"),
    [
        (("latent", "persistance"), 0.9, "latent.persistance"),
        (("latent", "persistence"), 1.5, "latent.persistence"),
        (("bureau", "results"), {"problem_corrected": 0.4}, "bureau.results adds up to 0.4"),
        (("bureau", "seen"), {"A": 1.0, "B": 1.0, "C": 1.0}, "bureau.seen has no D"),
        (("bureau", "methods"), {"on_site": 1.0}, "bureau.methods has no department_opinion"),
        (("credit", "curve"), [[0.0, 310], [1.0, 300]], "credit.curve needs two points"),
        (("latent", "moving"), -1, "latent.moving: -1 — Input should be greater"),
        (("latent", "outbreaks"), {"per_year": 3}, "latent.outbreaks.months: Field required"),
        (("credit", "months"), [4, 13], "credit.months.1: 13 — Input should be less"),
        (("chances", "hazards"), {"at_mean": 1.2, "slope": 1}, "chances.hazards.at_mean: 1.2"),
        (("chances", "hazards"), {"at_mean": 0.2}, "chances.hazards.slope: Field required"),
        (
            ("streams", "recalls"),
            {"per_year": -1, "slope": 0, "spread": 0, "size": 0},
            "streams.recalls.per_year: -1",
        ),
        (("streams", "rumours"), {}, "streams.rumours"),
        (
            ("contents", "media"),
            {"unnamed": 0, "others": {"positive": 0.5}, "known_days": 1},
            "contents.media.others: adds up to 0.5, not to 1",
        ),
        (
            ("contents", "media"),
            {"unnamed": 0, "others": {"glad": 1.0}, "known_days": 1},
            "contents.media.others: glad: not among negative, neutral, positive",
        ),
        (
            ("population", "holders"),
            {"second": 0.4, "corporate": 0.1},
            "population.holders.officers: Field required",
        ),
    ],
)
def test_bad_parameters_are_named(
    tmp_path: Path, entry: tuple[str, str], value: object, message: str
) -> None:
    settings = shipped()
    settings[entry[0]][entry[1]] = value
    file = tmp_path / "own.yaml"
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    with pytest.raises(BadDefinition, match=message):
        Parameters.load(file)


def test_every_fault_is_named(tmp_path: Path) -> None:
    settings = shipped()
    del settings["drift"]
    settings["history_years"] = "many"
    file = tmp_path / "own.yaml"
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    with pytest.raises(BadDefinition) as refused:
        Parameters.load(file)
    first, second, _ = str(refused.value).splitlines()
    assert first.startswith(f"{file}: history_years: 'many' — Input should be a valid integer")
    assert second == "  drift: Field required"


def test_missing_and_broken_parameter_files(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no parameter file"):
        Parameters.load(tmp_path / "none.yaml")
    (tmp_path / "broken.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(BadDefinition, match="is not YAML"):
        Parameters.load(tmp_path / "broken.yaml")


@pytest.mark.parametrize("stream", ["lawsuits", "media", "findings", "equity_pledges", "platform"])
def test_a_stream_more_shifts_no_other(tmp_path: Path, stream: str) -> None:
    """A stream that leads to nothing else changes its own tables and no bit of the others."""
    settings = clean()
    for name in ("before", "after"):
        given = Parameters.model_validate(settings)
        generate(tmp_path / name, enterprises=400, months=6, seed=2, parameters=given)
        settings["streams"][stream]["per_year"] *= 3
    own = {"lawsuits": "court_records", "media": "media_items", "findings": "field_records",
           "equity_pledges": "equity_pledges", "platform": "external_signals"}[stream]  # fmt: skip
    differ = {
        str(path.relative_to(tmp_path / "before"))
        for path in (tmp_path / "before").rglob("*.parquet")
        if path.read_bytes()
        != (tmp_path / "after" / path.relative_to(tmp_path / "before")).read_bytes()
    }
    assert differ == {f"records/{own}.parquet"}
