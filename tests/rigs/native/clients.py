"""Native programs that trust one certificate file and ask through a proxy: Python, curl, node, BoringSSL, curl_cffi.

Each says READY, then asks once for each line `PORT PATH`, on a new connection through the proxy on that port of the
loopback address, and says `OK STATUS`, or `FAIL` and why. What is missing on this machine is a reason to skip.
"""

import contextlib
import hashlib
import os
import selectors
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from rigs.java.compiled import made
from rigs.mitmdump import PATIENCE, Mitmdump
from rigs.needs import missing_rig
from rigs.tls_clients import HOST

SOURCE = Path(__file__).with_name("pinned.c")
BORINGSSL = Path("/usr/lib/x86_64-linux-gnu/android")
"""Debian's android-libboringssl: Android 13's BoringSSL, built for this system."""
PROMPT = "tell me about the pinned rabbit"

PYTHON = """
import http.client, ssl, sys
trusted, host, prompt, version = sys.argv[1:5]
def ask(port, path):
    context = ssl.create_default_context(cafile=trusted)
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=30)
    connection.set_tunnel(host, 443)
    connection.request("POST", path, prompt)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status
"""
CURL_CFFI = """
import sys
from curl_cffi import requests
trusted, host, prompt = sys.argv[1:4]
def ask(port, path):
    proxies = {"https": f"http://127.0.0.1:{port}"}
    with requests.Session() as session:
        return session.post(f"https://{host}{path}", data=prompt, proxies=proxies, verify=trusted).status_code
"""
LOOP = """
print("READY", flush=True)
for line in sys.stdin:
    port, path = line.split()
    try:
        print("OK", ask(int(port), path), flush=True)
    except Exception as fault:
        print("FAIL", " ".join(str(fault).split()), flush=True)
"""
NODE = """
const http = require("http"), tls = require("tls"), fs = require("fs"), readline = require("readline");
const [trusted, host, prompt] = process.argv.slice(1), ca = fs.readFileSync(trusted);
const say = (line) => process.stdout.write(line + "\\n"), sessions = {};
function ask(port, path) {
  const through = http.request({ host: "127.0.0.1", port, method: "CONNECT", path: host + ":443" });
  through.on("error", (fault) => say("FAIL " + fault.message));
  through.on("connect", (answer, socket) => {
    const secure = tls.connect({ socket, servername: host, ca, session: sessions[port] }, () => {
      const method = "POST", headers = { Host: host, "Content-Length": Buffer.byteLength(prompt) };
      const request = http.request({ createConnection: () => secure, path, method, headers }, (answer) => {
        answer.resume();
        answer.on("end", () => { say("OK " + answer.statusCode); secure.destroy(); });
      });
      request.end(prompt);
    });
    secure.on("session", (session) => { sessions[port] = session; });
    secure.on("error", (fault) => say("FAIL " + fault.message));
  });
  through.end();
}
readline.createInterface({ input: process.stdin }).on("line", (line) => ask(...line.split(" ")));
say("READY");
"""


