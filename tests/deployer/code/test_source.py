"""What a file says without being run."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from deployer.code.source import Source, source_of


def of(code: str) -> Source:
    return source_of(Path("block.py"), dedent(code))


def test_imports_wherever_they_stand() -> None:
    found = of(
        """
        import a.b, c
        from d.e import f, g
        def work():
            from . import h
        if 'x' not in globals():
            from i import x
        if TYPE_CHECKING:
            import not_at_run_time
        try:
            import j
        except ImportError:
            import k
        try:
            import l
        except KeyError:
            pass
        """
    )
    told = {(i.module, i.names, i.level): i.optional for i in found.imports}
    assert told == {
        ("a.b", (), 0): False,
        ("c", (), 0): False,
        ("d.e", ("f", "g"), 0): False,
        ("", ("h",), 1): False,
        ("i", ("x",), 0): False,
        ("j", (), 0): True,
        ("k", (), 0): True,
        ("l", (), 0): False,
    }


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("os.environ['A']", ["A"]),
        ("os.environ.get('A', 'x')", ["A"]),
        ("environ['A']", ["A"]),
        ("os.getenv('A')", ["A"]),
        ("getenv(key='A')", ["A"]),
        ("get_secret_value('a')", ["a"]),
        ("os.environ['A'] = 'x'", []),
        ("os.getenv(name)", []),
        ("config.get('A')", []),
    ],
)
def test_settings(code: str, names: list[str]) -> None:
    assert [name for name, _ in of(code).settings] == names


@pytest.mark.parametrize(
    ("code", "profiles"),
    [
        ("ConfigFileLoader(path)", {"default"}),
        ("ConfigFileLoader(path, 'dev')", {"dev"}),
        ("ConfigFileLoader(path, profile='dev')", {"dev"}),
        ("p = 'dev'\nConfigFileLoader(path, p)", {"dev"}),
        ("p = 'dev'\np = 'prod'\nConfigFileLoader(path, p)", {"dev", "prod"}),
        ("p = kwargs['p']\nConfigFileLoader(path, p)", None),
        ("def f(p='x'): ConfigFileLoader(path, p)", None),
        ("ConfigFileLoader(path, f'{env}')", None),
        ("ConfigFileLoader(*args)", None),
        ("IOConfig(path).use('dev')", {"dev"}),
        ("1 + 1", set()),
    ],
)
def test_profiles(code: str, profiles: set[str] | None) -> None:
    assert of(code).profiles == profiles


def test_paths_that_are_put_together() -> None:
    found = of(
        """
        path.join(get_repo_path(), 'data', 'x.csv')
        folder / 'data' / 'y.csv'
        open(f'{repo}/data/z.csv')
        repo + '/data/w.csv'
        """
    )
    assert {"data/x.csv", "data/y.csv", "/data/z.csv", "/data/w.csv"} <= set(found.paths)


def test_decorated_functions_of_the_module_only() -> None:
    found = of(
        """
        @data_loader
        def load(): ...
        if True:
            @test
            @other.thing('x')
            def check(): ...
        class A:
            @transformer
            def inside(self): ...
        """
    )
    assert [(f.name, f.decorators) for f in found.decorated] == [
        ("load", ("data_loader",)),
        ("check", ("test", "thing")),
    ]


@pytest.mark.parametrize("code", ["def f(:\n    pass", "x = (\n", "\x00", "print 'two'"])
def test_a_syntax_error_has_its_line(code: str) -> None:
    mistake = of(code).mistake
    assert mistake is not None
    assert mistake[0] >= 1


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("import a")
    assert source_of(path).imports[0].module == "a"
    path.write_text("import longer")
    assert source_of(path).imports[0].module == "longer"
