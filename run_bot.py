#!/usr/bin/env python3
"""The one door: makes .venv on first use, then hands over to bots.cli.

Uses the standard library only, and only syntax that Python 3.6 can read, so that an old interpreter gets a sentence and not a traceback.

The stamp `.venv/run_bot.stamp` says what .venv is:
    absent        somebody else made .venv: it is kept when its Python works, and the requirements are installed into it
    "installing"  an installation was interrupted: .venv is thrown away and made anew
    anything else the requirements and the interpreter that .venv was completed for: when both still hold, nothing is done
Exit codes: 3 when this machine lacks something a person must add; otherwise the exit code of bots.cli.
"""

import os
import sys

ROOT = os.path.dirname(os.path.realpath(__file__))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "run_bot.stamp")
LOCK = os.path.join(ROOT, ".venv.lock")
REQUIREMENTS = os.path.join(ROOT, "requirements.txt")
VENV_PYTHON = os.path.join(VENV, "Scripts", "python.exe") if os.name == "nt" else os.path.join(VENV, "bin", "python")
INSTALLING = "installing"
HANDED_OVER = "RUN_BOT_HANDED_OVER"
OLDEST = (3, 11)
NOT_READY = 3
INTERRUPTED = 130


def version_problem(version):
    """What is wrong with an interpreter of this version, or None."""
    if tuple(version[:2]) >= OLDEST:
        return None
    return (
        "This needs Python {0}.{1} or later; {2} is Python {3}.{4}.\n"
        "Install a newer Python (Debian 12, Ubuntu 24.04 and later have it as python3) and start again with it, for example: python{0}.{1} run_bot.py".format(
            OLDEST[0], OLDEST[1], sys.executable, version[0], version[1]
        )
    )


