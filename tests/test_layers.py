"""The one way through the house, held by the imports: sources in, forbidden imports out. Nothing is executed."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "toolkit" / "promptrail"
# Each line may import the lines above it, and nothing of its own line but itself.
ORDER: list[set[str]] = [
    {"__init__", "errors"},
    {"language"},
    {"model"},
    {"frames", "shipped"},
    {"case"},
    {"apk"},
    {"device", "lab"},
    {"ingest"},
    {"decode"},
    {"trace"},
    {"infer"},
    {"attribute"},
    {"pipeline"},
    {"findings"},
    {"report"},
    {"notebook"},
    {"bundle"},
    {"corpus"},
    {"cli"},
    {"__main__"},
]
# An encoder that grades its own decoder proves nothing, so these know nothing of each other, in either direction.
APART = ({"lab", "device"}, {"decode", "trace"})
BESIDE = {("lab", "device")}
"""The lab records through the same proxy as everybody."""
HEAVY = {"dask", "frida", "frida_tools", "mitmproxy", "nbclient", "nbconvert", "papermill"}
BY_NAME = ("import_module", "__import__")
INSIDE_MITMPROXY = {PACKAGE / "lab" / "route.py", PACKAGE / "device" / "leash.py"}


def unit(file: Path) -> str:
    """The part of the package that a file belongs to."""
    return file.relative_to(PACKAGE).with_suffix("").parts[0]


def rank(name: str) -> int:
    """Its line in ORDER; a new part of the package must be given one."""
    found = [line for line, names in enumerate(ORDER) if name in names]
    assert found, f"promptrail.{name} has no place in ORDER: decide which stages it may know"
    return found[0]


def imported(tree: ast.AST, package: str) -> Iterator[tuple[str, int]]:
    """(dotted name, line) of every import below a node; `package` is the file's own, for relative imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*above, node.module] if node.module else above)
            if module == "promptrail":
                yield from ((f"{module}.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield module, node.lineno
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(BY_NAME):
            yield from (
                (str(arg.value), node.lineno) for arg in node.args[:1] if isinstance(arg, ast.Constant)
            )


def at_import_time(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements that run when the module is imported: not those in functions or under TYPE_CHECKING."""
    queue: list[ast.stmt] = list(tree.body)
    while queue:
        node = queue.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        nested = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
        handlers = [stmt for handler in getattr(node, "handlers", []) for stmt in handler.body]
        queue += nested + handlers
        if not nested:
            yield node


def sources(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*.py") if "_shipped" not in file.parts)


def allowed(importer: str, target: str) -> bool:
    if importer == target:
        return True
    if any({importer} <= one and {target} <= other for one, other in (APART, APART[::-1])):
        return False
    return (importer, target) in BESIDE or rank(target) < rank(importer)


def own_package(file: Path) -> str:
    return ".".join(file.relative_to(PACKAGE.parent).parent.parts)


def forbidden(text: str, file: Path) -> list[str]:
    """The imports in a file's text that go against ORDER, as `file:line what`."""
    wrong = []
    for name, line in imported(ast.parse(text), own_package(file)):
        parts = name.split(".")
        if parts[0] != "promptrail" or parts == ["promptrail"]:
            continue
        target = parts[1]
        if not (PACKAGE / target).is_dir() and not (PACKAGE / f"{target}.py").is_file():
            target = "__init__"  # a name that the package itself defines, as __version__
        if not allowed(unit(file), target):
            wrong.append(f"{file.name}:{line} {unit(file)} imports {name}")
    return wrong


def test_no_stage_imports_one_behind_it() -> None:
    """record -> ingest -> decode -> trace -> attribute -> findings -> report -> bundle, and never back."""
    assert [line for file in sources(PACKAGE) for line in forbidden(file.read_text("utf-8"), file)] == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("decode/json_text.py", "from promptrail.trace import needles"),
        ("decode/json_text.py", "def f():\n    from promptrail import report"),
        ("decode/json_text.py", "from ..lab import app"),
        ("lab/app.py", "import promptrail.decode.sse"),
        ("case/folder.py", "import importlib\nimportlib.import_module('promptrail.ingest')"),
    ],
)
def test_the_rule_sees_a_forbidden_import(file: str, line: str) -> None:
    """Whole-module, from, relative, inside a function and by name: each way of importing is seen."""
    assert forbidden(line, PACKAGE / file)


def test_the_evidence_writer_needs_python_alone() -> None:
    """case/evidence.py runs inside a mitmproxy that has neither promptrail nor any package of ours."""
    tree = ast.parse((PACKAGE / "case" / "evidence.py").read_text("utf-8"))
    foreign = {name.split(".")[0] for name, _ in imported(tree, "promptrail.case")} - sys.stdlib_module_names
    assert foreign == set()


def test_addons_never_import_the_package() -> None:
    """An addon works in a mitmproxy without promptrail, so it finds the writer by its file."""
    for file in sources(ROOT / "addons"):
        names = {name.split(".")[0] for name, _ in imported(ast.parse(file.read_text("utf-8")), "")}
        assert "promptrail" not in names, file.name


def test_heavy_packages_are_imported_where_they_are_used() -> None:
    """`promptrail --help` and the analysis start without papermill, nbconvert, mitmproxy or frida."""
    found = []
    for file in sources(PACKAGE):
        if file in INSIDE_MITMPROXY:
            continue
        for statement in at_import_time(ast.parse(file.read_text("utf-8"))):
            heavy = [name for name, _ in imported(statement, "promptrail") if name.split(".")[0] in HEAVY]
            found += [f"{file.relative_to(PACKAGE)}:{statement.lineno} {name}" for name in heavy]
    assert found == []


def test_nobody_imports_the_source_root() -> None:
    """`import toolkit.promptrail` would make every class twice, and `isinstance` false between them."""
    folders = [PACKAGE, ROOT / "addons", ROOT / "tests"]
    for file in [source for folder in folders for source in sources(folder)]:
        names = {name.split(".")[0] for name, _ in imported(ast.parse(file.read_text("utf-8")), "")}
        assert "toolkit" not in names, file
    assert not (PACKAGE.parent / "__init__.py").exists()
