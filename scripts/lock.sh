#!/usr/bin/env bash
# Resolves pyproject.toml's extras into exact, hashed locks; no index or download address is written.
set -euo pipefail
cd "$(dirname "$0")/.."
UV=$(command -v uv || echo .venv/tools/bin/uv)
compile() { # compile LOCK PYTHON EXTRA...
  local lock=$1 python=$2 extras=()
  shift 2
  for extra in "$@"; do extras+=(--extra "$extra"); done
  "$UV" pip compile pyproject.toml "${extras[@]}" --upgrade --python "$python" --generate-hashes --no-header --no-annotate \
    --no-emit-index-url --no-emit-find-links --quiet --output-file "$lock"
}
compile requirements/bot.txt .venv/bot/bin/python bot test
compile requirements/desk.txt .venv/desk/bin/python handoff test test-desk
compile requirements/bench.txt .venv/bot/bin/python bench
compile requirements/node.txt .venv/desk/bin/python node
scripts/setup.sh
