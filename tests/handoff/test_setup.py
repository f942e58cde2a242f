"""scripts/setup.sh and the Node packages: which Node is used, when packages are installed, and what the lock may contain."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = ("scripts/setup.sh", "package.json", "package-lock.json", ".npmrc", "requirements/node.txt")
SYSTEM = ("bash", "cat", "chmod", "cut", "dirname", "env", "ln", "ls", "mkdir", "rm", "sha256sum", "sh", "sort")


class Checkout:
    """A checkout whose Node, npm and uv only record their calls."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin, self.calls = folder / "checkout", folder / "bin", folder / "calls"
        for name in FILES:
            copy = self.folder / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy)
        self.bin.mkdir()
        for name in SYSTEM:
            found = shutil.which(name)
            assert found is not None
            (self.bin / name).symlink_to(found)

    def install(self, name: str, does: str = "", where: Path | None = None) -> None:
        """Put a command on the path, or into a folder."""
        file = (where or self.bin) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f'#!/bin/sh\necho "{name} $*" >>{self.calls}\n{does}\n', encoding="utf-8")
        file.chmod(0o755)

    def setup(self, expected: int = 0) -> list[str]:
        """Run `setup.sh node` without a terminal; the recorded calls, without the checks of Node's version."""
        self.calls.write_text("", encoding="utf-8")
        done = subprocess.run(
            ["scripts/setup.sh", "node"],
            cwd=self.folder,
            env={"PATH": str(self.bin), "HOME": str(self.folder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            start_new_session=True,
            check=False,
        )
        assert done.returncode == expected, done.stderr
        return [call for call in self.calls.read_text(encoding="utf-8").splitlines() if not call.startswith("node -e")]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout in which npm works, and the path has no Node."""
    made = Checkout(tmp_path)
    made.install("npm", "mkdir -p node_modules")
    return made


def test_the_node_on_the_path_is_taken(checkout: Checkout) -> None:
    """A machine that has Node would download 60 MB for another one."""
    checkout.install("node")
    assert checkout.setup() == ["npm ci --loglevel=error"]
    assert Path(os.readlink(checkout.folder / ".venv/node/bin/node")) == checkout.bin / "node"


def test_nothing_is_installed_again_while_the_lock_is_the_same(checkout: Checkout) -> None:
    """Each `make` would query the registry, and fail without a network."""
    checkout.install("node")
    checkout.setup()
    assert checkout.setup() == []
    lock = checkout.folder / "package-lock.json"
    lock.write_text(lock.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert checkout.setup() == ["npm ci --loglevel=error"]
    assert checkout.setup() == []


def test_an_installation_that_failed_is_tried_again(checkout: Checkout) -> None:
    """After a network failure an incomplete installation would be taken for a complete one."""
    checkout.install("node")
    checkout.install("npm", "mkdir -p node_modules; exit 1")
    checkout.setup(expected=1)
    checkout.install("npm", "mkdir -p node_modules")
    assert checkout.setup() == ["npm ci --loglevel=error"]


@pytest.mark.parametrize("what", ["none", "too old"])
def test_without_a_node_the_locked_one_is_installed(checkout: Checkout, what: str) -> None:
    """`make setup` would fail on a machine without Node, or an unsuitable Node would build the pages."""
    if what == "too old":
        checkout.install("node", "exit 1")  # the result of the check of its version
    own = checkout.folder / ".venv" / "node" / "bin"
    lines = [f"mkdir -p {own}"]
    for name, does in (("node", ":"), ("npm", "mkdir -p node_modules"), ("python", ":")):
        script = f'#!/bin/sh\\necho "own {name} $*" >>{checkout.calls}; {does}'
        lines.append(f"printf '{script}' >{own}/{name}; chmod +x {own}/{name}")
    make = "\n".join(lines)
    checkout.install("uv", make)
    calls = [call for call in checkout.setup() if not call.startswith(("own node -e", "own python"))]
    assert [call.split(" --python")[0] for call in calls] == [
        "uv venv --quiet --clear --no-project",
        "uv pip sync --quiet --require-hashes",
        "own npm ci --loglevel=error",
    ]
    assert "requirements/node.txt" in calls[1]
    assert [call for call in checkout.setup() if not call.startswith(("own node -e", "own python"))] == []


def test_a_node_that_is_gone_is_replaced(checkout: Checkout) -> None:
    """After an update of the system `make run` would stop because of a dead link."""
    checkout.install("node")
    checkout.setup()
    (checkout.folder / ".venv/node/bin/node").unlink()
    (checkout.folder / ".venv/node/bin/node").symlink_to("/nowhere/node")
    assert checkout.setup() == []
    assert (checkout.folder / ".venv/node/bin/node").exists()


def test_the_lock_holds_exact_packages_and_no_address() -> None:
    """A build would use other code than was reviewed, or only work with one registry."""
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert len(packages) > 10
    for name, package in packages.items():
        assert "resolved" not in package, name
        hashlib.new(package["integrity"].split("-")[0])
        assert package["dev"] is True, f"{name} would be for what is served"
        # axe-core only checks pages in tests; nothing of it is changed, bundled or served.
        allowed = {"MIT", "Apache-2.0", "ISC"} | ({"MPL-2.0"} if name == "node_modules/axe-core" else set())
        assert set(package["license"].split(" OR ")) & allowed, name
    project = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert set(project["devDependencies"].values()) <= {package["version"] for package in packages.values()}
    assert "dependencies" not in project
