"""A small HAR in, a report out, by a Python without mitmproxy and Frida: `CORE/bin/python .ci/core_only.py`.

It ends with an error where one of the two can be imported, where a command fails, and where the planted prompt is not
found. Standard library only; tests/test_wheel.py runs it with the imports blocked, .ci/run in an environment of the
core dependencies.
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

PROMPT = "Which tram goes to the harbour after the orchard closes? quillberry 4417"
ABSENT = ("frida", "frida_tools", "jupyterlab", "mitmproxy", "mitmproxy_rs")


def har() -> dict[str, object]:
    """One exchange of a fictional app, as a browser would export it."""
    body = json.dumps({"messages": [{"role": "user", "content": PROMPT}]})
    request = {
        "method": "POST",
        "url": "https://chat.parley.test/v1/chat",
        "httpVersion": "HTTP/1.1",
        "headers": [{"name": "Host", "value": "chat.parley.test"}],
        "queryString": [],
        "cookies": [],
        "headersSize": -1,
        "bodySize": len(body),
        "postData": {"mimeType": "application/json", "text": body},
    }
    response = {
        "status": 204,
        "statusText": "No Content",
        "httpVersion": "HTTP/1.1",
        "headers": [],
        "cookies": [],
        "content": {"size": 0, "mimeType": "", "text": ""},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": 0,
    }
    entry = {
        "startedDateTime": "2026-11-21T12:00:00.000Z",
        "time": 12,
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 1, "wait": 10, "receive": 1},
    }
    creator = {"name": "core_only.py", "version": "1"}
    return {"log": {"version": "1.2", "creator": creator, "entries": [entry]}}


def promptrail(*arguments: object) -> str:
    command = [sys.executable, "-m", "promptrail", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8")
    if done.returncode:
        sys.exit(f"promptrail {' '.join(map(str, arguments))} ended with {done.returncode}")
    return done.stdout


def importable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:  # the test blocks the import where the package is there
        return False


def main() -> None:
    if there := [name for name in ABSENT if importable(name)]:
        sys.exit(f"this shows nothing: {', '.join(there)} can be imported here")
    with tempfile.TemporaryDirectory() as folder:
        case, capture = Path(folder, "case"), Path(folder, "small.har")
        capture.write_text(json.dumps(har()), encoding="utf-8")
        promptrail("case", "new", case)
        promptrail("import", case, capture)
        promptrail("probe", "add", case, "--kind", "prompt", "--text", PROMPT)
        sightings = [json.loads(line) for line in promptrail("trace", case, "--json").splitlines()]
        if [(s["host"], s["decoy"]) for s in sightings] != [("chat.parley.test", False)]:
            sys.exit(f"the prompt was planted once, at chat.parley.test; trace found {sightings}")
        promptrail("run", case, "01-prompt-to-host", "--no-pdf")
        findings = json.loads(Path(case, "reports", "findings.json").read_text(encoding="utf-8"))
        if not findings:
            sys.exit("run wrote no finding")
    sys.stdout.write("without mitmproxy and Frida: import, trace and run work\n")


if __name__ == "__main__":
    main()
