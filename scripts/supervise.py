"""Supervises the Procfile's processes: starts them, reports when all are ready, restarts any that end, stops all on Ctrl-C.

Each process writes to var/log/NAME.log. This program prints messages for the operator.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import ipaddress
import json
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

import httpx
import psutil

PORTS = {"DESK_PORT": 8000, "BOT_PORT": 5005}
#: Environment variables with the number of processes of a kind, and the most that one machine can use.
COUNTS = {"DESKS": 1, "BOTS": 1}
MOST = 32
#: The kind of the sample wallet, which runs where no real one is configured.
WALLET = "wallet"
READY_SECONDS = 180.0
STOP_SECONDS = 15.0
LOG_LIMIT_BYTES = 50_000_000
#: Seconds before a process that ended is restarted: the first time, and at most when it keeps ending.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 10.0
_PR_SET_PDEATHSIG = 1
_YES = ("1", "true")
#: Environment variables passed to bots and the runner of jobs; "*" stands for any ending. The desk gets the whole environment,
#: because libpq reads variables of its own.
_COMMON = (
    "PATH HOME USER LOGNAME LANG LANGUAGE LC_* TZ TMPDIR XDG_* LD_LIBRARY_PATH VIRTUAL_ENV PYTHON* COVERAGE_* SSL_CERT_*"
    " OMP_* OPENBLAS_* MKL_* TF_* SQLALCHEMY_SILENCE_UBER_WARNING RASA_* SANIC_* LOG_LEVEL VAR_DIR MODELS_DIR DATA_DIR"
    " BOT_HOSTS"
).split()
NEEDS = {
    "bot": (*_COMMON, "BOT_PORT", "BOT_TOKEN", "ACTION_URL", "SERVICE_TOKEN", "DESK_URL", "WALLET_URL", "WALLET_KEY"),
    WALLET: (*_COMMON, "WALLET_PORT", "WALLET_KEY", "WALLET_RUN", "WALLET_POSTGRES"),
    "workshop": (*_COMMON, "SERVICE_TOKEN", "DESK_URL", "BOT_TOKEN", "BOT_URLS"),
}


class StartError(Exception):
    """The system cannot start; the message says how to fix it."""


def say(text: str) -> None:
    """Print a message for the operator. A closed terminal must not end this program."""
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)


def make_environment(given: Mapping[str, str]) -> dict[str, str]:
    """The processes' environment: ports, addresses, fresh tokens. Given values take precedence. Raises StartError."""
    environment = dict(given)
    for name, number in {**PORTS, **COUNTS}.items():
        if not environment.setdefault(name, str(number)).isdigit():
            raise StartError(f"{name}={environment[name]} is not a number")
    for name in COUNTS:
        if not 1 <= int(environment[name]) <= MOST:
            raise StartError(f"{name}={environment[name]}: from 1 to {MOST}")
    environment.setdefault("VAR_DIR", "var")
    environment.setdefault("BOT_URLS", ",".join(f"http://127.0.0.1:{port}" for port in ports_of("BOT", environment)))
    environment.setdefault("DESK_URL", f"http://127.0.0.1:{environment['DESK_PORT']}")
    # Hexadecimal: a token that begins with "-" would be read as an option when it is passed on.
    environment.setdefault("BOT_TOKEN", secrets.token_hex(24))
    environment.setdefault("SERVICE_TOKEN", secrets.token_hex(24))
    environment.setdefault("ACTION_URL", "")  # no address: each bot runs the custom action itself
    environment.setdefault("DEMO", "1")
    _add_sample_wallet(environment)
    environment.update(
        LOG_LEVEL=environment.get("LOG_LEVEL", "WARNING"),
        PYTHONUNBUFFERED="1",
        # One turn's arithmetic is too small to share; more threads only block each other.
        OMP_NUM_THREADS="1",
        OPENBLAS_NUM_THREADS="1",
        RASA_TELEMETRY_ENABLED="false",
        SQLALCHEMY_SILENCE_UBER_WARNING="1",
        TF_CPP_MIN_LOG_LEVEL="3",
    )
    return environment


