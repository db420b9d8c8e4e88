"""Files of the bundle and of the function's own disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runtime.context import repo_path
from runtime.libraries import library
from runtime.mage_ai.io.base import BaseFile, FileFormat


class FileIO(BaseFile):
    """Load and export a file; with directories, all their files become one table."""

    def __init__(self, verbose: bool = False, **_options: Any) -> None:
        super().__init__(verbose=verbose)

    def load(
        self,
        filepath: Any = None,
        format: FileFormat | str | None = None,
        file_directories: list[str] | str | None = None,
        **kwargs: Any,
    ) -> Any:
        if file_directories:
            return self._load_all(file_directories, format, kwargs)
        self.say(f"Loading data from file {str(filepath)!r}")
        place = filepath if hasattr(filepath, "read") or "://" in str(filepath) else local(filepath)
        return self._read(place, self._get_file_format(str(filepath), format), **kwargs)

    def _load_all(self, folders: Any, format: Any, kwargs: dict[str, Any]) -> Any:
        pandas = library("pandas", feature="reading a table")
        names = [folders] if isinstance(folders, str) else folders
        files = [f for name in names for f in sorted(Path(local(name)).iterdir()) if f.is_file()]
        frames = [self._read(f, self._get_file_format(f, format), **kwargs) for f in files]
        return pandas.concat(frames) if frames else pandas.DataFrame()

    def export(
        self,
        df: Any,
        filepath: Any,
        format: FileFormat | str | None = None,
        **kwargs: Any,
    ) -> None:
        self.say(f"Exporting data to {str(filepath)!r}")
        place = local(filepath)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(self._encoded(df, self._get_file_format(filepath, format), **kwargs))

    def exists(self, filepath: Any) -> bool:
        return local(filepath).exists()


def local(name: Any) -> Path:
    """The path as it is, else inside the project: Mage runs beside the project's folder."""
    path = Path(name).expanduser()
    inside = Path(repo_path(), path)
    return inside if not path.exists() and inside.exists() else path
