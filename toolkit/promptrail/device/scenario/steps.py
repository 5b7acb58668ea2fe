"""Every kind of step: its fields, a sentence of what it would do, and what it does on a stage. KINDS is all of them.

To add one: a function that takes (stage, step), its line in KINDS, and a test on the stand-in.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from promptrail.device.scenario import fields
from promptrail.device.scenario.fields import KEYS, Field
from promptrail.device.scenario.follow import WAIT, follow
from promptrail.device.scenario.stage import Stage
from promptrail.errors import RecordingError

Step = dict[str, Any]
CONSENT = {
    "accept": r"(?i)\b(accept( all)?|agree|allow|continue|got it|동의|확인|同意|接受)\b",
    "refuse": r"(?i)\b(reject( all)?|decline|deny|refuse|no,? thanks|only necessary|거부|동의하지|拒绝|不同意)\b",
}
"""What the button says, where the step does not say it."""
QUIET = 120.0


class Kind(NamedTuple):
    name: str
    fields: dict[str, Field]
    required: tuple[str, ...]
    does: str
    """A sentence with the step's fields in it, for a dry run."""
    do: Callable[[Stage, Step], None]
    one_of: tuple[str, ...] = ()
    """It needs one of these fields."""
    many: bool = False
    """It does steps of its own, each an event; it is none itself."""


def launch(stage: Stage, step: Step) -> None:
    stage.event("launch", label=f"{stage.run.package} is started")
    stage.start_app()


def stop(stage: Stage, step: Step) -> None:
    stage.device.shell(f"am force-stop {stage.run.package}")
    stage.event("end", label=f"{stage.run.package} is ended")


def clear(stage: Stage, step: Step) -> None:
    said = stage.device.shell(f"pm clear {stage.run.package}").text
    if said != "Success":
        raise RecordingError(f"pm clear {stage.run.package} said {said!r}.")
    stage.event("cleared", label="the app's data and permissions are as after installation")


def install(stage: Stage, step: Step) -> None:
    stage.device.install(Path(step["apk"]))
    stage.event("installed", label=Path(step["apk"]).name)


def grant(stage: Stage, step: Step) -> None:
    """A permission that the app does not ask for, or that cannot be granted, is told and harms nothing."""
    done = stage.device.shell(f"pm grant {stage.run.package} {stage.word(step['permission'])}", check=False)
    told = step["permission"] if done.code == 0 else f"{step['permission']}: {done.said[-120:]}"
    stage.event("granted" if done.code == 0 else "not granted", label=told)


def tap(stage: Stage, step: Step) -> None:
    stage.tap(step, step.get("wait", WAIT))
    stage.event("tapped", label=str(step.get("text") or step.get("id") or step.get("at")))


def type_(stage: Stage, step: Step) -> None:
    stage.type(step["text"])
    stage.event("typed", label=step["text"])


def key(stage: Stage, step: Step) -> None:
    stage.device.shell(f"input keyevent {KEYS.get(step['name'], step['name'])}")
    stage.event("key", label=str(step["name"]))


def consent(stage: Stage, step: Step) -> None:
    choice = step["choice"]
    where = {"text": step.get("text", CONSENT[choice])} if "id" not in step else {"id": step["id"]}
    stage.find(where, step.get("wait", WAIT))
    stage.event("consent" if choice == "accept" else "refused", label=f"the consent dialog: {choice}")
    stage.tap(where, WAIT)


def prompt(stage: Stage, step: Step) -> None:
    """Type each prompt of this run and send it; none in C0."""
    for one in stage.run.prompts:
        if one.kind == "prompt":
            _type_into(stage, step, one.id)
            stage.event("sent", one.id)
            stage.tap(step["send"], WAIT)
            stage.sleep(step.get("pause", 1.0))


def draft(stage: Stage, step: Step) -> None:
    """Type each draft of this run, wait, and delete it unsent."""
    for one in stage.run.prompts:
        if one.kind == "draft":
            _type_into(stage, step, one.id)
            stage.sleep(step.get("pause", 2.0))
            stage.erase(len(stage.texts[one.id]))
            stage.event("deleted", one.id, "the draft is deleted and never sent")


