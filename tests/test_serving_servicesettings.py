"""Settings: defaults, a file, and a page that names each of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import settings_page
from records.errors import BadDefinition, NotFound
from serving.access import servicesettings
from serving.access.roles import POLICY
from serving.access.servicesettings import PREFIX, Rate, Settings

PAGE, SETTINGS = Path("docs/access.md"), Path("docs/settings.md")


def test_defaults_and_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert servicesettings.load() == Settings()
    path = tmp_path / "settings.yaml"
    path.write_text(
        "tls: true\nrates: {inspector: {per_second: 20, burst: 200}}\nlodge: {to: /mnt/heads}\n",
        "utf-8",
    )
    monkeypatch.setenv("XINFEN_SETTINGS", str(path))
    told = servicesettings.load()
    assert told.tls
    assert told.lodge.to == "/mnt/heads"
    assert told.rate("inspector") == Rate(per_second=20, burst=200)
    assert told.rate("supervisor") == Settings().rate("inspector")
    assert told.rate("batch").per_second == 5_000
    path.write_text("", "utf-8")
    assert servicesettings.load() == Settings()
    path.unlink()
    with pytest.raises(NotFound, match="XINFEN_SETTINGS"):
        servicesettings.load()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tsl: true", "tsl"),
        ("tls: perhaps", "tls"),
        ("rates: {king: {per_second: 1, burst: 1}}", "rates.king"),
        ("rates: {batch: {per_second: 0, burst: 1}}", "rates.batch.per_second"),
        ("time_zone: Mars/Olympus", "no known time zone"),
        ("oidc: {issuer: 'https://x', client_id: x}", "oidc.roles"),
        ("oidc: {issuer: 'https://x', client_id: x, roles: {a: king}}", "oidc.roles.a"),
        ("[", "not YAML"),
        ("just words", "settings.yaml"),
        ("\x00", "not YAML"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadDefinition, match=words):
        servicesettings.load(path)


def test_variables_go_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text("tls: true\nlodge: {to: /mnt/a}\ntime_zone: Asia/Urumqi\n", "utf-8")
    monkeypatch.setenv("XINFEN_SETTINGS", str(path))
    monkeypatch.setenv("XINFEN_SET_TLS", "false")
    monkeypatch.setenv("XINFEN_SET_LODGE__TO", "/mnt/b")
    monkeypatch.setenv("XINFEN_SET_RATES__BATCH", "{per_second: 7, burst: 9}")
    told = servicesettings.load()
    assert (told.tls, told.lodge.to, told.time_zone) == (False, "/mnt/b", "Asia/Urumqi")
    assert told.rate("batch") == Rate(per_second=7, burst=9)
    monkeypatch.delenv("XINFEN_SETTINGS")
    assert servicesettings.load().time_zone == "Asia/Shanghai"
    monkeypatch.setenv("XINFEN_SET_LODGE__FROM", "secret")
    with pytest.raises(BadDefinition, match=r"lodge\.from") as refused:
        servicesettings.load()
    assert "secret" not in str(refused.value)


def test_every_setting_says_what_it_is_and_stands_on_the_page() -> None:
    page = SETTINGS.read_text("utf-8")
    told = list(settings_page.fields_of(Settings))
    assert len(told) > 20
    for name, _, what in told:
        assert what, name
        assert f"| `{name}` |" in page


def test_every_variable_of_the_code_stands_on_the_page_and_no_other() -> None:
    rooms = ("records", "features", "models", "training", "supervision", "serving", "benchmarks")
    files = [Path("xinfen.py"), *(path for room in rooms for path in Path(room).rglob("*.py"))]
    used = {name for path in files for name in _variables(ast.parse(path.read_text("utf-8")))}
    assert used == set(settings_page.VARIABLES)
    page = SETTINGS.read_text("utf-8")
    assert all(f"| `{name}` |" in page for name in used)


def _variables(tree: ast.Module) -> Iterator[str]:
    """The names of variables that a module reads, sets or takes as an option."""
    named = dict(_constants(tree))
    for node in ast.walk(tree):
        for asked in _asked(node):
            found = named.get(asked.id, asked) if isinstance(asked, ast.Name) else asked
            if isinstance(found, ast.Name):  # another module's, which is looked at too
                continue
            assert isinstance(found, ast.Constant), ast.unparse(node)
            yield str(found.value)
    if PREFIX in (getattr(value, "value", None) for value in named.values()):
        yield f"{PREFIX}…"


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                names = [one.id for one in target.elts if isinstance(one, ast.Name)]
                yield from zip(names, value.elts, strict=True)
            elif isinstance(target, ast.Name):
                yield target.id, value


def _asked(node: ast.AST) -> list[ast.expr]:
    """What one expression asks the environment for."""
    match node:
        case ast.Subscript(value=value, slice=name) if _environment(value):
            return [name]
        case ast.Call(func=ast.Attribute(value=value, attr=attr), args=[name, *_]) if _environment(
            value
        ) and attr in ("get", "pop", "setdefault"):
            return [name]
        case ast.Compare(left=name, comparators=[value]) if _environment(value):
            return [name]
        case ast.keyword(arg="envvar", value=name):
            return [name]
    return []


def _environment(node: ast.expr) -> bool:
    return ast.unparse(node) == "os.environ"


def test_the_page_shows_the_table_of_roles() -> None:
    page = PAGE.read_text("utf-8")
    assert all(f"`{role}`" in page for role in POLICY.roles)
    for action, rule in POLICY.actions.items():
        line = next(line for line in page.splitlines() if f" {rule.name.en} `{action}` |" in line)
        assert line.count("●") == len(rule.may)
