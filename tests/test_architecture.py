"""The import directions of docs/architecture.md, read from the code."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "photobench"

LAYERS = [
    {"errors", "words"},
    {"records", "learning", "config", "progress", "registry", "formats", "parallel", "memory"},
    {"workspace", "images", "metrics", "bootstrap", "paired", "evaluation", "reliability"},
    {"crop"},
    {"sources", "data"},
    {"vision"},
    {"predict"},
    {
        "train",
        "doctor",
        "evaluate",
        "compare",
        "ensemble",
        "invariance",
        "ledger",
        "submission",
        "submit",
        "explore",
        "report",
        "trial",
        "audit",
        "decisions",
        "tune",
        "explain",
        "slices",
        "refine",
    },
    {"project"},
    {"workflow"},
    {"api", "cli", "listing", "web", "__main__", "__init__"},
]
RANK = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms}

WORKFLOW = [
    {"bench", "signing", "prescribing"},
    {"photos"},
    {"models"},
    {"answers"},
    {"labels"},
    {"search"},
    {"contest"},
    {"runs"},
    {"insight"},
    {"reviewing"},
    {"journey", "planted", "demonstrating"},
]
"""Packages of workflow, and modules of it that need none."""
UPWARDS = {("models.teaching", "answers.answering")}
"""Imported within a function: a training may have a teacher, which is made of trainings."""

PURE = [
    "errors",
    "records",
    "learning",
    "config",
    "workspace",
    "images",
    "metrics",
    "crop",
    "sources",
    "data",
    "evaluate",
    "compare",
    "invariance",
    "ensemble",
    "ledger",
    "refine",
    "reliability",
    "submit",
    "audit",
    "decisions",
    "explore",
    "report",
    "project",
    "slices",
    "explain.habits",
    "explain.hiding",
    "doctor.checkup",
    "web",
    "web.serving",
    "workflow.reviewing",
    "tune.study",
]
"""Rooms, and a module, that never import torch."""

ONE_HOME = {
    "facenet_pytorch": "photobench.crop.face",
    "albumentations": "photobench.vision.augment",
    "lightning_fabric": "photobench.train.step",
    "sqlalchemy": "photobench.workspace",
    "filelock": "photobench.workspace",
    "seaborn": "photobench.explore.drawing",
    "jinja2": "photobench.report.page",
    "tomlkit": "photobench.config.writing",
    "typer": "photobench.cli",
    "timm": "photobench.vision.zoo",
    "torch.utils.tensorboard": "photobench.train.watchers.to_tensorboard",
    "mlflow": "photobench.train.watchers.to_mlflow",
    "wandb": "photobench.train.watchers.to_wandb",
    "matplotlib": "photobench.explore.canvas",
    "umap": "photobench.explore.projection",
    "faiss": "photobench.audit.neighbours",
    "fastapi": "photobench.web",
    "starlette": "photobench.web",
    "uvicorn": "photobench.web",
    "optuna": "photobench.tune.study",
    "captum": "photobench.explain.maps",
}
"""Heavy libraries, each imported in one module, or in one package."""


def modules() -> dict[str, Path]:
    names = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ["photobench", *path.relative_to(PACKAGE).with_suffix("").parts]
        names[".".join(parts)] = path
    return names


def imports(path: Path) -> set[str]:
    """Every module that a file imports, whether at its top or inside a function; not what only the type checker sees."""
    found = set()
    for node in _without_type_checking(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _without_type_checking(tree: ast.AST):
    if isinstance(tree, ast.If) and ast.unparse(tree.test) == "TYPE_CHECKING":
        return
    yield tree
    for child in ast.iter_child_nodes(tree):
        yield from _without_type_checking(child)


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in RANK else "__init__"


@pytest.mark.parametrize("module", modules())
def test_imports_only_lower_layers(module: str) -> None:
    own = room(module)
    for name in imports(modules()[module]):
        if name.startswith("photobench.") and name.split(".")[1] in RANK:
            other = room(name)
            allowed = other == own or RANK[other] < RANK[own] or _same_shelf(own, other)
            assert allowed, f"{module} imports {name}: {own} may not import {other}"


def test_the_packages_of_workflow_know_only_those_before_them() -> None:
    rank = {package: number for number, packages in enumerate(WORKFLOW) for package in packages}
    wrong = set()
    for module, path in modules().items():
        if not module.startswith("photobench.workflow.") or module == "photobench.workflow.__init__":
            continue
        own = module.removeprefix("photobench.workflow.")
        for name in imports(path) & set(modules()):
            other = name.removeprefix("photobench.workflow.")
            if rank.get(other.split(".")[0], -1) > rank[own.split(".")[0]]:
                wrong.add((own, other))
    assert wrong == UPWARDS


def _same_shelf(own: str, other: str) -> bool:
    """Parts of one stage that lie in two rooms."""
    pairs = {
        ("submit", "submission"),
        ("submission", "submit"),
        ("report", "explore"),
        ("report", "compare"),
        ("report", "explain"),
        ("report", "slices"),
        ("evaluate", "evaluation"),
        ("trial", "train"),
        ("compare", "evaluate"),
        ("doctor", "train"),
    }
    inside = (
        {"metrics", "bootstrap", "paired", "evaluation", "reliability"},
        {"api", "cli", "listing", "web", "__main__", "__init__"},
        {"records", "config", "progress", "registry", "parallel"},
    )
    return (own, other) in pairs or any({own, other} <= rooms for rooms in inside)


@pytest.mark.parametrize("library", ONE_HOME)
def test_heavy_libraries_have_one_home(library: str) -> None:
    users = {m for m, path in modules().items() if any(f"{name}.".startswith(f"{library}.") for name in imports(path))}
    home = ONE_HOME[library]
    assert users
    assert {user for user in users if not f"{user}.".startswith(f"{home}.")} == set()


def test_pure_rooms_never_import_torch() -> None:
    code = f"import sys; [__import__('photobench.' + m) for m in {PURE}]; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from photobench import cli\n"
        "try: cli.app(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('torch', 'numpy', 'pandas', 'pydantic', 'cv2', 'sqlalchemy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_every_room_has_its_layer() -> None:
    rooms = {
        p.stem if p.is_file() else p.name
        for p in PACKAGE.iterdir()
        if p.suffix == ".py" or (p / "__init__.py").exists()
    }
    assert rooms == set(RANK)
