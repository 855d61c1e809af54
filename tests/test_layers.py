"""The house: its rooms are ours alone, its errors and settings are written down."""

import ast
import importlib.metadata
from pathlib import Path

from index import errors

ROOT = Path(__file__).parent.parent
ROOMS = ("index", "rag", "eval", "ui")


def test_no_installed_distribution_owns_a_room() -> None:
    owners = importlib.metadata.packages_distributions()
    for room in ROOMS:
        assert set(owners.get(room, ["onrecord"])) <= {"onrecord"}


def test_every_error_stands_in_the_tree() -> None:
    tree = errors.__doc__ or ""
    family = [name for name, value in vars(errors).items() if isinstance(value, type)]
    assert [name for name in family if name not in tree] == []


def test_only_ui_reads_the_environment_and_nobody_prints_in_a_library() -> None:
    for room in ("index", "rag"):
        for path in (ROOT / room).rglob("*.py"):
            if "sample" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Attribute):
                    assert node.attr not in ("environ", "getenv"), path
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    assert node.func.id != "print", path
                assert not (isinstance(node, ast.ImportFrom | ast.Import) and "pickle" in ast.dump(node)), (
                    path
                )
