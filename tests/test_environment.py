"""Four files that say one thing: pyproject.toml, the lock, constraints and environment.yml in, contradictions out."""

import ast
import importlib.util
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
NAMED = ("jupyterlab", "mitmproxy", "pandas", "plotly", "papermill", "frida-tools")
"""The packages that every full environment of promptrail holds."""
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
CONSTRAINTS = (ROOT / "constraints.txt").read_text("utf-8")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]


def lock_script() -> Any:
    """.ci/lock.py as a module: it is no part of the package."""
    spec = importlib.util.spec_from_file_location("lock", ROOT / ".ci" / "lock.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def environment_of(python: str, system: str) -> dict[str, str]:
    """What markers are asked about on one Python and system."""
    return {
        **{name: str(value) for name, value in default_environment().items()},
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": system,
        "os_name": "nt" if system == "win32" else "posix",
    }


def pinned(python: str, system: str = "linux") -> dict[str, str]:
    """name -> version of the constraints that hold on one Python and system."""
    environment = environment_of(python, system)
    requirements = [Requirement(line) for line in CONSTRAINTS.splitlines()]
    holds = [r for r in requirements if r.marker is None or r.marker.evaluate(environment)]
    assert len({canonicalize_name(r.name) for r in holds}) == len(holds), "one version a package"
    return {canonicalize_name(r.name): str(r.specifier).removeprefix("==") for r in holds}


def declared(*extras: str) -> list[Requirement]:
    lists = [PROJECT["dependencies"], *(EXTRAS[extra] for extra in extras)]
    return [Requirement(line) for requirements in lists for line in requirements]


def environment_yml() -> tuple[list[str], list[str]]:
    """(conda's dependencies, the lines of the pip section)."""
    listed = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    pip = next(item["pip"] for item in listed if isinstance(item, dict))
    return [item for item in listed if isinstance(item, str)], pip


@pytest.mark.parametrize("python", ["3.12", "3.13", "3.14"])
@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_the_lock_satisfies_every_declared_dependency(python: str, system: str) -> None:
    """On each Python and system that we name, each dependency and extra is pinned within its bounds."""
    versions = pinned(python, system)
    wrong = [
        str(requirement)
        for requirement in declared("capture", "hooks", "lab", "dev")
        if requirement.marker is None or requirement.marker.evaluate(environment_of(python, system))
        if not requirement.specifier.contains(versions.get(canonicalize_name(requirement.name), "0"))
    ]
    assert wrong == []


def test_all_is_every_extra_but_dev() -> None:
    """`pip install promptrail[all]` leaves out the tools of the tests and nothing else."""
    (all_of_it,) = [Requirement(line) for line in EXTRAS["all"]]
    assert all_of_it.name == "promptrail" and all_of_it.extras == EXTRAS.keys() - {"all", "dev"}


def test_constraints_are_the_lock_without_hashes() -> None:
    """constraints.txt is made by .ci/lock.py and by no hand."""
    assert lock_script().constraints(LOCK) == CONSTRAINTS, "run .venv/bin/python .ci/lock.py"


def test_every_pin_in_the_lock_has_a_hash() -> None:
    """A version without a hash would be installed unchecked, or make pip refuse the whole file."""
    blocks = re.split(r"\n(?=[a-z0-9])", LOCK)
    assert len(blocks) > 100
    assert [block.split("\n")[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize(
    "name", ["requirements.lock", "constraints.txt", "environment.yml", "pyproject.toml"]
)
def test_no_address_of_a_registry(name: str) -> None:
    """Whoever installs decides where from: no URL, no index option, no local path."""
    text = (ROOT / name).read_text("utf-8")
    assert re.findall(r"https?://|--(?:extra-)?index-url|--find-links|--trusted-host| @ |file:", text) == []


def test_the_named_packages_are_in_every_full_environment() -> None:
    """All six are in `[all]`, in the lock and, by name, in environment.yml."""
    _, pip = environment_yml()
    extras = {canonicalize_name(r.name) for r in declared("capture", "hooks", "lab")}
    assert set(NAMED) <= extras and set(NAMED) <= pinned("3.13").keys() and set(NAMED) <= set(pip)


def test_environment_yml_is_constrained_and_installs_this_checkout() -> None:
    """conda brings Python and pip alone, pip the rest: nothing is pinned twice, nothing twice installed."""
    conda, pip = environment_yml()
    assert conda == ["python=3.13", "pip"]
    assert pip[0] == "-c constraints.txt" and pip[-1] == "-e .[all]" and pip[1:-1] == list(NAMED)


def test_the_build_backend_is_locked() -> None:
    """bootstrap.py builds without isolation, so what builds must come out of the lock."""
    system = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]
    for requirement in map(Requirement, system["requires"]):
        assert requirement.specifier.contains(pinned("3.13")[canonicalize_name(requirement.name)])


def third_party(folder: Path) -> set[str]:
    """Top-level modules that a folder's files import and that are neither Python's nor ours."""
    found = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - {"promptrail"}


@pytest.mark.parametrize(
    ("folders", "extras"),
    [
        (("case", "ingest", "decode", "trace", "attribute", "findings", "report"), ()),
        (("lab", "device", "."), ("apk", "capture", "hooks", "lab", "languages")),
        (("apk",), ("apk",)),
    ],
)
def test_what_is_imported_is_declared(folders: tuple[str, ...], extras: tuple[str, ...]) -> None:
    """A package that another one happens to bring today is gone tomorrow; only reading flow files may want more."""
    # ingest/mitm.py reads through mitmproxy where that is installed, and says so where it is not.
    known = {canonicalize_name(r.name) for r in declared(*extras)} | (
        {"mitmproxy"} if "ingest" in folders else set()
    )
    distributions = packages_distributions()
    package = ROOT / "toolkit" / "promptrail"
    missing = {
        module
        for folder in folders
        for module in third_party(package / folder)
        if not known & {canonicalize_name(name) for name in distributions.get(module, [])}
    }
    assert missing == set(), "declare them in pyproject.toml and run .ci/lock.py"
