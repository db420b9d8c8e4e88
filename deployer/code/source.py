"""What a Python file says without being run: its imports, texts, decorated functions, wishes."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from deployer.code.syntax import called, constants, literal

SETTING_CALLS = frozenset(
    {"getenv", "get_secret_value", "env_var", "mage_secret_var", "aws_secret_var"}
    | {"azure_secret_var", "gcp_secret_var", "hashicorp_secret_var"}
)
"""Functions whose first argument names a setting."""
OTHER_PIPELINES = frozenset(
    {"trigger_pipeline", "check_status", "get_variable", "get_global_variable"}
    | {"get_global_variables", "set_global_variable", "delete_global_variable"}
)
"""Mage's functions whose first argument names a pipeline."""
IO_CONFIG = "io_config"
LOADERS = frozenset({"ConfigFileLoader", "IOConfig"})


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module: `from a.b import c` gives `a.b` with the name `c`."""

    module: str
    names: tuple[str, ...]
    level: int
    line: int
    optional: bool
    """Inside `try … except ImportError`: the code goes on without it."""


@dataclass(frozen=True, slots=True)
class Decorated:
    """A function at module level and the names of its decorators."""

    name: str
    line: int
    decorators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PipelineCall:
    """A call of one of OTHER_PIPELINES."""

    function: str
    pipelines: frozenset[str] | None
    """What it may name; None when that is decided at run time."""
    line: int


@dataclass(frozen=True, slots=True)
class Source:
    """The facts of one file."""

    path: Path
    imports: tuple[Import, ...] = ()
    strings: tuple[tuple[str, int], ...] = ()
    paths: tuple[str, ...] = ()
    """Texts and joined texts that stand where a path may stand."""
    attributes: frozenset[str] = frozenset()
    """Names after a dot: `df.to_sql` gives `to_sql`."""
    parameters: frozenset[str] = frozenset()
    settings: tuple[tuple[str, int], ...] = ()
    profiles: frozenset[str] | None = frozenset()
    """io_config profiles that are asked for; None when that is decided at run time."""
    decorated: tuple[Decorated, ...] = ()
    classes: tuple[Decorated, ...] = ()
    pipeline_calls: tuple[PipelineCall, ...] = ()
    mistake: tuple[int, str] | None = None
    """Line and message of a syntax error; the file has no other facts then."""


def source_of(path: Path, content: str | None = None) -> Source:
    """Facts of a file, or of code that is kept elsewhere under this path."""
    if content is not None:
        return _facts(path, content)
    seen = stamp(path)
    return _read(path, *seen) if seen else Source(path)


def stamp(path: Path) -> tuple[int, int] | None:
    """Changes whenever the file does; None when there is none."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size


@lru_cache(maxsize=4096)
def _read(path: Path, _changed: int, _size: int) -> Source:
    try:
        return _facts(path, path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        return Source(path, mistake=(1, "is not UTF-8 text"))
    except OSError as error:
        return Source(path, mistake=(0, f"cannot be read: {error.strerror}"))


def _facts(path: Path, text: str) -> Source:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `"\d"` and the like: the author's own matter
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        return Source(path, mistake=(line, getattr(error, "msg", None) or str(error)))
    nodes = list(ast.walk(tree))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return Source(
        path,
        imports=tuple(_imports(tree, optional=False)),
        strings=tuple(_strings(nodes)),
        paths=tuple(dict.fromkeys(_paths(nodes))),
        attributes=frozenset(node.attr for node in nodes if isinstance(node, ast.Attribute)),
        parameters=frozenset(node.arg for node in nodes if isinstance(node, ast.arg)),
        settings=tuple(_settings(nodes)),
        profiles=_profiles(nodes),
        decorated=tuple(_decorated(tree, functions)),
        classes=tuple(_decorated(tree, (ast.ClassDef,))),
        pipeline_calls=tuple(_pipeline_calls(nodes)),
    )


def _imports(node: ast.AST, *, optional: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, (), 0, child.lineno, optional)
        elif isinstance(child, ast.ImportFrom):
            names = tuple(alias.name for alias in child.names)
            yield Import(child.module or "", names, child.level, child.lineno, optional)
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            yield from _each_import(child.orelse, optional)
        elif isinstance(child, ast.Try) and _forgives(child):
            yield from _each_import(child.body, True)
            yield from _each_import([*child.handlers, *child.orelse, *child.finalbody], True)
        else:
            yield from _imports(child, optional=optional)


def _each_import(nodes: list[ast.stmt] | list[ast.AST], optional: bool) -> Iterator[Import]:
    yield from _imports(ast.Module(body=list(nodes), type_ignores=[]), optional=optional)  # type: ignore[arg-type]  # handlers are walked like statements


def _forgives(node: ast.Try) -> bool:
    """The code goes on when an import fails."""
    caught = {name for handler in node.handlers for name in _names(handler.type)}
    return bool(caught & {"ImportError", "ModuleNotFoundError", "Exception", ""})


def _names(node: ast.expr | None) -> Iterator[str]:
    if node is None:
        yield ""
    elif isinstance(node, ast.Tuple):
        for item in node.elts:
            yield from _names(item)
    else:
        yield called(node)


def _strings(nodes: list[ast.AST]) -> Iterator[tuple[str, int]]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node.lineno


def _paths(nodes: list[ast.AST]) -> Iterator[str]:
    """`join(repo, "data", "x.csv")`, `folder / "x.csv"`, `f"{repo}/x.csv"`, `"data/x.csv"`."""
    for node in nodes:
        if isinstance(node, ast.Call):
            texts = [text for text in map(literal, node.args) if text]
            if len(texts) > 1:
                yield "/".join(text.strip("/") for text in texts)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.Add):
            yield "/".join(_divided(node)).replace("//", "/")
        elif isinstance(node, ast.JoinedStr):
            yield from (text for text in map(literal, node.values) if text)
        elif text := literal(node):
            yield text


