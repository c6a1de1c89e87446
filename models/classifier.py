"""The RiskClassifier: a fitted model as plain files, scored the same everywhere.

    FOLDER/manifest.json      versions, calibration, boundaries, SHA-256 of every other file
    FOLDER/booster.txt        LightGBM's own text
    FOLDER/background.parquet the firms that reasons compare with
    FOLDER/{model,indicators,policy}.yaml   the definition it was made from

Loading checks the hashes and runs no code of the artefact's.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd

from models import definition as definitions
from models import trees
from models.background import FILE, Background
from models.calibration import Band, Calibration
from models.definition import ModelDefinition
from models.directions import turned
from records.errors import BadInput, NotFound
from records.files import canonical, file_hash, fingerprint, write_bytes, write_json

if TYPE_CHECKING:
    from models.kernel import Explained, Kernel

__all__ = ["Band", "Calibration", "RiskClassifier", "copy"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RiskClassifier:
    """A fitted model of one version.

    `text` is LightGBM's own text of the trees; `boundaries` are the raw log-odds where B, C and
    D begin, shape (3,); `facts` holds what was measured when it was made; `band` is how well the
    calibrated probability is known, null for a model that was made without; `background` are the
    firms that its reasons compare with (null: its training rows).
    """

    definition: ModelDefinition
    text: str
    calibration: Calibration
    boundaries: Floats
    snapshot: str
    facts: dict[str, Any]
    band: Band | None = None
    background: Background | None = None

    @cached_property
    def booster(self) -> lgb.Booster:
        return lgb.Booster(model_str=self.text)

    @cached_property
    def version(self) -> str:
        """Declared version and first digits of the content's hash; equal content, equal name."""
        content = fingerprint(
            [
                self.definition.hash,
                self.text,
                self.calibration.plain(),
                [float(b) for b in self.boundaries],
                None if self.band is None else self.band.plain(),
                *([] if self.background is None else [self.background.hash]),
            ]
        )
        return f"{self.definition.version}+{content[:12]}"

    def matrix(self, frame: pd.DataFrame) -> Floats:
        """The fitted indicators of a frame, shape (n, k), in the model's order.

        Raises
        ------
        BadInput : the frame lacks an indicator the model was fitted on.
        """
        absent = [name for name in self.definition.fitted if name not in frame]
        if absent:
            raise BadInput(
                "the indicators lack a column",
                found=", ".join(map(str, frame.columns)),
                allowed=", ".join(self.definition.fitted),
                hint=f"compute {', '.join(absent)}; null stands for unknown",
            )
        return frame[self.definition.fitted].to_numpy(np.float64)

    def raw(self, values: Floats) -> Floats:
        """Raw log-odds of rows of indicators, shape (n,)."""
        return np.asarray(self.booster.predict(values, raw_score=True), dtype=np.float64)

    def probability(self, raw: Floats) -> Floats:
        """Calibrated probability that an inspection of the fixed basket finds a problem."""
        return self.calibration.probability(raw)

    @cached_property
    def kernel(self) -> Kernel:
        """What scores and explains; made at its first use, for it loads a compiler."""
        from models.kernel import Kernel

        return Kernel(self.text, self.background)

    def explain(self, values: Floats) -> Explained:
        """Score, contributions (n, k) and base of rows in log-odds; the score is `raw`'s."""
        return self.kernel.explain(values)

    def save(self, folder: Path) -> None:
        """Write the model as plain files into an absent or empty folder; whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        dumped = self.definition.model_dump(mode="json", by_alias=True, exclude_none=True)
        # An indicator says what its measure asks for and nothing else.
        catalogue = self.definition.catalogue.model_dump(
            mode="json", by_alias=True, exclude_unset=True
        )
        del dumped["catalogue"]
        parts = {"indicators.yaml": catalogue, "policy.yaml": dumped.pop("policy")}
        for name, part in {"model.yaml": dumped, **parts}.items():
            write_bytes(folder / name, canonical(part) + b"\n")  # JSON is YAML
        write_bytes(folder / "booster.txt", self.text.encode())
        files = [*definitions.FILES, "booster.txt"]
        if self.background is not None:
            self.background.write(folder / FILE, self.definition.fitted)
            files.append(FILE)
        write_json(
            folder / "manifest.json",
            {
                "version": self.version,
                "snapshot": self.snapshot,
                "calibration": self.calibration.plain(),
                "band": None if self.band is None else self.band.plain(),
                "boundaries": [float(boundary) for boundary in self.boundaries],
                "facts": self.facts,
                "files": {name: file_hash(folder / name) for name in files},
            },
        )

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a saved model.

        Raises
        ------
        NotFound : the folder holds no model.
        BadInput : a file is not the one the manifest names, or the trees go against the direction
            that the catalogue declares for an indicator.
        """
        manifest = folder / "manifest.json"
        if not manifest.is_file():
            raise NotFound(f"no model in {folder}", hint="`xinfen train` makes one")
        stated = json.loads(manifest.read_text("utf-8"))
        for name, expected in stated["files"].items():
            path = folder / name
            found = file_hash(path) if path.is_file() else "absent"
            if found != expected:
                raise BadInput(
                    f"{path} was changed after training",
                    found=found[:12],
                    allowed=expected[:12],
                    hint="fetch the model again",
                )
        definition = definitions.load(folder)
        compared = FILE in stated["files"]
        text = (folder / "booster.txt").read_text("utf-8")
        _check_directions(folder, text, definition)
        return cls(
            definition=definition,
            text=text,
            calibration=Calibration.read(stated["calibration"]),
            boundaries=np.array(stated["boundaries"], dtype=np.float64),
            snapshot=stated["snapshot"],
            facts=stated["facts"],
            band=Band.read(stated["band"]) if stated.get("band") else None,
            background=Background.read(folder / FILE, definition.fitted) if compared else None,
        )


def _check_directions(folder: Path, text: str, definition: ModelDefinition) -> None:
    directions = [definition.catalogue[name].monotone for name in definition.fitted]
    against = [definition.fitted[at] for at in turned(trees.read(text), directions)]
    if against:
        raise BadInput(
            f"{folder / 'booster.txt'}: a worse value could lower the score",
            found=f"splits against the direction of {', '.join(against)}",
            allowed="the directions that indicators.yaml declares as `risk`",
            hint="train the model again",
        )


def copy(source: Path, target: Path) -> None:
    """A saved model's files in another folder."""
    target.mkdir(parents=True, exist_ok=True)
    stated = json.loads((source / "manifest.json").read_text("utf-8"))
    for name in (*stated["files"], "manifest.json"):
        shutil.copyfile(source / name, target / name)
