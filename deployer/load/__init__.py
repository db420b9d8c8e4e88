"""Folder → Project: what the author wrote, or every mistake in it at once.

`survey` never fails: it gives what could be read and the problems found on the way.
`load` is `survey` for those who need the whole project: it raises when anything is wrong.

templates   Jinja before YAML, lines kept
document    YAML that remembers its lines
files       from an entry to the file of its code
blocks, triggers, pipelines, config, project    the files of a project, each in one module
"""

from deployer.load.project import find_projects, load, survey

__all__ = ["find_projects", "load", "survey"]