def _add_sample_wallet(environment: dict[str, str]) -> None:
    """In demo mode, connect the sample wallet where no real one is configured. Raises StartError."""
    environment.pop("WALLET_RUN", None)
    if environment.get("WALLET_URL") or environment["DEMO"] not in _YES:
        return
    # People do not open its address, so any free port does: several systems can run on one machine.
    port = environment.setdefault("WALLET_PORT", str(_free_port()))
    if not port.isdigit():
        raise StartError(f"WALLET_PORT={port} is not a number")
    environment.update(WALLET_URL=f"http://127.0.0.1:{port}", WALLET_RUN=secrets.token_hex(8))
    environment.setdefault("WALLET_KEY", secrets.token_hex(24))
    # The sample does not write into a database that an operator keeps: it starts an embedded server of its own then.
    environment["WALLET_POSTGRES"] = "wallet-postgres" if environment.get("DATABASE_URL") else "postgres"


def _free_port() -> int:
    """A free port below the range that the kernel uses for outgoing connections, so that a restarted process gets it again."""
    for _ in range(100):
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise StartError("no free port was found for the sample wallet: set WALLET_PORT")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on this host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def in_earnest(environment: Mapping[str, str]) -> list[str]:
    """Reasons why demo accounts, whose passwords are public, would be dangerous here; empty on a local trial machine."""
    host = environment.get("DESK_HOST", "127.0.0.1")
    reasons = ["DATABASE_URL is set"] if environment.get("DATABASE_URL") else []
    return reasons if is_loopback(host) else [*reasons, f"DESK_HOST={host} can be reached from elsewhere"]


def check_demo(given: Mapping[str, str]) -> None:
    """Reject the default demo mode outside of a local trial. Raises StartError."""
    reasons = in_earnest(given)
    if reasons and not given.get("DEMO"):
        raise StartError(
            f"{' and '.join(reasons)}: set DEMO=0 for production, or DEMO=1 if anybody may sign in with the demo accounts"
        )


