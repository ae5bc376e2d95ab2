# Managed by poc2prod; extend in a module of your own beside it.
"""Runs `ingest` in processes that are killed where one asks; `Ingests` talks to this very script.

The script imports what takes time once and forks for each run, before any thread is started.
"""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

EVENTS = ("open", "os.rename", "os.remove", "os.mkdir", "os.chmod", "fcntl.flock")


class Ingests:
    """A process that forks runs of `ingest`."""

    def __enter__(self):
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "POLARS_MAX_THREADS": "1"},
        )
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.stdout.close()
        assert self._process.wait() == 0

    def __call__(self, *directories, **how):
        """Run it in each directory, all at the same time.

        Args:
            directories: of projects.
            how: `event`, `line` or `write`: the number of the file operation, line or write before
                or in which it is killed; `limit`: of bytes that a file may have; `log`: a file for
                what it says.

        Returns:
            One list for each directory: its exit status, negative for a signal; and how many
            operations, lines and writes there were, for a run that ended.
        """
        job = {"directories": list(map(str, directories)), **how}
        self._process.stdin.write(f"{json.dumps(job)}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class Count:
    """Counts what a run does, and kills it when the number is reached."""

    def __init__(self, how):
        self.how = how
        self.seen = {"event": 0, "line": 0, "write": 0}

    def hit(self, kind):
        self.seen[kind] += 1
        return self.seen[kind] == self.how.get(kind)

    def event(self, name, arguments):
        ours = name == "fcntl.flock" or "/data/" in f"/{arguments and arguments[0]}"
        if name in EVENTS and ours and self.hit("event"):
            die()

    def trace(self, frame, event, _):
        if "/ops/data/" not in frame.f_code.co_filename and not frame.f_code.co_filename.endswith(
            "/ops/files.py"
        ):
            return None
        if event == "line" and self.hit("line"):
            die()
        return self.trace

    def halving(self, write):
        def half(self_, path, *rest):
            if not self.hit("write"):
                return write(self_, path, *rest)
            target = path if isinstance(path, Path) else self_
            write(self_, path, *rest)
            content = target.read_bytes()
            target.write_bytes(content[: len(content) // 2])
            die()

        return half


def child(directory, how, answer):
    """Ingest, and write what was counted."""
    os.chdir(directory)
    if how.get("log"):
        log = os.open(how["log"], os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        os.dup2(log, 2)
    if how.get("limit"):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (how["limit"], how["limit"]))
    import polars as pl

    count = Count(how)
    if {"event", "line", "write"} & set(how):
        pl.DataFrame.write_parquet = count.halving(pl.DataFrame.write_parquet)
        snapshot_text = Path.write_bytes

        def bytes_too(self, content):
            if ".tmp-" in self.name and count.hit("write"):
                snapshot_text(self, content[: len(content) // 2])
                die()
            return snapshot_text(self, content)

        Path.write_bytes = bytes_too
        sys.addaudithook(count.event)
        sys.settrace(count.trace)
    status = 0
    try:
        from package import load

        load("ops.cli").main(["ingest"])
    except SystemExit as end:
        status = int(end.code or 0)
    sys.settrace(None)
    os.write(answer, json.dumps(count.seen).encode())
    os._exit(status)


def serve():
    """Fork for each job, and answer with what came of it."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from package import load

    for module in ("ops.data.ingestion", "ops.contract", "ops.settings", "ops.cli", "ops.console"):
        load(module)
    for line in sys.stdin:
        job = json.loads(line)
        running = []
        for directory in job.pop("directories"):
            reading, writing = os.pipe()
            process = os.fork()
            if not process:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                child(directory, job, writing)
            os.close(writing)
            running.append((process, reading))
        answers = []
        for process, reading in running:
            counted = os.read(reading, 1000)
            os.close(reading)
            status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            answers.append([status, json.loads(counted) if counted else None])
        print(json.dumps(answers), flush=True)


if __name__ == "__main__":
    serve()