def _type_into(stage: Stage, step: Step, prompt: str) -> None:
    if "field" in step:
        stage.tap(step["field"], WAIT)
    stage.event("typing", prompt)
    stage.type(stage.texts[prompt])
    stage.event("typed", prompt)


def wait(stage: Stage, step: Step) -> None:
    stage.sleep(step["seconds"])
    stage.event("waited", label=f"{step['seconds']} s")


def quiet(stage: Stage, step: Step) -> None:
    """Until nothing was recorded for so many seconds, or `most` have gone, which is told."""
    began, changed, size = time.monotonic(), time.monotonic(), stage.recorded()
    while time.monotonic() - changed < step["seconds"]:
        if time.monotonic() - began > step.get("most", QUIET):
            stage.event("not quiet", label=f"there was traffic for {step.get('most', QUIET):g} s on end")
            return
        stage.sleep(0.1)
        if (now := stage.recorded()) != size:
            changed, size = time.monotonic(), now
    stage.event("quiet", label=f"no traffic for {step['seconds']} s")


def screenshot(stage: Stage, step: Step) -> None:
    stage.event("screenshot", label=step.get("name"))


def manual(stage: Stage, step: Step) -> None:
    stage.event("manual", label=step["say"])
    stage.ask(step["say"])
    stage.event("manual done", label=step["say"])


def repeat(stage: Stage, step: Step) -> None:
    for _ in range(step["times"]):
        stage.play(step["steps"])


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("install", {"apk": fields.text}, ("apk",), "install {apk}", install),
        Kind("clear", {}, (), "set the app back to how it was after installation", clear),
        Kind("grant", {"permission": fields.text}, ("permission",), "grant {permission}", grant),
        Kind("launch", {}, (), "start the app", launch),
        Kind("stop", {}, (), "end the app", stop),
        Kind("tap", fields.WHERE, (), "tap on {text}{id}{at}", tap, one_of=fields.NAMED),
        Kind("type", {"text": fields.text}, ("text",), "type {text!r}", type_),
        Kind("key", {"name": fields.key}, ("name",), "press {name}", key),
        Kind(
            "consent",
            {
                "choice": fields.choice(*CONSENT),
                "text": fields.pattern,
                "id": fields.text,
                "wait": fields.seconds,
            },
            ("choice",),
            "{choice} the consent dialog",
            consent,
        ),
        Kind(
            "prompt",
            {"field": fields.selector, "send": fields.selector, "pause": fields.seconds},
            ("send",),
            "type and send the prompts of the run",
            prompt,
        ),
        Kind(
            "draft",
            {"field": fields.selector, "pause": fields.seconds},
            (),
            "type the drafts of the run and delete them unsent",
            draft,
        ),
        Kind(
            "follow",
            {
                "plan": fields.text,
                "new": fields.selector,
                "field": fields.selector,
                "send": fields.selector,
                "failed": fields.selector,
                "dwell": fields.seconds,
                "seconds": fields.seconds,
                "drain": fields.seconds,
                "slots": fields.slots,
            },
            ("plan", "field", "send", "dwell", "seconds", "drain", "slots"),
            "follow the plan {plan:.12}, {seconds} s a slot",
            follow,
        ),
        Kind("wait", {"seconds": fields.seconds}, ("seconds",), "wait {seconds} s", wait),
        Kind(
            "quiet",
            {"seconds": fields.seconds, "most": fields.seconds},
            ("seconds",),
            "wait until there is no traffic for {seconds} s",
            quiet,
        ),
        Kind("screenshot", {"name": fields.text}, (), "take a picture of the screen", screenshot),
        Kind("manual", {"say": fields.text}, ("say",), "ask the person at the keyboard: {say}", manual),
        Kind(
            "repeat",
            {"times": fields.times, "steps": fields.steps},
            ("times", "steps"),
            "{times} times:",
            repeat,
            many=True,
        ),
    )
}
