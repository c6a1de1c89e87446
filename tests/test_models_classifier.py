from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import features
from models import classifier as classifiers
from models import definition as definitions
from models import trees
from models.calibration import Calibration
from models.classifier import RiskClassifier
from models.directions import turned
from models.pyfunc import _load_pyfunc
from records.errors import BadDefinition, BadInput, NotFound
from records.store import Store


@pytest.fixture(scope="module")
def model(demo: Path) -> RiskClassifier:
    return RiskClassifier.load(demo / "run" / "model")


@pytest.fixture(scope="module")
def values(demo: Path, model: RiskClassifier) -> np.ndarray:
    run = pd.read_parquet(demo / "run" / "classes.parquet")
    scored = run.loc[run["scope"] == "model", ["entity_id", "as_of"]].head(400)
    records = Store.open(demo / "store").snapshot()
    return model.matrix(features.build(records, scored, model.definition.catalogue).frame)


def test_reasons_add_up_to_the_log_odds(model: RiskClassifier, values: np.ndarray) -> None:
    told = model.explain(values)
    assert np.abs(told.base + told.contributions.sum(axis=1) - model.raw(values)).max() < 1e-5


def test_what_is_explained_is_the_score(model: RiskClassifier, values: np.ndarray) -> None:
    assert model.explain(values).score.tolist() == model.raw(values).tolist()
    row, into = np.ascontiguousarray(values[3]), np.empty(values.shape[1])
    assert model.kernel.one(row, into) == model.raw(values)[3]


def test_reasons_start_at_the_province(model: RiskClassifier, values: np.ndarray) -> None:
    firms = model.background
    assert firms is not None
    assert model.explain(values).base == pytest.approx(model.raw(firms.values).mean(), abs=1e-9)
    assert set(firms.weights) == {1.0}


def test_a_single_row_scores_as_in_the_batch(model: RiskClassifier, values: np.ndarray) -> None:
    alone = [float(model.raw(values[row : row + 1])[0]) for row in range(20)]
    assert alone == model.raw(values[:20]).tolist()


def test_more_adverse_records_never_lower_the_score(
    model: RiskClassifier, values: np.ndarray
) -> None:
    raw = model.raw(values)
    for column, name in enumerate(model.definition.fitted):
        direction = model.definition.catalogue[name].monotone
        if direction:
            more = values.copy()
            more[:, column] = np.where(np.isnan(more[:, column]), np.nan, more[:, column] + 1)
            assert (direction * (model.raw(more) - raw) >= 0).all(), name


def test_trees_against_a_declared_direction_are_found(
    model: RiskClassifier, tmp_path: Path
) -> None:
    """The leaves of one split on a directed indicator are exchanged; no hash tells of it."""
    directions = [model.definition.catalogue[name].monotone for name in model.definition.fitted]
    read = trees.read(model.text)
    assert turned(read, directions) == []
    number, tree, node = next(
        (number, tree, node)
        for number, tree in enumerate(read.trees)
        for node, feature in enumerate(tree.feature.tolist())
        if directions[feature] and tree.left[node] < 0 and tree.right[node] < 0
        if tree.leaf_value[~tree.left[node]] != tree.leaf_value[~tree.right[node]]
    )
    name = model.definition.fitted[int(tree.feature[node])]
    head, *parts = model.text.split("\n\nTree=")
    lines = parts[number].split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("leaf_value="))
    leaves = lines[at].removeprefix("leaf_value=").split(" ")
    one, other = ~int(tree.left[node]), ~int(tree.right[node])
    leaves[one], leaves[other] = leaves[other], leaves[one]
    lines[at] = "leaf_value=" + " ".join(leaves)
    parts[number] = "\n".join(lines)
    broken = replace(model, text="\n\nTree=".join([head, *parts]))
    broken.save(tmp_path)
    with pytest.raises(BadInput, match=f"against the direction of {name}"):
        RiskClassifier.load(tmp_path)


def test_saved_and_loaded_it_is_the_same(
    model: RiskClassifier, values: np.ndarray, tmp_path: Path
) -> None:
    model.save(tmp_path / "model")
    again = RiskClassifier.load(tmp_path / "model")
    assert again.version == model.version
    assert again.raw(values).tolist() == model.raw(values).tolist()
    assert again.background is not None
    assert model.background is not None
    assert again.background.hash == model.background.hash
    again.save(tmp_path / "again")
    for path in (tmp_path / "model").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


@pytest.mark.parametrize("name", ["booster.txt", "policy.yaml"])
def test_a_changed_file_is_refused(model: RiskClassifier, tmp_path: Path, name: str) -> None:
    model.save(tmp_path)
    (tmp_path / name).write_text((tmp_path / name).read_text("utf-8") + "\n", "utf-8")
    with pytest.raises(BadInput, match=re.escape(f"{name} was changed after training")):
        RiskClassifier.load(tmp_path)


def test_a_missing_indicator_is_named(model: RiskClassifier) -> None:
    with pytest.raises(BadInput, match="the indicators lack a column"):
        model.matrix(pd.DataFrame({"G3-11": [1.0]}))


def test_calibration_and_its_inverse() -> None:
    calibration = Calibration(slope=0.8, intercept=-0.5)
    raw = np.array([-3.0, 0.0, 2.0])
    assert calibration.raw_at(calibration.probability(raw)) == pytest.approx(raw)


def test_the_ecosystems_wrapper_gives_the_same_probability(
    model: RiskClassifier, values: np.ndarray, tmp_path: Path
) -> None:
    model.save(tmp_path)
    frame = pd.DataFrame(values, columns=model.definition.fitted)
    expected = model.probability(model.raw(values))
    assert _load_pyfunc(str(tmp_path)).predict(frame).tolist() == expected.tolist()


def test_a_bureaus_own_model_is_a_folder(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for name in definitions.FILES:
        (own / name).write_bytes((definitions.SHIPPED / "general" / name).read_bytes())
    assert definitions.load(definitions.folder_of(str(own))).name == "general"
    with pytest.raises(NotFound, match="did you mean 'general'"):
        definitions.folder_of("generall")
    given = yaml.safe_load((own / "model.yaml").read_text("utf-8"))
    given["fit"]["max_depth"] = 9
    (own / "model.yaml").write_text(yaml.safe_dump(given, allow_unicode=True), "utf-8")
    with pytest.raises(BadDefinition, match=r"model.yaml, line \d+, fit.max_depth"):
        definitions.load(own)
    (own / "policy.yaml").unlink()
    with pytest.raises(NotFound, match=r"has no policy\.yaml"):
        definitions.load(own)


def test_nothing_of_an_artefact_is_a_pickle(model: RiskClassifier, tmp_path: Path) -> None:
    model.save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".yaml", ".txt", ".parquet"}
    assert not hasattr(classifiers, "pickle")
