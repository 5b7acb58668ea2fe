"""A plan as scenario files that `promptrail record` takes: one file for each run of the plan, texts and comments in it.

In: a plan and the app. Out: TOML. How the app's field and buttons are found is left for a person to put in: the plan
does not depend on it, and its digest does not change by it.
"""

import json
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from promptrail.errors import ParameterError

if TYPE_CHECKING:  # the command line starts without pandas
    from promptrail.infer.plan import Plan

HEAD = """\
# Follows the plan {short} ({kind}){part}. Written by `promptrail plan`: texts, numbers and order stay as they are.
# To put in: `field`, `send` and `new` of the step "follow", as `adb shell uiautomator dump` shows them.

schema = 1
name = {name}
package = {package}
app = {app}
route = "settings"                  # how its traffic gets to the proxy: settings, wireguard, transparent or tun

# proxy = false                     # no proxy and no CA: packets alone, and nothing that the app could notice

# [[step]]
# do = "clear"                      # for a run in a fresh installation; the person then logs in in a step "manual"

[[step]]
do = "launch"

[[step]]
do = "wait"
seconds = 30                        # what the app sends as it starts is over before the first slot

[[step]]
do = "follow"
plan = {digest}
field = {{ id = "composer" }}         # where the text goes
send = {{ text = "^Send$" }}          # the button that sends it
# new = {{ id = "new_chat" }}         # begins a new conversation: in an old one the app may send its history again
# failed = {{ text = "try again" }}   # what the app shows where it refuses a prompt: such slots are then told apart
dwell = {dwell:g}
seconds = {seconds:g}
drain = {drain:g}
slots = [
{slots}
]

[[step]]
do = "stop"
"""


def scenarios(plan: "Plan", digest: str, package: str, app: str) -> dict[str, str]:
    """Name of a file without its ending -> its content, in the order in which they are to be recorded."""
    ends = [*plan.begins, len(plan.slots)]
    parts = list(pairwise(ends))
    found = {}
    for n, (low, high) in enumerate(parts, 1):
        number = f"-{n:0{len(str(len(parts)))}d}" if len(parts) > 1 else ""
        found[f"{digest[:12]}{number}"] = HEAD.format(
            short=digest[:12],
            kind=plan.kind,
            part=f", run {n} of {len(parts)}" if number else "",
            name=json.dumps(f"{plan.kind}-{digest[:6]}{number}"),
            package=json.dumps(package),
            app=json.dumps(app, ensure_ascii=False),
            digest=json.dumps(digest),
            dwell=plan.dwell,
            seconds=plan.seconds,
            drain=plan.drain,
            slots="\n".join(_line(plan, slot) for slot in range(low, high)),
        )
    return found


def write(files: dict[str, str], folder: Path) -> list[Path]:
    """ParameterError where one is there with another content: somebody put the app's fields in, and keeps them."""
    paths = []
    for name, content in files.items():
        path = folder / f"{name}.toml"
        if path.exists() and path.read_text(encoding="utf-8") != content:
            raise ParameterError(
                f"{path} is there and was edited: it is left as it is. Move it away for a fresh one."
            )
        path.write_text(content, encoding="utf-8")
        paths.append(path)
    return paths


def _line(plan: "Plan", number: int) -> str:
    from promptrail.infer.plan import typed

    slot = plan.slots[number]
    text = json.dumps(typed(plan, slot), ensure_ascii=False)
    told = f", text = {text}" if slot.kind != "control" else ""
    return f'  {{ slot = {slot.slot}, kind = "{slot.kind}"{told} }},'