class Client:
    """`with Client(command) as client`: it is ready; `client.ask(proxy, path)` is its answer."""

    def __init__(self, command: Sequence[str | Path], env: dict[str, str] | None = None) -> None:
        self.command, self.env = [str(word) for word in command], {**os.environ, **(env or {})}

    def __enter__(self) -> Self:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(self.command, stdin=pipe, stdout=pipe, text=True, env=self.env)
        assert self.line() == "READY"
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    @property
    def pid(self) -> int:
        return self.process.pid

    def line(self) -> str:
        spoken = self.process.stdout or self.process.stderr
        assert spoken is not None
        with selectors.DefaultSelector() as waiting:  # select() refuses descriptors from 1024 on
            waiting.register(spoken, selectors.EVENT_READ)
            assert waiting.select(PATIENCE), "it says nothing"
        return spoken.readline().strip()

    def ask(self, proxy: Mitmdump, path: str) -> str:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(f"{proxy.port} {path}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise AssertionError(f"it ended with {self.process.wait(PATIENCE)} before {path}") from None
        return self.line()


class Curl(Client):
    """curl's command line, its requests known from the start; each waits until the pipe with its body is opened."""

    def __init__(self, trusted: Path, plan: Sequence[tuple[Mitmdump, str]], *options: str) -> None:
        needs("curl")
        self.folder = Path(tempfile.mkdtemp())
        self.pipes: dict[str, Path] = {}
        command = ["curl", "-s"]
        for number, (proxy, path) in enumerate(plan):
            self.pipes[path] = self.folder / str(number)
            os.mkfifo(self.pipes[path])
            command += ["--next"] if number else []
            command += [
                "--proxy",
                f"http://127.0.0.1:{proxy.port}",
                "--cacert",
                str(trusted),
                "-o",
                "/dev/null",
            ]
            command += [*options, "-H", "Connection: close", "-X", "POST", "-T", str(self.pipes[path])]
            command += ["-w", "%{stderr}%{http_code} %{errormsg}\n", f"https://{HOST}{path}"]
        super().__init__(command)

    def __enter__(self) -> Self:
        # Only standard error is written to at once.
        self.process = subprocess.Popen(self.command, stderr=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        shutil.rmtree(self.folder)

    def ask(self, proxy: Mitmdump, path: str) -> str:
        with contextlib.suppress(BrokenPipeError), self.pipes[path].open("w") as body:
            body.write(PROMPT)
        said = self.line()
        return f"FAIL {said}" if said.startswith("000") else f"OK {said}"


def python(trusted: Path, version: str) -> Client:
    """The system's OpenSSL through Python's ssl module."""
    return Client([sys.executable, "-c", PYTHON + LOOP, trusted, HOST, PROMPT, version])


def node(trusted: Path) -> Client:
    """OpenSSL linked into the executable. It takes up its earlier TLS sessions, as browsers do."""
    needs("node")
    return Client(["node", "-e", NODE, trusted, HOST, PROMPT])


def boringssl(trusted: Path, genuine: Path, how: str) -> Client:
    """A C program that trusts only this one certificate; `how` it checks is one of the modes in pinned.c."""
    leaf = x509.load_pem_x509_certificate(genuine.read_bytes()).public_bytes(Encoding.DER)
    return Client([pinned(), how, hashlib.sha256(leaf).hexdigest(), trusted, HOST, PROMPT])


def curl_cffi(trusted: Path, package: Path | None) -> Client:
    """curl with Chrome's BoringSSL linked into one library; `package` holds another copy, as `stripped` makes it."""
    whole()
    env = {"PYTHONPATH": str(package)} if package else {}
    return Client([sys.executable, "-c", CURL_CFFI + LOOP, trusted, HOST, PROMPT], env)


def whole() -> Path:
    """The library of curl_cffi as it is installed: with the names of its functions."""
    found = find_spec("curl_cffi")
    if found is None or found.origin is None:
        missing_rig("needs curl_cffi (the dev extra)")
    (library,) = Path(found.origin).parent.glob("_wrapper*.so")
    return library


def stripped(folder: Path) -> Path:
    """A copy of curl_cffi in which no function has a name, to be put on PYTHONPATH."""
    needs("strip")
    library = whole()
    shutil.copytree(library.parent, folder / "curl_cffi", ignore=shutil.ignore_patterns("*.so"))
    run(["strip", "-s", library, "-o", folder / "curl_cffi" / library.name])
    return folder


def pinned() -> Path:
    """The C program, compiled once for each state of its source."""
    if not (BORINGSSL / "libssl.so.0").exists():
        missing_rig(f"needs {BORINGSSL}/libssl.so.0 (android-libboringssl)")
    needs("gcc")
    libraries = [BORINGSSL / "libssl.so.0", BORINGSSL / "libcrypto.so.0"]

    def build(target: Path) -> None:
        run(["gcc", "-O1", "-Wall", "-Werror", "-o", target, SOURCE, *libraries, f"-Wl,-rpath,{BORINGSSL}"])

    return made("pinned", build, [SOURCE])


def needs(program: str) -> None:
    if shutil.which(program) is None:
        missing_rig(f"needs {program}")


def run(command: Sequence[str | Path]) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
