#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tcollector and `tickertape agent` run side by side on one directory of collectors, tests/fixtures/beside-tcollector. Each has a
TSD of its own. The points that arrive there are compared with tests/golden/agent-beside-tcollector.txt.

usage: agent-beside-tcollector.py ROOT BIN
  ROOT is the source tree. BIN is the folder with tickertape, fake-tsd and our collectors.
  TICKERTAPE_TCOLLECTOR   a checkout of tcollector; without it only the agent runs
  TICKERTAPE_APPROVE=1    writes the golden file; both must run for that

The third line of each collector is `same: TEXT` or `differs: ROW`. ROW is the beginning of a row in the table of differences in
sdk/docs/agent.md. The last point of a collector is NAME.done, so that the test knows when all points have arrived. A collector that
writes without end is not among them: tcollector would read no other one.
"""
import collections
import difflib
import hashlib
import os
import pathlib
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time

DEADLINE = 600  # s; only a test that fails takes this long
APPROVAL = 90  # s; a new outcome has no list of the points that must arrive
LONG = 200  # lines; of a longer output the golden file has a digest
METRICS = {"proc.num_processes": "numprocesses", "proc.uptime": "ours_uptime"}  # the others begin with the name of the collector
LIVE = {"numprocesses"}  # timestamps and values depend on the machine
AWAITED = re.compile(r"\.(ready|done) |^proc\.num_processes ")


class RecordingTsd:
    """A fake-tsd behind a relay. The relay also records the lines that the fake-tsd refuses."""

    def __init__(self, fake_tsd, folder):
        self.stored_path = folder / "stored"
        with open(self.stored_path, "w", encoding="utf-8") as stored:
            self.process = subprocess.Popen([fake_tsd, "--print"], stdin=subprocess.DEVNULL, stdout=stored, stderr=stored)
        upstream = eventually(lambda: re.search(r"127\.0\.0\.1:(\d+)", self.stored_path.read_text("utf-8")), "the TSD does not start")
        self.data = {}  # connection -> bytes
        tsd = self

        class Relay(socketserver.BaseRequestHandler):
            def handle(self):
                with socket.create_connection(("127.0.0.1", int(upstream[1]))) as server:
                    threading.Thread(target=copy, args=(server, self.request), daemon=True).start()
                    received = tsd.data.setdefault(self.client_address, bytearray())
                    copy(self.request, server, received)

        self.relay = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay)
        self.relay.daemon_threads = True
        self.port = self.relay.server_address[1]
        threading.Thread(target=self.relay.serve_forever, daemon=True).start()

    def points(self):
        """Returns the complete put lines, without `put `."""
        lines = [line for data in list(self.data.values()) for line in bytes(data).split(b"\n")[:-1]]
        return [line.decode("utf-8")[4:] for line in lines if line.startswith(b"put ")]

    def stored(self):
        return {line[4:] for line in self.stored_path.read_text("utf-8").splitlines() if line.startswith("put ")}

    def end(self):
        self.relay.shutdown()
        end(self.process)


def copy(source, sink, record=None):
    """Copies bytes until `source` ends, and then ends `sink`."""
    try:
        while data := source.recv(65536):
            if record is not None:
                record.extend(data)
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one side is gone


def eventually(probe, complaint):
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        if found := probe():
            return found
        time.sleep(0.5)
    raise SystemExit(f"agent-beside-tcollector: {complaint() if callable(complaint) else complaint}")


def end(process):
    process.terminate()
    try:
        process.wait(DEADLINE)
    finally:
        process.kill()


class Side:
    """One of the two: a copy of the directory, its TSD, and its process."""

    def __init__(self, name, work, fixtures, programs):
        self.name = name
        self.folder = work / name
        self.root = self.folder / "root"
        shutil.copytree(fixtures / "beside-tcollector", self.root)
        self.enabled = self.root / "collectors" / "enabled"
        (self.enabled / "0" / "numprocesses").symlink_to(programs / "numprocesses")
        (self.folder / "state").mkdir()
        self.log = self.folder / "log"
        self.tsd = RecordingTsd(programs / "fake-tsd", self.folder)
        self.environment = dict(os.environ, PATH="/usr/bin:/bin:" + os.environ.get("PATH", ""), BESIDE_ROOT=str(self.root),
                                BESIDE_STATE=str(self.folder / "state"), BESIDE_BIN=str(programs), BESIDE_PROC=str(fixtures / "hosts/vm/proc"))
        self.environment.pop("PYTHONPATH", None)
        self.process = None

    def start(self, command, folder):
        """Starts it with the same flags of tcollector for both."""
        flags = ["-c", str(self.enabled), "-H", "127.0.0.1", "-p", str(self.tsd.port), "-t", "pool=test", "-P", str(self.folder / "pid"),
                 "--logfile", str(self.log), "--no-tcollector-stats"]
        with open(self.folder / "said", "w", encoding="utf-8") as said:
            self.process = subprocess.Popen(command + flags, cwd=folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=said,
                                            stderr=said)

    def points(self, only=re.compile("")):
        """Returns the points of each collector without the tags that tcollector and the agent add, and the lines as they came."""
        host = re.sub("[^-_./a-zA-Z0-9]", "_", socket.gethostname())
        added = {"pool=test", f"host={socket.gethostname()}", f"host={host}"}
        found = collections.defaultdict(list)
        for line in filter(only.search, self.tsd.points()):
            words = line.split(" ")
            own = [re.sub("x{99,}", lambda run: f"x*{len(run[0])}", word) for word in words if word not in added]
            metric = words[0]
            name = next((METRICS[first] for first in METRICS if metric.startswith(first)), metric.partition(".")[0])
            if name in LIVE:
                own[1:3] = ["TIMESTAMP", "VALUE"]
            has_host = any(word.startswith("host=") for word in words)
            found[name].append((" ".join(own) + ("" if "pool=test" in words and has_host else " (a tag is missing)"), line))
        return found

    def arrived(self):
        return {own for lines in self.points(AWAITED).values() for own, _ in lines}

    def change_files(self):
        """Adds a collector, and makes the file of one that runs newer, once the first lines have arrived."""
        (self.folder / "state" / "others-arrived").touch()
        (self.enabled / "0" / "sh_appears").chmod(0o755)
        later = time.time() + 10
        os.utime(self.enabled / "0" / "sh_changed", (later, later))

    def outcome(self):
        """Returns the lines of the golden file for each collector, without the marks."""
        stored = self.tsd.stored()
        result = {}
        for name, lines in self.points().items():
            counts = collections.Counter(own + ("" if line in stored else " !") for own, line in lines)
            if name in LIVE:
                counts = dict.fromkeys(counts, 1)
            texts = [text + (f" ({count} times)" if count > 1 else "") for text, count in sorted(counts.items())]
            bulk = [text for text in texts if not AWAITED.search(text)]
            if len(bulk) > LONG:
                digest = hashlib.sha256("\n".join(bulk).encode("utf-8")).hexdigest()
                texts = [*filter(AWAITED.search, texts), f"{len(bulk)} lines like '{bulk[0]}', SHA-256 {digest[:16]}"]
            result[name] = texts
        return result


def collectors(fixtures):
    """Returns the third line of each collector."""
    files = (fixtures / "beside-tcollector/collectors/enabled").glob("[0-9]*/*")
    found = {path.name.partition(".py")[0].lstrip("."): path.read_text("utf-8").splitlines()[2].lstrip("# ") for path in files}
    found["numprocesses"] = "same: our collector on this machine, without a wrapper"
    return dict(sorted(found.items()))


def compare(kinds, theirs, ours):
    """Returns the text of the golden file."""
    text = ["# The outcome of tests/scripts/agent-beside-tcollector.py: the points of each collector that arrive.",
            "# = from both, < only from tcollector, > only from the agent. A TSD refuses those with ! at the end.", ""]
    for name, kind in kinds.items():
        text.append(f"{name}: {kind}")
        both = {*theirs.get(name, []), *ours.get(name, [])}
        for line in sorted(both):
            mark = "=" if line in theirs.get(name, []) and line in ours.get(name, []) else "<" if line in theirs.get(name, []) else ">"
            text.append(f"  {mark} {line}")
    for name in sorted({*theirs, *ours} - kinds.keys()):
        text.append(f"{name}: there is no collector of this name")
    return text


def objections(golden, rows):
    """Returns the differences of the golden file that have no row in the table, and the reverse."""
    wrong = []
    for block in re.split(r"\n(?=\S)", "\n".join(golden)):
        name, _, kind = block.partition("\n")[0].partition(": ")
        row = kind.removeprefix("differs: ")
        if row != kind and not any(cell.startswith(row) for cell in rows):
            wrong.append(f"{name}: the table of differences has no row that begins with '{row}'")
        if (row != kind) != bool(re.search(r"\n  [<>] ", block)):
            wrong.append(f"{name}: {'there is no difference' if row != kind else 'there is a difference'}")
    return wrong


def run(root, programs, checkout, approves, work):
    fixtures = root / "tests" / "fixtures"
    golden_path = root / "tests" / "golden" / "agent-beside-tcollector.txt"
    golden = golden_path.read_text("utf-8").splitlines() if golden_path.exists() else []
    kinds = collectors(fixtures)
    sides = [Side("agent", work, fixtures, programs)]
    try:
        (work / "agent.conf").touch()
        sides[0].start([str(programs / "tickertape"), "agent", "--config", str(work / "agent.conf"), "--status-socket",
                        str(work / "status.sock")], "/")
        if checkout:
            sides.append(Side("tcollector", work, fixtures, programs))
            sides[1].start([sys.executable, str(checkout / "tcollector.py")], sides[1].root)
        for side in sides:
            eventually(lambda: "sh_changed.ready 1700000000 1" in side.arrived(), f"{side.name}: no line arrives")
            side.change_files()
        if approves:
            time.sleep(APPROVAL)
        for side in [] if approves else sides:
            marks = ("  = ", "  > ") if side.name == "agent" else ("  = ", "  < ")
            awaited = {line[4:] for line in golden if line.startswith(marks) and AWAITED.search(line[4:])}
            eventually(lambda: awaited <= side.arrived(), lambda: f"{side.name}: {awaited - side.arrived()} do not arrive")
        for side in sides:
            end(side.process)
    finally:
        for side in sides:
            if side.process:
                end(side.process)
            side.tsd.end()
    outcome = {side.name: side.outcome() for side in sides}
    if checkout:
        text = compare(kinds, outcome["tcollector"], outcome["agent"])
        if approves:
            golden_path.write_text("\n".join(text) + "\n", "utf-8")
            golden = text
        expected = golden
    else:  # as if tcollector had sent the points that are recorded for both
        expected = [line for line in golden if not line.startswith("  < ")]
        recorded = collections.defaultdict(list)
        name = ""
        for line in expected:
            if not line.startswith("  "):
                name = line.partition(": ")[0]
            elif line.startswith("  = "):
                recorded[name].append(line[4:])
        text = compare(kinds, recorded, outcome["agent"])
    table = (root / "sdk/docs/agent.md").read_text("utf-8").partition("## What is different")[2].partition("\n## ")[0]
    wrong = objections(golden, [line[2:].partition(" | ")[0] for line in table.splitlines() if line.startswith("| ")])
    wrong += difflib.unified_diff(expected, text, "expected", "arrived", lineterm="")
    if wrong:
        for side in sides:
            print(f"--- the end of the log of {side.name}:", *side.log.read_text("utf-8", "replace").splitlines()[-40:], sep="\n")
        print(*wrong, sep="\n")
        raise SystemExit(1)
    print(f"{len(kinds)} collectors: {' and '.join(outcome)} as recorded")


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    checkout = os.environ.get("TICKERTAPE_TCOLLECTOR")
    approves = os.environ.get("TICKERTAPE_APPROVE") == "1"
    if approves and not checkout:
        raise SystemExit("agent-beside-tcollector: TICKERTAPE_APPROVE needs TICKERTAPE_TCOLLECTOR")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory() as work:
        run(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve(), checkout and pathlib.Path(checkout).resolve(),
            approves, pathlib.Path(work).resolve())


main()
