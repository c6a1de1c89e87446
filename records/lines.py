"""YAML with its line numbers, so that an error in a declaration can say where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from records.errors import BadDefinition


@dataclass(frozen=True, slots=True)
class Lines:
    """Where the entries of a YAML file stand."""

    file: str
    root: yaml.Node | None

    def at(self, entry: Sequence[str | int]) -> str:
        """`file, line n` of an entry; of its nearest parent where the entry itself is absent."""
        node, line = self.root, 1
        for part in entry:
            match node:
                case yaml.MappingNode():
                    pair = next((p for p in node.value if p[0].value == str(part)), None)
                    if pair is None:
                        break
                    line, node = pair[0].start_mark.line + 1, pair[1]
                case yaml.SequenceNode() if isinstance(part, int) and part < len(node.value):
                    node = node.value[part]
                    line = node.start_mark.line + 1
                case _:
                    break
        return f"{self.file}, line {line}"


def load(path: Path) -> tuple[Any, Lines]:
    """A YAML file's value and its lines.

    Raises
    ------
    BadDefinition : it is not YAML, or says one thing twice (the first would be lost silently).
    """
    try:
        text = path.read_text("utf-8")
        root = yaml.compose(text, yaml.CSafeLoader)
        value = None if root is None else yaml.SafeLoader("").construct_document(root)
    except yaml.YAMLError as error:
        raise _broken(path.name, error) from error
    except (ValueError, OSError) as error:  # bytes that are no UTF-8, 31 February, no permission
        raise BadDefinition(
            f"{path.name} cannot be read", found=str(error), allowed="YAML in UTF-8"
        ) from error
    _refuse_twice(path.name, root)
    return value, Lines(path.name, root)


def _broken(file: str, error: yaml.YAMLError) -> BadDefinition:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    told = [getattr(error, part, None) for part in ("context", "problem")]
    return BadDefinition(
        f"{file}, line {mark.line + 1}: it is not YAML" if mark else f"{file} is not YAML",
        found=" ".join(part for part in told if part) or str(error),
        hint="quote texts with : # { } [ ] , & * ! | > % @ in them; nothing was stored",
    )


def _refuse_twice(file: str, node: yaml.Node | None) -> None:
    if isinstance(node, yaml.SequenceNode):
        for part in node.value:
            _refuse_twice(file, part)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if isinstance(key, yaml.ScalarNode) and key.value != "<<":
            if key.value in seen:
                raise BadDefinition(
                    f"{file}, line {line}: {key.value!r} is given twice",
                    found=f"lines {seen[key.value]} and {line}",
                    hint="keep one of them; nothing was stored",
                )
            seen[key.value] = line
        _refuse_twice(file, value)