def say(text):
    """A line for the person at the terminal; standard output stays free for the command's own answer."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def stop(text):
    """End with exit code 3: something must be added to this machine first."""
    say(text)
    raise SystemExit(NOT_READY)


def wanted_stamp():
    """What the stamp says when .venv is complete: hash of requirements.txt, the interpreter .venv stands on, and where .venv lies (it cannot be moved)."""
    import hashlib

    with open(REQUIREMENTS, "rb") as file:
        requirements = hashlib.sha256(file.read()).hexdigest()
    return "requirements {}\ninterpreter {}\nplace {}\n".format(requirements, os.path.realpath(VENV_PYTHON), VENV)


def read_stamp():
    """The stamp's text, or None where there is none."""
    try:
        with open(STAMP, encoding="utf-8") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def write_stamp(text):
    """Replace the stamp in one step, so that no half-written stamp can be read."""
    fresh = STAMP + ".new"
    with open(fresh, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(fresh, STAMP)


def is_ready():
    """Is .venv complete for today's requirements and interpreter?"""
    return os.path.isfile(VENV_PYTHON) and os.path.isfile(os.path.join(VENV, "pyvenv.cfg")) and read_stamp() == wanted_stamp()


class SetupLock:
    """Held while .venv is made; a second start waits for the first. On POSIX the installing child holds it too, so a killed parent does not free it early."""

    def __init__(self):
        self.file = None

    def __enter__(self):
        self.file = open(LOCK, "a+b")
        if not self._take():
            say("Another start is setting up .venv: waiting for it.")
            self._wait()
        return self

    def __exit__(self, *_):
        self.file.close()

    def _take(self):
        try:
            if os.name == "nt":
                import msvcrt

                self.file.seek(0)
                msvcrt.locking(self.file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def _wait(self):
        if os.name == "nt":
            import msvcrt

            while True:
                self.file.seek(0)
                try:
                    msvcrt.locking(self.file.fileno(), msvcrt.LK_LOCK, 1)  # itself tries for ten seconds
                except OSError:
                    continue
                return
        import fcntl

        fcntl.flock(self.file, fcntl.LOCK_EX)


def base_python():
    """The interpreter that .venv is made from: never a virtual environment's own, which may be the one that is thrown away."""
    return getattr(sys, "_base_executable", None) or sys.executable


def run(command, lock, on_line=None):
    """Run a child to its end and return (exit code, its output); it dies with us, and keeps the lock when we are killed."""
    import subprocess

    environment = {name: value for name, value in os.environ.items() if name not in ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PYTHONHOME", "PYTHONPATH")}
    keep = {} if os.name == "nt" else {"pass_fds": (lock.file.fileno(),)}
    lines = []
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    child = subprocess.Popen(command, env=environment, text=True, encoding="utf-8", errors="replace", **pipes, **keep)
    try:
        for line in child.stdout:
            lines.append(line)
            if on_line is not None:
                on_line(line)
        code = child.wait()
    except BaseException:
        child.terminate()
        child.wait()
        raise
    return code, "".join(lines)


def missing_modules():
    """The modules that making .venv needs and this interpreter lacks: Debian and Ubuntu leave them out of python3."""
    import importlib.util

    return [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]


def is_debian():
    """Is this Debian, Ubuntu or a child of theirs?"""
    try:
        with open("/etc/os-release", encoding="utf-8") as file:
            rows = dict(line.rstrip().split("=", 1) for line in file if "=" in line)
    except FileNotFoundError:
        return False
    names = " ".join((rows.get("ID", ""), rows.get("ID_LIKE", ""))).replace('"', "").split()
    return "debian" in names or "ubuntu" in names


def ensure_venv_module(lock):
    """Make sure that `python -m venv` can work; as root on Debian or Ubuntu add the package, elsewhere say what to type."""
    import shutil

    missing = missing_modules()
    if not missing:
        return
    lacks = "{} lacks the module{} {}".format(base_python(), "s" if len(missing) > 1 else "", " and ".join(missing))
    if not is_debian() or sys.base_prefix != "/usr":
        stop(lacks + ", so .venv cannot be made. Install Python {}.{} or later with venv and pip, and start again.".format(*OLDEST))
    package = "python{}.{}-venv".format(*sys.version_info[:2])
    apt = shutil.which("apt-get")
    if os.geteuid() != 0 or apt is None:
        stop(lacks + ". Type this, then start again:\n  sudo apt-get install -y {}".format(package))
    say(lacks + ": installing " + package)
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    options = ["-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300"]
    _, updated = run([apt, *options, "update"], lock)
    code, output = run([apt, *options, "install", "-y", "--no-install-recommends", package], lock)
    importlib_refresh()
    if code != 0 or missing_modules():
        stop("apt-get could not install {}:\n{}\nInstall it by hand, then start again.".format(package, tail(updated + output)))


def importlib_refresh():
    """Let this process see modules that were installed while it ran."""
    import importlib

    importlib.invalidate_caches()


def tail(output, count=15):
    """The last lines of a child's output."""
    return "\n".join(output.strip().splitlines()[-count:])


def keep_log(output):
    """Write the installation's whole output to logs/setup.log and name the file; a read-only folder is no reason to stop."""
    path = os.path.join(ROOT, "logs", "setup.log")
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(output)
    except OSError as error:
        return "(no log: {})".format(error)
    return path


def is_usable():
    """Can the Python of an existing .venv run pip, and is it new enough?"""
    import subprocess

    question = "import sys, pip; raise SystemExit(sys.version_info[:2] < {!r} or sys.prefix == sys.base_prefix)".format(OLDEST)
    try:
        return subprocess.run([VENV_PYTHON, "-c", question], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def remove_venv():
    """Throw .venv away."""
    import shutil

    if os.path.islink(VENV) or os.path.isfile(VENV):
        os.unlink(VENV)
    elif os.path.isdir(VENV):
        shutil.rmtree(VENV)


def can_stay(stamp):
    """May the existing .venv be completed in place? Not after an interruption, and not when it stands on another interpreter or was moved."""
    if stamp == INSTALLING:
        return False
    if stamp is not None and stamp.splitlines()[1:] != wanted_stamp().splitlines()[1:]:
        return False
    return os.path.isfile(VENV_PYTHON) and is_usable()


def progress(line):
    """Show on a terminal which package pip is at; elsewhere show nothing."""
    if sys.stderr.isatty() and line.startswith(("Collecting ", "Installing collected")):
        words = "installing" if line.startswith("Installing") else "fetching " + line.split()[1]
        sys.stderr.write("\r\033[K  " + words[:70])
        sys.stderr.flush()


def make_venv(lock):
    """Make or complete .venv; returns when it is ready, else ends with exit code 3."""
    import time

    started = time.monotonic()
    stamp = read_stamp()
    if can_stay(stamp):
        say("Bringing .venv up to date with requirements.txt.")
        write_stamp(INSTALLING)
    else:
        ensure_venv_module(lock)
        if os.path.lexists(VENV):
            say("Making .venv anew: " + ("its installation was interrupted." if stamp == INSTALLING else "its Python is gone, was moved or does not work."))
            remove_venv()
        else:
            say("First start: making .venv and installing the packages of requirements.txt. This takes one to four minutes, once.")
        os.makedirs(VENV)
        write_stamp(INSTALLING)
        code, output = run([base_python(), "-m", "venv", VENV], lock)
        if code != 0:
            stop("{} -m venv failed:\n{}\nThe whole output: {}".format(base_python(), tail(output), keep_log(output)))
    pip = [VENV_PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--progress-bar", "off", "-r", REQUIREMENTS]
    code, output = run(pip, lock, progress)
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    log = keep_log(output)
    if code != 0:
        stop(
            "pip could not install requirements.txt:\n{}\nThe whole output: {}\nWithout a direct way to the internet set HTTPS_PROXY or PIP_INDEX_URL. "
            "The next start tries again.".format(tail(output), log)
        )
    write_stamp(wanted_stamp())
    say(".venv is ready ({:.0f} s).".format(time.monotonic() - started))


def ensure_ready():
    """Make .venv when it is missing, broken or out of date; two starts at once do it one after the other, and the second finds it done."""
    if is_ready():
        return
    import signal

    def on_terminate(*_):
        raise SystemExit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, on_terminate)
    try:
        with SetupLock() as lock:
            if not is_ready():
                make_venv(lock)
    except OSError as error:
        stop("Cannot set up {}: {}. See that this folder can be written and the disk has 2 GB free.".format(VENV, error))
    finally:
        signal.signal(signal.SIGTERM, before)


def hand_over(arguments):
    """Go on as .venv's Python: in this process's place where the system can, else in a child whose exit code is ours."""
    command = [VENV_PYTHON, os.path.join(ROOT, "run_bot.py"), *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONHOME"}
    environment[HANDED_OVER] = str(os.getpid())
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name != "nt":
        os.execve(VENV_PYTHON, command, environment)
    import signal
    import subprocess

    environment.setdefault("PYTHONUTF8", "1")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the child too, which ends cleanly and tells us its exit code
    raise SystemExit(subprocess.run(command, env=environment).returncode)


def is_inside():
    """Does .venv's own Python run this?"""
    return os.path.normcase(os.path.abspath(sys.prefix)) == os.path.normcase(VENV)


def main():
    """Make ready, hand over, and as .venv's Python run the command line."""
    problem = version_problem(sys.version_info)
    if problem:
        stop(problem)
    try:
        ensure_ready()
    except KeyboardInterrupt:
        say("\nStopped. The next start makes .venv anew.")
        raise SystemExit(INTERRUPTED) from None
    if not is_inside():
        if os.environ.get(HANDED_OVER) == str(os.getpid()):
            stop("{} does not run as the Python of {}. Delete that folder and start again.".format(VENV_PYTHON, VENV))
        hand_over(sys.argv[1:])
    if ROOT not in sys.path:
        sys.path.insert(0, ROOT)
    from bots.cli import run

    return run()


if __name__ == "__main__":
    sys.exit(main())