def only_needed(kind: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process of a kind (desk, bot, workshop), without secrets that it does not use."""
    if kind not in NEEDS:
        return dict(environment)
    names = NEEDS[kind]
    return {
        name: value
        for name, value in environment.items()
        if name in names or any(each.endswith("*") and name.startswith(each[:-1]) for each in names)
    }


def published_model(environment: Mapping[str, str]) -> str:
    """The published model's file. Read at each start, so that a restarted bot gets the present model."""
    published = Path(environment.get("MODELS_DIR", "models")) / "published.json"
    model = json.loads(published.read_text(encoding="utf-8"))["model"]
    return str(published.with_name(f"{model}.tar.gz"))


def ports_of(kind: str, environment: Mapping[str, str]) -> list[int]:
    """The consecutive ports of all processes of a kind (DESK, BOT).

    Several desks share DESK_PORT. Each of them also has its own port after it, for health and metrics.
    """
    first, count = int(environment[f"{kind}_PORT"]), int(environment["DESKS" if kind == "DESK" else "BOTS"])
    shared = 1 if kind == "DESK" and count > 1 else 0
    return [first + shared + i for i in range(count)]


def read_procfile(path: Path, environment: Mapping[str, str]) -> dict[str, tuple[Template, dict[str, str]]]:
    """Name -> command and environment; `$NAMES` are read from the environment. Several of a kind are NAME-1, NAME-2 ..."""
    processes = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, _, command = line.partition(":")
        if not command.strip() or line.startswith("#"):
            continue
        if kind == WALLET and "WALLET_RUN" not in environment:  # a real wallet is configured, or none is wanted
            continue
        if f"{kind.upper()}_PORT" not in PORTS:  # one process, which listens on no port
            processes[kind] = Template(command.strip()), only_needed(kind, environment)
            continue
        ports = ports_of(kind.upper(), environment)
        for number, port in enumerate(ports, 1):
            own = dict(environment)
            if kind == "desk":
                if len(ports) > 1:
                    own["DESK_OWN_PORT"] = str(port)
            else:
                own[f"{kind.upper()}_PORT"] = str(port)
            name = kind if len(ports) == 1 else f"{kind}-{number}"
            processes[name] = Template(command.strip()), only_needed(kind, own)
    return processes


def check_ports(environment: Mapping[str, str]) -> None:
    """Raises StartError when another program uses one of our ports."""
    for name in PORTS:
        for port in {int(environment[name]), *ports_of(name.removesuffix("_PORT"), environment)}:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except (OSError, OverflowError) as error:
                    raise StartError(
                        f"port {port} is taken ({error}); is it running already? Otherwise choose a port: {name}=... make run"
                    ) from error


def _die_with_parent() -> None:
    # When this supervisor is killed with -9, its children must end too.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def command_of(template: Template, environment: Mapping[str, str]) -> list[str]:
    """The arguments of a command line; a value with spaces stays one argument. Raises OSError, ValueError or KeyError.

    The published model is looked up at each start, and only for commands that use it.
    """
    values = dict(environment)
    if "MODEL" in template.get_identifiers():
        values["MODEL"] = published_model(environment)
    return [Template(word).substitute(values) for word in template.template.split()]


class Process:
    """One process of the Procfile, kept running."""

    def __init__(self, name: str, command: Template, environment: dict[str, str], log: Path) -> None:
        self.name, self._command, self._environment, self.log = name, command, environment, log
        self._process: asyncio.subprocess.Process | None = None
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        """The process's id while it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def keep_running(self, started_one: Callable[[], None]) -> None:
        """Restart the process whenever it ends, with growing pauses if it keeps ending; until cancelled.

        A failed start is reported and retried like a process that ended: without this task a dead process would stay dead
        and nobody would be told.
        """
        pause = FIRST_PAUSE_SECONDS
        while True:
            started = time.monotonic()
            try:
                self._process = process = await self._start()
            except Exception as error:
                what = f"could not be started: {type(error).__name__}: {error}"
            else:
                self._note(started_one)
                what = f"ended with code {await process.wait()}"
            lived_long = time.monotonic() - started > 60
            pause = FIRST_PAUSE_SECONDS if lived_long else min(pause * 2, LONGEST_PAUSE_SECONDS)
            self.restarts += 1
            say(f"{self.name} {what}; starting it again in {pause:.0f} s (see {self.log})")
            await asyncio.sleep(pause)

    async def _start(self) -> asyncio.subprocess.Process:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            return await asyncio.create_subprocess_exec(
                *command_of(self._command, self._environment),
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C reaches this program only, which stops the others in order
                preexec_fn=_die_with_parent,
            )

    def _note(self, started_one: Callable[[], None]) -> None:
        try:
            started_one()
        except OSError as error:  # the process runs all the same
            say(f"{self.name} runs, but the run file could not be written: {error}")

    def signal(self, number: int) -> None:
        """Send a signal to the process and its children."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    async def stop(self) -> None:
        """Send SIGTERM, then SIGKILL after a timeout."""
        self.signal(signal.SIGTERM)
        if self._process is not None:
            try:
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
            except TimeoutError:
                say(f"{self.name} does not stop; killing it")
                self.signal(signal.SIGKILL)
                await self._process.wait()


async def _is_up(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url, timeout=3)).status_code == 200
    except httpx.TransportError:
        return False


async def wait_until_ready(environment: Mapping[str, str], processes: list[Process]) -> None:
    """Report each part when it is ready. Raises StartError when one keeps ending, or on timeout."""
    desk = environment["DESK_URL"]
    parts = {f"desk :{port}": f"http://127.0.0.1:{port}/healthz" for port in ports_of("DESK", environment)}
    for url in environment["BOT_URLS"].split(","):
        parts[f"bot :{urlsplit(url).port} (Rasa)"] = f"{url}/webhooks/desk/"
    if "WALLET_RUN" in environment:
        parts[f"sample wallet :{environment['WALLET_PORT']}"] = f"{environment['WALLET_URL']}/healthz"
    parts["all of it"] = f"{desk}/readyz"
    started = time.monotonic()
    async with httpx.AsyncClient(trust_env=False) as http:
        while parts:
            for part, url in list(parts.items()):
                if await _is_up(http, url):
                    del parts[part]
                    say(f"  {part}: up after {time.monotonic() - started:.0f} s")
            failing = [process for process in processes if process.restarts >= 3]
            if failing or time.monotonic() - started > READY_SECONDS:
                names = ", ".join(process.name for process in failing) or ", ".join(parts)
                logs = "".join(_tail(process.log) for process in failing)
                raise StartError(f"{names} did not come up\n{logs}")
            await asyncio.sleep(0.25)


