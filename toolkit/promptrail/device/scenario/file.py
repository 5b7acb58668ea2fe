"""A scenario file: TOML in, the runs that it plans and their steps out; refuses what it does not know, and says where.

    schema = 1
    name = "first-chat"
    package = "org.example.chat"
    controls = ["C0", "C1", "C2", "C3"]     # no prompt, prompt A, prompt B, another app: each is a run; and "wrong-ca"
    repeat = 3                              # of C1, the run that the finding rests on
    variables = { city = "Busan" }

    [other]                                 # for C3
    package = "org.example.notes"

    [[prompt]]
    id = "A"
    text = "where in {city} can I mend a kettle {canary}"   # {canary} is a word of its own, made once a case

    [[step]]
    do = "launch"

A step is one row of steps.KINDS with its fields. `{name}` in a field is one of the variables.
"""

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

from promptrail.device.routing import ROUTES
from promptrail.device.scenario.plan import UNTRUSTED, Plan, PlannedRun, Prompt, Variant
from promptrail.device.scenario.steps import KINDS, Kind
from promptrail.errors import InputError

SCHEMA = 1
CONTROLS = {
    "C0": "nothing is typed",
    "C1": "the first prompt",
    "C2": "the second prompt",
    "C3": "the first prompt, in another app",
    UNTRUSTED: "the first prompt, while the device does not trust the case's CA",
}
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
PACKAGE = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)+")
HOLE = re.compile(r"\{([A-Za-z_]\w*)\}")
"""Not {3}, which a regular expression may have."""
KNOWN = {"schema", "name", "package", "app", "version", "controls", "repeat", "variables", "prompt", "draft"}
KNOWN |= {"other", "variant", "step", "route", "quic", "proxy", "hooks", "egress"}
QUIC = ("refused", "allowed")
NESTED = 3
"""How deep `repeat` may stand in `repeat`."""


def read(path: Path) -> Plan:
    """InputError names the file, the place and what is known there."""
    try:
        source = path.read_text(encoding="utf-8")
        table = tomllib.loads(source)
    except OSError as fault:
        raise InputError(f"{path}: cannot be read: {fault.strerror}.") from fault
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise InputError(f"{path}: is no TOML: {fault}.") from fault
    return _Reader(path, table).plan(source)


