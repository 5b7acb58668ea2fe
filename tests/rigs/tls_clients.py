"""Real TLS clients that wait until they are hooked, then talk to a server on loopback: Python, asyncio, curl, node."""

import subprocess
import sys
from pathlib import Path

HOST = "chat.parley.test"
PROMPT = "tell me about the hooked rabbit"

PYTHON = """
import http.client, socket, ssl, sys
port, ca, host, prompt, version, rounds, repeat = sys.argv[1:8]
context = ssl.create_default_context(cafile=ca)
context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
print("ready", flush=True)
for turn in sys.stdin:
    plain = socket.create_connection(("127.0.0.1", int(port)))
    with context.wrap_socket(plain, server_hostname=host) as secure:
        for n in range(int(rounds)):
            body = f"{prompt} {n}".encode() * int(repeat)
            head = f"POST /echo?n={n} HTTP/1.1\\r\\nHost: {host}\\r\\nContent-Length: {len(body)}\\r\\n\\r\\n"
            secure.sendall(head.encode() + body)
            response = http.client.HTTPResponse(secure)
            response.begin()
            response.read()
    print("done", flush=True)
"""
ASYNCIO = """
import asyncio, socket, ssl, sys, aiohttp
from aiohttp.abc import AbstractResolver
port, ca, host, prompt, proxy = sys.argv[1:6]
proxy, place = (proxy, host) if proxy else (None, f"{host}:{port}")
class Here(AbstractResolver):
    async def resolve(self, name, port=0, family=socket.AF_INET):
        return [{"hostname": name, "host": "127.0.0.1", "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}]
    async def close(self):
        pass
async def main():
    context = ssl.create_default_context(cafile=ca)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=Here(), ssl=context)) as session:
        async with session.post(f"https://{place}/echo", data=prompt, proxy=proxy) as answer:
            await answer.read()
        async with session.ws_connect(f"https://{place}/ws", proxy=proxy) as socket:
            await socket.send_str(prompt)
            await socket.receive()
print("ready", flush=True)
for turn in sys.stdin:
    asyncio.run(main())
    print("done", flush=True)
"""
NODE = """
const https = require("https"), fs = require("fs"), [port, ca, host, prompt] = process.argv.slice(1);
const options = { host: "127.0.0.1", port, servername: host, ca: fs.readFileSync(ca), method: "POST", path: "/echo",
                  headers: { Host: host, "Content-Length": Buffer.byteLength(prompt) } };
process.stdin.on("data", () => {
  const request = https.request(options, (answer) => { answer.resume(); answer.on("end", () => console.log("done")); });
  request.end(prompt);
});
console.log("ready");
"""


class Client:
    """A process that says `ready`, makes its requests at each `go()`, and says `done` when they are answered."""

    def __init__(self, command: list[str]) -> None:
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> "Client":
        self.expect("ready")
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    @property
    def pid(self) -> int:
        return self.process.pid

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        self.expect("done")

    def expect(self, word: str) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == word + "\n"


def python(port: int, ca: Path, version: str = "TLSv1_3", rounds: int = 1, repeat: int = 1) -> Client:
    """Blocking sockets: OpenSSL has the file descriptor. `repeat` makes the body long."""
    words = [str(port), str(ca), HOST, PROMPT, version, str(rounds), str(repeat)]
    return Client([sys.executable, "-c", PYTHON, *words])


def asyncio(port: int, ca: Path, proxy: str = "") -> Client:
    """aiohttp, as the lab's app uses it: OpenSSL works on memory, not on a socket."""
    return Client([sys.executable, "-c", ASYNCIO, str(port), str(ca), HOST, PROMPT, proxy])


def node(port: int, ca: Path) -> Client:
    """OpenSSL linked into the executable."""
    return Client(["node", "-e", NODE, str(port), str(ca), HOST, PROMPT])


class Curl(Client):
    """curl reads what to do from its standard input, so it waits there with its libraries loaded."""

    def __init__(self, port: int, ca: Path, *options: str) -> None:
        super().__init__(["curl", "-s", "-K", "-"])
        lines = [
            f'url = "https://{HOST}:{port}/echo"',
            f'resolve = "{HOST}:{port}:127.0.0.1"',
            f'cacert = "{ca}"',
            f'data = "{PROMPT}"',
            'output = "/dev/null"',
            *options,
        ]
        self.told = "\n".join(lines) + "\n"

    def __enter__(self) -> "Curl":
        return self

    def go(self) -> None:
        """Talk, and end: curl lives for one command."""
        self.process.communicate(self.told, timeout=60)
