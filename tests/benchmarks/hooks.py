"""What do hooks cost an app, and is anything lost on the way?

python tests/benchmarks/hooks.py [--requests 3000] [--rounds 5] [--size 200]: requests a second of Python's http.client
over one TLS connection to a server on loopback, and the processor time of each in the client's process, as ratios to
the same without hooks. Every way has its turn in each round; the best is printed, as others may work on the machine.
Then records at several rates, counted on disk by their numbers. Client, server and the hook command are processes of
their own; on two cores they take the time from each other.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from promptrail.lab import authority
from rigs.native.hooking import Hook
from rigs.native.probe import built
from rigs.tls_clients import HOST

WAYS: dict[str, tuple[str, dict[str, object]] | None] = {
    "no hooks": None,
    "tls-keylog": ("tls-keylog", {}),
    "tls-plaintext, counting only": ("tls-plaintext", {"content": False}),
    "tls-plaintext": ("tls-plaintext", {}),
}
RATES = (10_000, 20_000)
SECONDS = 5

SERVER = """
import http.server, socket, ssl, sys
class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    def log_message(self, *_):
        pass
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
"""
CLIENT = """
import http.client, socket, ssl, sys, time
port, ca, host, size = sys.argv[1:5]
context, body = ssl.create_default_context(cafile=ca), b"y" * int(size)
def connect(address, *_, **__):
    plain = socket.create_connection(("127.0.0.1", int(port)))
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return plain
print("ready", flush=True)
for line in sys.stdin:
    connection = http.client.HTTPSConnection(host, context=context)
    connection._create_connection = connect
    connection.connect()
    begin, used = time.perf_counter(), time.process_time()
    for n in range(int(line)):
        connection.request("POST", "/", body)
        assert connection.getresponse().read() == body
    took, used = time.perf_counter() - begin, time.process_time() - used
    connection.close()
    print(int(line) / took, used / int(line), flush=True)
"""


@contextmanager
def python(script: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", script, *words], stdin=pipe, stdout=pipe, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def requests(client: subprocess.Popen[str], number: int) -> tuple[float, float]:
    """Requests a second, and the processor time of one in the client, with all that is hooked in it, in seconds."""
    assert client.stdin is not None
    client.stdin.write(f"{number}\n")
    client.stdin.flush()
    rate, used = line_of(client).split()
    return float(rate), float(used)


def overhead(folder: Path, number: int, rounds: int, size: int) -> None:
    certificates = authority.make(folder).parent
    measured: dict[str, list[tuple[float, float]]] = {name: [] for name in WAYS}
    written = 0
    with (
        python(SERVER, str(certificates / f"{HOST}.pem")) as server,
        python(CLIENT, line_of(server), str(certificates / "ca.pem"), HOST, str(size)) as client,
    ):
        line_of(client)
        requests(client, number)
        for n in range(rounds):
            for name, way in WAYS.items():
                if way is None:
                    measured[name].append(requests(client, number))
                    continue
                agent, parameters = way
                with Hook(folder / f"{n} {name}", client.pid, agent, **parameters) as hook:
                    measured[name].append(requests(client, number))
                written += len(hook.records("plaintext"))
                whole(hook)
    print(f"{number} requests of {size} bytes each way, best of {rounds} rounds, {os.cpu_count()} cores")
    best = {name: (max(r for r, _ in all_), min(c for _, c in all_)) for name, all_ in measured.items()}
    bare, bare_cpu = best["no hooks"]
    for name, (rate, cpu) in best.items():
        cost = f"{cpu * 1e6:5.0f} µs of the app's CPU each  {cpu / bare_cpu:4.2f}"
        print(f"  {name:30} {rate:6.0f} requests/s  {rate / bare:4.2f}  {cost}")
    print(f"  records of plaintext on disk: {written}, none missing")


def whole(hook: Hook) -> int:
    """The number of an agent's records; AssertionError if one is missing on disk."""
    (end,) = hook.records("end")
    numbers = sorted(record["seq"] for record in hook.records() if "seq" in record)
    missing = set(range(end["seq"] + 1)) - set(numbers)
    assert not missing and len(numbers) == end["seq"] + 1, (
        f"{len(missing)} missing, such as {sorted(missing)[:5]}"
    )
    return len(numbers)


def losses(folder: Path) -> None:
    agent = folder / "burst.js"
    agent.write_text(built("burst"))
    for rate in RATES:
        waiting = "print('ready', flush=True); input()"
        with python(waiting) as process:
            line_of(process)
            with Hook(folder / f"burst {rate}", process.pid, str(agent), rate=rate, seconds=SECONDS) as hook:
                hook.wait_for("event")
            told = hook.records("plaintext")
            took = told[-1]["mono"] - told[0]["mono"]
            lost = rate * SECONDS - len(told)
            print(f"  {rate} records/s asked, {len(told) / took:.0f} told over {took:.1f} s: {lost} lost")
            whole(hook)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        overhead(Path(name), options.requests, options.rounds, options.size)
        losses(Path(name))