class _Reader:
    def __init__(self, path: Path, table: dict[str, Any]) -> None:
        self.path, self.table = path, table

    def plan(self, source: str) -> Plan:
        self._only(self.table, KNOWN, "the file")
        if self.table.get("schema") != SCHEMA:
            self._refuse(f"schema is {self.table.get('schema')!r}, and this promptrail reads {SCHEMA}")
        name = self._text(self.table, "name", "the file")
        if not SLUG.fullmatch(name):
            self._refuse(f"name {name!r}: small letters, digits and hyphens; runs are called after it")
        self.variables = {str(k): str(v) for k, v in self._table("variables").items()}
        prompts = [*self._prompts("prompt"), *self._prompts("draft")]
        if len({p.id for p in prompts}) < len(prompts):
            self._refuse("two prompts have the same id")
        steps = self._steps(self._rows(self.table, "step"), "step", 0)
        if not steps:
            self._refuse("has no [[step]]: a run without steps shows nothing")
        package = self._package(self.table, "the file")
        if (route := self.table.get("route", ROUTES[0].name)) not in (names := [one.name for one in ROUTES]):
            self._refuse(f"there is no route {route!r}; there are {', '.join(names)}")
        return Plan(
            name,
            package,
            str(self.table.get("app", package)),
            self._stated("version"),
            self._stated("egress"),
            str(route),
            self.variables,
            tuple(self._runs(name, package, prompts)),
            tuple(steps),
            source,
        )

    def _runs(self, name: str, package: str, prompts: list[Prompt]) -> list[PlannedRun]:
        controls = self.table.get("controls", [None])
        if not isinstance(controls, list) or not controls:
            self._refuse(f"controls is no list of {', '.join(CONTROLS)}")
        repeat = self.table.get("repeat", 1)
        if type(repeat) is not int or not 1 <= repeat <= 100:
            self._refuse(f"repeat is {repeat!r}: a number from 1 to 100")
        app = str(self.table.get("app", package))
        runs = []
        for variant in self._variants():
            for control in controls:
                typed = self._typed(control, prompts)
                if control == UNTRUSTED and not variant.proxy:
                    self._refuse(f"{UNTRUSTED} needs a proxy: without one no CA is there to be refused")
                who, called = self._other() if control == "C3" else (package, app)
                times = repeat if control in (None, "C1") else 1
                for n in range(times):
                    words = [name, variant.name, (control or "").lower(), str(n + 1) if times > 1 else ""]
                    run = "-".join(word for word in words if word)
                    runs.append(PlannedRun(run, control, who, called, typed, variant))
        if twice := [name for name, count in Counter(run.run for run in runs).items() if count > 1]:
            self._refuse(f"it plans the run {twice[0]} twice: a control or a variant stands there two times")
        return runs

    def _typed(self, control: str | None, prompts: list[Prompt]) -> tuple[Prompt, ...]:
        """What a control run types. Drafts go with prompt A."""
        texts = [p for p in prompts if p.kind == "prompt"]
        drafts = [p for p in prompts if p.kind == "draft"]
        if control is None:
            return tuple(prompts)
        if not isinstance(control, str) or control not in CONTROLS:
            self._refuse(f"the control {control!r} is not known; there are {', '.join(CONTROLS)}")
        if control == "C0":
            return ()
        wanted = 1 if control == "C2" else 0
        if len(texts) <= wanted:
            self._refuse(f"{control} types {CONTROLS[control]}, and there is no such [[prompt]]")
        return (texts[1],) if control == "C2" else (texts[0], *drafts)

    def _other(self) -> tuple[str, str]:
        other = self._table("other")
        self._only(other, {"package", "app"}, "[other]")
        if not other:
            self._refuse("C3 needs [other] with the package of another app")
        package = self._package(other, "[other]")
        return package, str(other.get("app", package))

    def _variants(self) -> list[Variant]:
        rows = self._rows(self.table, "variant") or [{}]
        alone: dict[str, Any] = {
            key: self.table[key] for key in ("quic", "proxy", "hooks") if key in self.table
        }
        found = []
        for row in rows:
            self._only(row, {"name", "quic", "proxy", "hooks"}, "[[variant]]")
            merged = {**alone, **row}
            if type(proxy := merged.get("proxy", True)) is not bool:
                self._refuse(f"proxy is {proxy!r}: true or false")
            if (quic := merged.get("quic", QUIC[0] if proxy else QUIC[1])) not in QUIC:
                self._refuse(f"quic is {quic!r}: {' or '.join(QUIC)}")
            if quic == QUIC[0] and not proxy:
                self._refuse("quic is 'refused', and without a proxy nothing is changed that could refuse it")
            hooks = merged.get("hooks", [])
            if not isinstance(hooks, list) or not all(isinstance(hook, str) for hook in hooks):
                self._refuse(f"hooks is {hooks!r}: a list of names")
            name = str(merged.get("name", ""))
            if len(rows) > 1 and not SLUG.fullmatch(name):
                self._refuse(f"a [[variant]] needs a name of small letters and hyphens, not {name!r}")
            found.append(Variant(name, quic, proxy, tuple(hooks)))
        return found

    def _prompts(self, kind: str) -> list[Prompt]:
        found = []
        for n, row in enumerate(self._rows(self.table, kind), 1):
            self._only(row, {"id", "text"}, f"[[{kind}]] {n}")
            text = self._text(row, "text", f"[[{kind}]] {n}")
            if unknown := set(HOLE.findall(text)) - {"canary", *self.variables}:
                self._refuse(f"[[{kind}]] {n}: nothing is known of {{{min(unknown)}}}")
            found.append(Prompt(self._text(row, "id", f"[[{kind}]] {n}"), text, kind))
        return found

    def _steps(self, rows: list[dict[str, Any]], where: str, depth: int) -> list[dict[str, Any]]:
        if depth > NESTED:
            self._refuse(f"{where}: repeat stands in repeat more than {NESTED} deep")
        found = []
        for n, row in enumerate(rows, 1):
            place = f"{where} {n}"
            kind = KINDS.get(str(row.get("do")))
            if kind is None:
                self._refuse(f"{place}: do = {row.get('do')!r} is not known; there are {', '.join(KINDS)}")
            step: dict[str, Any] = {
                key: value if key == "steps" else self._filled(value, place) for key, value in row.items()
            }
            self._check(step, kind, f"{place} ({kind.name})")
            if "steps" in step:
                step["steps"] = self._steps(self._rows(step, "steps"), f"{place}.step", depth + 1)
            found.append(step)
        return found

    def _check(self, step: dict[str, Any], kind: Kind, place: str) -> None:
        for key, value in step.items():
            if key == "do":
                continue
            if key not in kind.fields:
                known = ", ".join(kind.fields) or "none"
                self._refuse(f"{place}: the field {key!r} is not known; there are: {known}")
            if wrong := kind.fields[key](value):
                self._refuse(f"{place}: {key} = {value!r}: {wrong}")
        if missing := [key for key in kind.required if key not in step]:
            self._refuse(f"{place}: needs {', '.join(missing)}")
        if kind.one_of and not set(kind.one_of) & set(step):
            self._refuse(f"{place}: needs {', '.join(kind.one_of[:-1])} or {kind.one_of[-1]}")

    def _filled(self, value: Any, place: str) -> Any:
        """With its variables put in, in a table as well."""
        if isinstance(value, dict):
            return {key: self._filled(one, place) for key, one in value.items()}
        if not isinstance(value, str):
            return value
        if unknown := set(HOLE.findall(value)) - set(self.variables):
            self._refuse(f"{place}: nothing is known of {{{min(unknown)}}}; declare it in variables")
        return HOLE.sub(lambda hole: self.variables[hole[1]], value)

    def _package(self, table: dict[str, Any], where: str) -> str:
        package = self._text(table, "package", where)
        if not PACKAGE.fullmatch(package):
            self._refuse(f"{where}: {package!r} is no package name, such as org.example.chat")
        return package

    def _rows(self, table: dict[str, Any], key: str) -> list[dict[str, Any]]:
        found = table.get(key, [])
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            self._refuse(f"{key} is no list of tables, each written [[{key}]]")
        return list(found)

    def _stated(self, key: str) -> str | None:
        return self._text(self.table, key, "the file") if key in self.table else None

    def _table(self, key: str) -> dict[str, Any]:
        found = self.table.get(key, {})
        if not isinstance(found, dict):
            self._refuse(f"{key} is no table")
        return dict(found)

    def _text(self, table: dict[str, Any], key: str, where: str) -> str:
        found = table.get(key)
        if not isinstance(found, str) or not found:
            self._refuse(f"{where}: needs {key}, a text")
        return str(found)

    def _only(self, table: dict[str, Any], known: set[str], where: str) -> None:
        if unknown := sorted(set(table) - known):
            self._refuse(f"{where}: {unknown[0]!r} is not known; there are {', '.join(sorted(known))}")

    def _refuse(self, why: str) -> NoReturn:
        raise InputError(f"{self.path}: {why}.")