def _tail(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
    except OSError as error:
        return f"{log} cannot be read: {error}\n"
    return f"--- end of {log} ---\n" + "\n".join(lines) + "\n"


def write_run_file(path: Path, environment: Mapping[str, str], processes: list[Process]) -> None:
    """Write the addresses and tokens that `make publish`, the drill and the tests need; readable by the owner only."""
    names = ("BOT_URLS", "BOT_TOKEN", "SERVICE_TOKEN", "DESK_URL", "VAR_DIR", "DATABASE_URL", "WALLET_URL", "WALLET_KEY")
    content = {
        "pid": os.getpid(),
        "environment": {name: environment[name] for name in names if name in environment},
        "processes": {process.name: process.pid for process in processes},
        "desks": [f"http://127.0.0.1:{port}" for port in ports_of("DESK", environment)],
    }
    partial = path.with_suffix(".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
    partial.replace(path)


def stop_embedded_postgres(folder: Path) -> None:
    """Stop the embedded PostgreSQL if it still runs.

    The last desk stops it when it ends, but the server still counts desks killed with -9 as users.
    """
    try:
        pid = int((folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        server = psutil.Process(pid)
        if "postgres" in server.name():
            server.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown": no new work, running work rolled back
            server.wait(STOP_SECONDS)
    except (FileNotFoundError, psutil.NoSuchProcess):
        return


def announce(environment: Mapping[str, str], seconds: float) -> None:
    """Print where to go."""
    desk = environment["DESK_URL"]
    say(f"\nReady after {seconds:.0f} s.\n  customers: {desk}/\n  agents:    {desk}/console")
    if environment["DEMO"] in _YES:
        say("  demo mode: sign in as agent, agent2, supervisor or editor; the password is the login")
        for reason in in_earnest(environment):
            say(f"  WARNING: anybody who can reach it can sign in with the demo accounts, and {reason}")
    say("  editors:   change data/, then `make publish`\nCtrl-C stops the system.")


async def main() -> int:
    """Run until a signal arrives. The exit code is 0 then, 1 when the system could not start."""
    check_demo(os.environ)
    environment = make_environment(os.environ)
    check_ports(environment)
    var = Path(environment["VAR_DIR"])
    (var / "log").mkdir(parents=True, exist_ok=True)
    processes = []
    for name, (command, own) in read_procfile(Path("Procfile"), environment).items():
        log = var / "log" / f"{name}.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
            log.replace(log.with_suffix(".log.1"))
        processes.append(Process(name, command, own, log))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)

    def note_down() -> None:
        write_run_file(var / "run.json", environment, processes)

    note_down()
    say(f"starting PostgreSQL and {', '.join(process.name for process in processes)} ...")
    started = time.monotonic()
    keepers = [asyncio.create_task(process.keep_running(note_down)) for process in processes]
    ready = asyncio.create_task(wait_until_ready(environment, processes))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({ready, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if ready.done() and not stop.is_set():
            ready.result()
            announce(environment, time.monotonic() - started)
            await stopping
        return 0
    finally:
        say("\nstopping ...")
        for task in (*keepers, ready, stopping):
            task.cancel()
        await asyncio.gather(*keepers, ready, stopping, return_exceptions=True)
        # The desks first: they finish running turns while the bots still answer.
        desks = [process for process in processes if process.name.startswith("desk")]
        await asyncio.gather(*(process.stop() for process in desks))
        await asyncio.gather(*(process.stop() for process in processes if process not in desks))
        for folder in ("postgres", "wallet-postgres"):
            await asyncio.to_thread(stop_embedded_postgres, var / folder)
        (var / "run.json").unlink(missing_ok=True)
        say("stopped")


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main()))
    except StartError as problem:
        say(f"error: {problem}")
        sys.exit(1)