def _divided(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.BinOp):
        yield from _divided(node.left)
        yield from _divided(node.right)
    elif text := literal(node):
        yield text


def _settings(nodes: list[ast.AST]) -> Iterator[tuple[str, int]]:
    for node in nodes:
        if isinstance(node, ast.Call):
            if name := _asked(node):
                yield name, node.lineno
        elif (
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Load)
            and called(node.value) == "environ"
            and (name := literal(node.slice))
        ):
            yield name, node.lineno


def _asked(node: ast.Call) -> str | None:
    """The setting that a call asks for."""
    function = node.func
    from_environ = (
        isinstance(function, ast.Attribute)
        and function.attr in {"get", "pop", "__getitem__"}
        and called(function.value) == "environ"
    )
    if not (from_environ or called(function) in SETTING_CALLS):
        return None
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    first = node.args[0] if node.args else named.get("name") or named.get("key")
    return literal(first)


def _pipeline_calls(nodes: list[ast.AST]) -> Iterator[PipelineCall]:
    for node in nodes:
        if isinstance(node, ast.Call) and called(node.func) in OTHER_PIPELINES:
            named = {keyword.arg: keyword.value for keyword in node.keywords}
            first = node.args[0] if node.args else named.get("pipeline_uuid")
            found = constants(first, nodes) if first else None
            yield PipelineCall(
                called(node.func), None if found is None else frozenset(found), node.lineno
            )


def _profiles(nodes: list[ast.AST]) -> frozenset[str] | None:
    """Profiles of every ConfigFileLoader(path, profile); names are looked up in the file."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Call) and called(node.func) in LOADERS | {"use"}:
            profiles = _profile(node, nodes)
            if profiles is None:
                return None
            found |= profiles
    return frozenset(found)


def _profile(node: ast.Call, nodes: list[ast.AST]) -> set[str] | None:
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    name = called(node.func)
    if name == "IOConfig":
        return set()
    if name == "use":
        value = node.args[0] if node.args else named.get("profile")
        return constants(value, nodes) if value is not None else set()
    if None in named or any(isinstance(arg, ast.Starred) for arg in node.args):
        return None
    value = node.args[1] if len(node.args) > 1 else named.get("profile")
    return {"default"} if value is None else constants(value, nodes)


def _decorated(
    tree: ast.Module, types: tuple[type[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef], ...]
) -> Iterator[Decorated]:
    for node in _top_level(tree.body):
        if isinstance(node, types) and node.decorator_list:
            names = tuple(called(decorator) for decorator in node.decorator_list)
            yield Decorated(node.name, node.lineno, names)


def _top_level(nodes: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when the file runs, also under `if`, `try` and `with`."""
    for node in nodes:
        yield node
        for inside in ("body", "orelse", "finalbody"):
            if isinstance(node, ast.If | ast.Try | ast.With):
                yield from _top_level(getattr(node, inside, []))
