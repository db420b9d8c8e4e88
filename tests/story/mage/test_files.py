"""Imports, paths and data files, as people write them who started Mage in different places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.story.mage.making import Folder, succeeded

if TYPE_CHECKING:
    from tests.story.conftest import World

NAME = "places"
IMPORTS = """
import os

import utils.plain
from places.utils.helpers import NAME, table
from utils.helpers import NAME as BARE
from mage_ai.settings.repo import get_repo_path

MODULE_LEVEL = table()
os.environ['SET_BY_BLOCK'] = 'yes'

@data_loader
def load(*args, **kwargs):
    return {
        'names': [NAME, BARE, utils.plain.NAME],
        'table': MODULE_LEVEL,
        'repo': os.path.basename(get_repo_path()),
        'environment': os.environ['SET_BY_BLOCK'],
        'file': '__file__' in globals(),
        'name': __name__,
    }
"""
HELPERS = """
import csv
from pathlib import Path

NAME = 'helper'


def table():
    with open('/home/src/default_repo/data/rows.csv') as file:
        return list(csv.reader(file))
"""
PATHS = """
import os
from os import path
from mage_ai.settings.repo import get_repo_path

@data_loader
def load(*args, **kwargs):
    wanted = {
        'repo': path.join(get_repo_path(), 'data/rows.csv'),
        'image': '/home/src/places/data/rows.csv',
        'another name': '/home/src/default_repo/data/rows.csv',
        'project in its place': '/home/src/data/rows.csv',
        'relative to the parent': 'places/data/rows.csv',
        'kwargs': os.path.join(kwargs['repo_path'], 'data', 'rows.csv'),
    }
    return {name: open(place).read() for name, place in wanted.items()}
"""
WRITES = """
import os

@data_loader
def load(*args, **kwargs):
    found = []
    for place in ('out.csv', '/home/src/out2.csv', '/tmp/out3.csv', 'places/data/out4.csv'):
        with open(place, 'w') as file:
            file.write('1')
        found.append(open(place).read())
    return ''.join(found)
"""


@pytest.fixture(scope="module")
def places(world: World, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    project = Folder(tmp_path_factory.mktemp("projects") / NAME)
    project.file("metadata.yaml", "project_type: standalone\n")
    project.file("utils/__init__.py", "")
    project.file("utils/helpers.py", HELPERS)
    project.file("utils/plain.py", "NAME = 'plain'\n")
    project.file("data/rows.csv", "a,b\n1,2\n")
    for name, code in {"imports": IMPORTS, "paths": PATHS, "writes": WRITES}.items():
        project.pipeline(f"pl_{name}", project.block(name, "data_loader", code))
    world.blocklift("deploy", project.root)
    return project


def test_modules_of_the_project_by_every_name(world: World, places: Folder) -> None:
    assert succeeded(world, NAME, "pl_imports").output("imports") == {
        "names": ["helper", "helper", "plain"],
        "table": [["a", "b"], ["1", "2"]],
        "repo": "places",
        "environment": "yes",
        "file": False,
        "name": "builtins",
    }


def test_data_files_by_every_path(world: World, places: Folder) -> None:
    found = succeeded(world, NAME, "pl_paths").output("paths")
    assert set(found.values()) == {"a,b\n1,2\n"}
    assert len(found) == 6


def test_a_block_may_write_where_mage_let_it(world: World, places: Folder) -> None:
    assert succeeded(world, NAME, "pl_writes").output("writes") == "1111"
