"""Settings: defaults, a file, and a page that names each of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import access_page
from records.errors import BadDefinition, NotFound
from serving.access import servicesettings
from serving.access.roles import POLICY
from serving.access.servicesettings import Rate, Settings

PAGE = Path("docs/access.md")


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


def test_every_setting_says_what_it_is_and_stands_on_the_page() -> None:
    page = PAGE.read_text("utf-8")
    told = list(access_page._fields_of(Settings))
    assert len(told) > 20
    for name, _, what in told:
        assert what, name
        assert f"| `{name}` |" in page


def test_the_page_shows_the_table_of_roles() -> None:
    page = PAGE.read_text("utf-8")
    assert all(f"`{role}`" in page for role in POLICY.roles)
    for action, rule in POLICY.actions.items():
        line = next(line for line in page.splitlines() if f" {rule.name.en} `{action}` |" in line)
        assert line.count("●") == len(rule.may)
