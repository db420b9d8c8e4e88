"""The house rules that no reader should have to check: import directions, cycles, sizes."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("runtime", "deployer", "emulator", "studio")
MAY_IMPORT = {
    "runtime": {"runtime"},
    "deployer": {"deployer", "runtime"},
    "emulator": {"emulator"},
    "studio": {"studio", "deployer", "runtime"},
}
STDLIB = frozenset(sys.stdlib_module_names)


def modules(package: str) -> Iterator[Path]:
    for path in sorted((ROOT / package).rglob("*.py")):
        if "node_modules" not in path.parts:
            yield path


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def at_import_time(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that run when a module is imported: not inside functions or TYPE_CHECKING."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from at_import_time(node)


def imported(path: Path, nodes: Iterator[ast.AST]) -> Iterator[str]:
    package = name_of(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            prefix = ".".join([*base, node.module or ""]).strip(".")
            yield prefix
            yield from (f"{prefix}.{alias.name}" for alias in node.names)


def test_imports_point_one_way() -> None:
    wrong = [
        f"{name_of(path)} imports {name}"
        for package in PACKAGES
        for path in modules(package)
        for name in imported(path, ast.walk(ast.parse(path.read_text())))
        if name.split(".")[0] in PACKAGES and name.split(".")[0] not in MAY_IMPORT[package]
    ]
    assert not wrong, "\n".join(wrong)


def test_the_workflows_language_stands_alone() -> None:
    wrong = [
        f"{name_of(path)} imports {name}"
        for path in modules("emulator/workflows")
        for name in imported(path, ast.walk(ast.parse(path.read_text())))
        if name.startswith("emulator") and not name.startswith("emulator.workflows")
        if name != "emulator"
    ]
    assert not wrong, "\n".join(wrong)


def test_no_import_cycles() -> None:
    paths = {name_of(path): path for package in PACKAGES for path in modules(package)}
    graph = {
        name: {
            target
            for target in imported(path, at_import_time(ast.parse(path.read_text())))
            if target in paths and target != name and not name.startswith(f"{target}.")
        }
        for name, path in paths.items()
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join([*trail, name])
        if name in done:
            return
        for target in sorted(graph[name]):
            visit(target, (*trail, name))
        done.add(name)

    for name in graph:
        visit(name, ())


def test_importing_the_runtime_imports_only_the_standard_library() -> None:
    names = [name_of(p) for p in modules("runtime") if "mage_ai" not in p.parts]
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    code += "".join(f"import {name}\n" for name in names)
    code += "print(*{m.partition('.')[0] for m in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-IS", "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {m for m in loaded if not m.startswith("_")} <= STDLIB | {"runtime"}


def test_no_function_is_longer_than_fifty_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {body_lines(node)} lines"
        for package in PACKAGES
        for path in modules(package)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and body_lines(node) > 50
    ]
    assert not long, "\n".join(long)


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in modules(package)
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent, "\n".join(silent)


def test_the_test_tree_mirrors_the_source_tree() -> None:
    """A test file stands for a module of the same place and name, or for a whole folder."""
    homeless = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        inside = path.relative_to(ROOT / "tests")
        if inside.parts[0] not in PACKAGES:
            continue
        stem = inside.stem.removeprefix("test_")
        home = ROOT / inside.parent
        modules_of = (home / f"{stem}.py", home / f"__{stem}__.py")
        if not (any(m.exists() for m in modules_of) or (home / stem).is_dir() or home.name == stem):
            homeless.append(f"{path.relative_to(ROOT)}: no {inside.parent}/{stem}.py")
    assert not homeless, "\n".join(homeless)
