"""The settings that are shipped: each file loads, a wrong key is refused by name, and every key says what it is."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from bots.cases.errors import ConfigProblem
from bots.cases.settings import Choice, Config, SuiteSettings, load_yaml

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "config"
FILES = sorted(CONFIG.glob("*.yaml"))
PROFILES = {"practice": SuiteSettings, "own": SuiteSettings, "suite": Choice}


def models() -> dict[str, type[BaseModel]]:
    """File name -> the model that checks it: a class of the bots whose docstring is `config/NAME.yaml`."""
    found: dict[str, type[BaseModel]] = dict(PROFILES)
    for file in sorted((ROOT / "bots").rglob("*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and (named := re.match(r"config/(\w+)\.yaml", ast.get_docstring(node) or "")) and named[1] not in found:
                module = importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
                found[named[1]] = getattr(module, node.name)
    return found


MODELS = models()


def test_every_file_has_a_model_and_every_model_a_file() -> None:
    assert {file.stem for file in FILES} == set(MODELS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_loads(file: Path) -> None:
    assert load_yaml(file, MODELS[file.stem])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_unknown_key_is_refused_with_file_and_key(file: Path, tmp_path: Path) -> None:
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    wrong = tmp_path / file.name
    wrong.write_text(yaml.safe_dump({**data, "not_a_key": 1}, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ConfigProblem) as raised:
        load_yaml(wrong, MODELS[file.stem])
    assert str(wrong) in str(raised.value) and "not_a_key" in str(raised.value)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_key_of_a_file_is_explained_in_it(file: Path) -> None:
    """A key at the top has a comment on its line, above it or above its block, or is named in a comment of the file."""
    lines = file.read_text(encoding="utf-8").splitlines()
    comments = "\n".join(line[line.index("#") :] for line in lines if "#" in line)
    silent = []
    for number, line in enumerate(lines):
        found = re.match(r"([A-Za-z_]\w*):", line)
        if not found:
            continue
        block = number
        while block and lines[block - 1].strip() and not lines[block - 1].lstrip().startswith("#"):
            block -= 1
        beside = "#" in line or (block > 0 and lines[block - 1].lstrip().startswith("#"))
        below = number + 1 < len(lines) and ("#" in lines[number + 1])
        if not (beside or below or re.search(rf"\b{found[1]}\b", comments)):
            silent.append(found[1])
    silent = [key for key in silent if not _says_itself(file.stem, key)]
    assert silent == []


def _says_itself(name: str, key: str) -> bool:
    """Keys of the practice profile are those of own.yaml, where each is explained; a key that is a name of ours needs no comment."""
    return name == "practice" and re.search(rf"^{key}:", (CONFIG / "own.yaml").read_text(encoding="utf-8"), re.MULTILINE) is not None


def test_the_two_profiles_have_the_same_shape() -> None:
    """What the practice profile sets, `own` shows too: whoever fills it in sees every key there is."""
    own, practice = (yaml.safe_load((CONFIG / f"{name}.yaml").read_text(encoding="utf-8")) for name in ("own", "practice"))
    assert set(practice) <= set(own) | {"practice"} and set(own) <= set(SuiteSettings.model_fields)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("captions: [", "is not YAML"),
        ("- 1\n", "valid dictionary"),
        ("seller_name: 3\n", "seller_name: Input should be a valid string"),
        ("captions: fr\n", "captions: Input should be 'en' or 'zh'"),
        ("attempts: 0\n", "attempts: Input should be greater than or equal to 1"),
    ],
)
def test_what_is_wrong_is_said_with_its_key(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigProblem) as raised:
        load_yaml(tmp_path / "own.yaml", SuiteSettings)
    assert str(raised.value).startswith(str(tmp_path / "own.yaml")) and why in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblem, match=r"nobody\.yaml: the file is missing"):
        Config(CONFIG, "nobody", workspace=tmp_path)


def test_a_folder_of_settings_may_hold_only_what_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bots.decisions.policy import PolicyRules

    for name in ("RETURNS_PROFILE", "RETURNS_CONFIG", "RETURNS_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "suite.yaml").write_text("use: own\n", encoding="utf-8")
    config = Config(tmp_path)
    assert config.profile == "own" and config.load("policy", PolicyRules) == load_yaml(CONFIG / "policy.yaml", PolicyRules)
    assert Config(CONFIG).profile == load_yaml(CONFIG / "suite.yaml", Choice).use
    monkeypatch.setenv("RETURNS_PROFILE", "own")
    monkeypatch.setenv("RETURNS_WORKSPACE", str(tmp_path / "w"))
    assert Config(CONFIG).profile == "own" and Config(CONFIG).store_url == f"sqlite:///{tmp_path / 'w' / 'cases.db'}"


def test_an_address_of_the_practice_back_office_needs_it_running(tmp_path: Path) -> None:
    config = Config(CONFIG, "practice", workspace=tmp_path)
    assert config.address("https://erp.example.com") == "https://erp.example.com"
    with pytest.raises(ConfigProblem, match="practice:erp: the practice back office is not running"):
        config.address("practice:erp")
    (tmp_path / "world").mkdir()
    (tmp_path / "world" / "address.json").write_text('{"erp": "http://127.0.0.1:1"}', encoding="utf-8")
    assert config.address("practice:erp") == "http://127.0.0.1:1"


def test_no_secret_stands_in_the_settings() -> None:
    for file in FILES:
        assert not re.search(r"^\s*(password|secret|token|seed_of_totp|api_key)\s*:", file.read_text(encoding="utf-8"), re.MULTILINE), file
