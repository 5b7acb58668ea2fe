"""A notebook's cells run here, without a kernel: name and case in, what each cell shows out."""

import ast
import json
from pathlib import Path
from typing import Any

import nbformat
import plotly.graph_objects as go

from promptrail import shipped


def shown(name: str, case: Path) -> list[str]:
    """What the cells of a notebook show: HTML of a block, JSON of a figure, and the finding at the end."""
    nb = nbformat.read(shipped.notebooks() / f"{name}.ipynb", as_version=4)
    space: dict[str, Any] = {}
    out = []
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        if "parameters" in cell.metadata.get("tags", []):
            exec(cell.source, space)
            space["case"] = str(case)
            continue
        body = ast.parse(cell.source).body
        last = body.pop() if isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), name, "exec"), space)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), name, "eval"), space)
            out += [] if value is None else [_text(value)]
    return out


def _text(value: Any) -> str:
    if isinstance(value, go.Figure):
        assert value.layout.meta["alt"] and value.layout.meta["caption"]
        return str(value.to_json())
    if hasattr(value, "_repr_html_"):
        return str(value._repr_html_())
    return json.dumps(value._repr_mimebundle_())
