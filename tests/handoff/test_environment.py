"""The environment that the supervisor gives each process, and when it refuses demo mode."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
SECRETS = {
    "DATABASE_URL": "postgresql://desk:secret@db/desk",
    "PGPASSWORD": "secret",
    "BOT_TOKEN": "bot-secret",
    "SERVICE_TOKEN": "service-secret",
    "AWS_SECRET_ACCESS_KEY": "secret",
}


@pytest.fixture(scope="module")
def supervise() -> ModuleType:
    """scripts/supervise.py, which is not in a package."""
    spec = importlib.util.spec_from_file_location("supervise", ROOT / "scripts" / "supervise.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("kind", "secrets"),
    [("desk", set(SECRETS)), ("bot", {"BOT_TOKEN", "SERVICE_TOKEN"}), ("workshop", {"BOT_TOKEN", "SERVICE_TOKEN"})],
)
def test_each_process_is_given_the_secrets_that_it_uses(supervise: ModuleType, kind: str, secrets: set[str]) -> None:
    """A vulnerability in the bot's old libraries would expose the database's password."""
    environment = supervise.make_environment({"PATH": "/bin", "LC_ALL": "C", "MODELS_DIR": "models", "DEMO": "0", **SECRETS})
    processes = supervise.read_procfile(ROOT / "Procfile", environment)
    _, given = processes[kind]
    assert {name for name in SECRETS if name in given} == secrets
    assert (given["PATH"], given["LC_ALL"], given["MODELS_DIR"]) == ("/bin", "C", "models")


def test_every_process_is_given_what_its_command_names(supervise: ModuleType) -> None:
    """A process would not start, because its command has a variable that it does not get."""
    environment = supervise.make_environment({"PATH": "/bin"})
    for command, given in supervise.read_procfile(ROOT / "Procfile", environment).values():
        assert set(re.findall(r"\$([A-Z_]+)", command.template)) - {"MODEL"} <= set(given)
    assert set(SECRETS).isdisjoint(re.findall(r"\$([A-Z_]+)", (ROOT / "Procfile").read_text(encoding="utf-8")))


def test_what_the_bots_settings_read_is_given(supervise: ModuleType) -> None:
    """A setting of the bot or of its action would be without effect under `make run`."""
    paths = [path for folder in ("bot", "actions") for path in (ROOT / folder).rglob("*.py") if path.name != "__main__.py"]
    source = "".join(path.read_text(encoding="utf-8") for path in paths)
    names = set(re.findall(r'environ(?:ment)?\.get\("([A-Z_]+)"', source))
    assert {"BOT_HOSTS", "BOT_TOKEN", "DESK_URL", "SERVICE_TOKEN", "MODELS_DIR"} <= names
    assert set(supervise.only_needed("bot", dict.fromkeys(names, "x"))) == names
    names = set(re.findall(r"\$\{([A-Z_]+)\}", "".join((ROOT / f).read_text() for f in ("endpoints.yml", "credentials.yml"))))
    assert set(supervise.only_needed("bot", dict.fromkeys(names, "x"))) == names


@pytest.mark.parametrize(
    ("given", "starts"),
    [
        ({}, True),
        ({"DESK_HOST": "127.0.0.1"}, True),
        ({"DESK_HOST": "localhost"}, True),
        ({"DESK_HOST": "::1"}, True),
        ({"DATABASE_URL": "postgresql://x"}, False),
        ({"DATABASE_URL": "postgresql://x", "DEMO": ""}, False),
        ({"DATABASE_URL": "postgresql://x", "DEMO": "1"}, True),
        ({"DATABASE_URL": "postgresql://x", "DEMO": "0"}, True),
        ({"DATABASE_URL": ""}, True),
        ({"DESK_HOST": "0.0.0.0"}, False),
        ({"DESK_HOST": "desk.example"}, False),
        ({"DESK_HOST": "10.0.0.9", "DEMO": "1"}, True),
        ({"DESK_HOST": "10.0.0.9", "DEMO": "0"}, True),
    ],
)
def test_demo_mode_is_the_default_for_trying_it_out_only(supervise: ModuleType, given: dict[str, str], starts: bool) -> None:
    """Anybody who has read the manual could open real customers' conversations."""
    if starts:
        supervise.check_demo(given)
    else:
        with pytest.raises(supervise.StartError, match="DEMO=0"):
            supervise.check_demo(given)


@pytest.mark.parametrize(
    ("given", "warnings"),
    [({}, 0), ({"DATABASE_URL": "postgresql://x"}, 1), ({"DESK_HOST": "0.0.0.0", "DATABASE_URL": "postgresql://x"}, 2)],
)
def test_a_demo_that_was_asked_for_is_warned_of(
    supervise: ModuleType, given: dict[str, str], warnings: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """An operator would not be warned what DEMO=1 means there."""
    supervise.announce(supervise.make_environment({**given, "DEMO": "1"}), 1.0)
    assert capsys.readouterr().out.count("WARNING") == warnings
