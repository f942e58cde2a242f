"""Finds a Chromium for the browser tests: an installed one, else Playwright's download, else Debian's packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DEBIAN_PACKAGES = ("chromium", "fonts-noto-cjk")


def installed_browser() -> str | None:
    """The path of a Chromium or Chrome: $CHROMIUM, one on the PATH, or Playwright's own."""
    given = os.environ.get("CHROMIUM")
    if given:
        return given if Path(given).exists() else None
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def has_chinese_font() -> bool:
    """Whether the system has a Chinese font; without it pages show boxes."""
    listing = shutil.which("fc-list")
    if listing is None:
        return False
    return bool(subprocess.run([listing, ":lang=zh"], capture_output=True, text=True, check=False).stdout.strip())


def _run(*command: str) -> bool:
    print("+", " ".join(command), flush=True)
    return subprocess.run(command, check=False).returncode == 0


def _install_debian_packages() -> bool:
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return False
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    return _run(apt, "update", "-qq") and _run(apt, "install", "-y", "-qq", "--no-install-recommends", *DEBIAN_PACKAGES)


def main() -> int:
    """Print the browser's path. Returns 1 and prints instructions when no browser can be found or installed."""
    browser = installed_browser()
    if browser is None and _run(sys.executable, "-m", "playwright", "install", "chromium"):
        browser = installed_browser()
    if browser is None or not has_chinese_font():
        _install_debian_packages()
        browser = installed_browser()
    if browser is None:
        print(
            "error: the browser tests need Chromium, and it could be neither found nor installed.\n"
            "  Install Chromium or Chrome (Debian: apt-get install chromium fonts-noto-cjk),\n"
            "  or name it: CHROMIUM=/path/to/chromium make test",
            file=sys.stderr,
        )
        return 1
    if not has_chinese_font():
        print("note: no Chinese font found; screenshots will show boxes (Debian: fonts-noto-cjk)", file=sys.stderr)
    print(f"browser: {browser}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
