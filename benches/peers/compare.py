"""The product and the Python peer in turns on the same load, and the table of their ratios.

`compare.py ZHIBI FOLDER ROUNDS`: the built program, a folder for what is made, rounds.
"""

import contextlib
import json
import os
import pathlib
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
CLASSES = 40
BUNDLE = 16_384
# Seeds that the peer's network learns from; the load's is 1.
OTHERS = (101, 102, 103, 104)
MOSQUITTO = """listener {port} 127.0.0.1
allow_anonymous true
max_inflight_messages 0
max_queued_messages 0
persistence false
set_tcp_nodelay true
"""
SERVICE = """roles = ["ingest"]
[store]
path = "zhibi.db"
[broker]
host = "127.0.0.1"
port = {port}
[web]
secure_cookies = false
"""


class Bench:
    def __init__(self, zhibi, folder):
        self.zhibi, self.folder = str(pathlib.Path(zhibi).resolve()), folder.resolve()
        data = pathlib.Path(os.environ.get("ZHIBI_DATA", HERE / "../../../shared/data"))
        self.hands = data / "handwriting"
        # One thread a process: processes are how Python uses two cores.
        threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
        self.env = os.environ | threads | {"NUMBA_CACHE_DIR": str(self.folder / "numba")}

    def python(self, program, *args):
        command = [sys.executable, HERE / program, *map(str, args)]
        return subprocess.run(command, env=self.env, check=True, capture_output=True, text=True)

    def product(self, *args):
        command = [self.zhibi, *map(str, args)]
        return subprocess.run(command, env=self.env, check=True, capture_output=True, text=True)

    def capture(self, seed):
        """An evening of 45 pupils, real handwriting where there is some."""
        path = self.folder / f"evening-{seed}"
        if not path.exists():
            real = ["--handwriting", self.hands] if self.hands.is_dir() else []
            self.product("simulate", "--capture", path, "--pens", 45, "--seed", seed, *real)
        return path

    def prepare(self):
        print(self.python("check.py").stdout, end="")
        self.load = self.capture(1)
        if not (self.folder / "idle.onnx").exists():
            print(self.python("train.py", self.folder, *map(self.capture, OTHERS)).stdout, end="")
        # What is compiled is kept.
        self.marked(1, False)

    def ingested(self, consumer, size):
        """Chunks a second from the first payload to the last receipt, through mosquitto."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder, contextlib.ExitStack() as stack:
            folder, port = pathlib.Path(folder), free_port()
            (folder / "mosquitto.conf").write_text(MOSQUITTO.format(port=port))
            database = folder / "zhibi.db"
            broker = ["mosquitto", "-c", folder / "mosquitto.conf"]
            start(stack, broker, folder / "broker.log", self.env)
            until(lambda: answers(port))
            log = folder / "consumer.log"
            if consumer:
                self.product("store", "init", database)
                command = [sys.executable, HERE / "ingest.py", port, database, consumer]
                said = "ready"
            else:
                (folder / "zhibi.toml").write_text(SERVICE.format(port=port))
                command, said = [self.zhibi, "serve", "--config", folder / "zhibi.toml"], "connected"
            process = start(stack, command, log, self.env)
            until(lambda: process.poll() is not None or said in log.read_text())
            # Subscribed a moment later.
            time.sleep(1)
            figures = json.loads(self.python("load.py", port, self.load, CLASSES, size).stdout)
            cpu = cpu_s(process.pid)
            return {"chunks/s": figures["chunks_per_s"], "load": figures["load_cpu_s"],
                    "cpu_us": 1e6 * cpu / figures["chunks"], **figures}

    def marked(self, workers, idle):
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            database = pathlib.Path(folder) / "zhibi.db"
            self.product("store", "init", database)
            idle = self.folder / "idle.onnx" if idle else "-"
            network = self.folder / "mlp.npz"
            return json.loads(
                self.python("mark.py", self.load, database, network, idle, workers).stdout
            )

    def stored(self):
        """Of one run of `zhibi bench store`: chunks, papers with one thread and with all."""
        self.env["TMPDIR"] = str(self.folder)
        real = ["--handwriting", self.hands] if self.hands.is_dir() else []
        run = self.product("bench", "store", "--json", "--seconds", 1, "--seed", 1, *real)
        return [figure["median"] for figure in json.loads(run.stdout)["benches"][0]["figures"]]


def start(stack, command, log, env):
    with log.open("w") as out:
        process = subprocess.Popen(list(map(str, command)), stdout=out, stderr=out, env=env)

    def end():
        process.terminate()
        process.wait()

    stack.callback(end)
    return process


def cpu_s(pid):
    """Processor seconds of a process and its children."""
    pids = [pid, *map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    ticks = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True


def until(true, within_s=30):
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < within_s, "nothing answers"
        time.sleep(0.05)


def main():
    zhibi, folder, rounds = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(zhibi, folder)
    bench.prepare()
    figures = {}

    def note(what, who, value):
        figures.setdefault(what, {}).setdefault(who, []).append(value)

    wrong, loads = (0, 0), []
    for number in range(rounds):
        for size, named in ((0, "bundles as captured"), (BUNDLE, "bundles of 16 KiB")):
            what = f"ingest over mosquitto, {named}: chunks/s"
            for who, consumer in (("zhibi", 0), ("peer, 1", 1), ("peer, 2", 2)):
                run = bench.ingested(consumer, size)
                note(what, who, run["chunks/s"])
                note(f"{named}: processor µs a chunk, start included", who, run["cpu_us"])
                loads.append(run["load"] / run["seconds"])
        chunks, one, all_ = bench.stored()
        what = "chunks stored, 256 a transaction: chunks/s"
        note(what, "zhibi", chunks)
        for idle in (False, True):
            with_ = "an idle CNN of our reader's size" if idle else "a small MLP as reader"
            for workers, own in ((1, one), (2, all_)):
                what_marked = f"papers marked, {workers} at a time, peer with {with_}: papers/s"
                run = bench.marked(workers, idle)
                note(what_marked, "zhibi", own)
                note(what_marked, f"peer, {workers}", run["papers_per_s"])
                note(what, "peer, 1", run["chunks_stored_per_s"])
                wrong = run["wrong"], run["answers"]
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    print(f"\n{platform.processor() or platform.machine()}, {os.cpu_count()} threads, "
          f"Python {platform.python_version()}, {rounds} rounds in turns, median (smallest to largest)\n")
    print("| | zhibi | peer | zhibi : peer |\n|---|---|---|---|")
    for what, of in figures.items():
        own = of.pop("zhibi")
        # The better of its ways.
        better = min if "µs" in what else max
        who, best = better(of.items(), key=lambda item: statistics.median(item[1]))
        ratio = statistics.median(own) / statistics.median(best)
        print(f"| {what} | {spread(own)} | {spread(best)} ({who.split(', ')[1]} process) | {ratio:.2f} |")
    print(f"\nThe load generator took {100 * statistics.median(loads):.0f} % of one core. The peer, which "
          f"asks nobody, gave {wrong[0]} of {wrong[1]} answers another verdict than the one meant.")


def spread(values):
    def short(value):
        return f"{value / 1000:.1f}k" if value >= 10_000 else f"{value:.0f}" if value >= 100 else f"{value:.1f}"

    return f"{short(statistics.median(values))} ({short(min(values))} to {short(max(values))})"


if __name__ == "__main__":
    main()
