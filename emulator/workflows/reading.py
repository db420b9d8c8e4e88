"""A source of either form → tree."""

from __future__ import annotations

import yaml

from emulator.workflows.choices import Choices
from emulator.workflows.json_source import JsonMistake, JsonReader
from emulator.workflows.source import Place, Problems
from emulator.workflows.tree import Tree
from emulator.workflows.yaml_source import read_yaml


def read(text: str, problems: Problems, choices: Choices) -> Tree | None:
    """None, and a problem, when there is no tree to look at."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    try:
        if text.lstrip()[:1] in {"{", "["}:
            return read_braces(text, problems, choices)
        return yaml_tree(text, problems, choices)
    except RecursionError:
        problems.add(Place(1, 1), "parse error: the source is nested too deeply")
    except yaml.reader.ReaderError as error:
        problems.add(place_of(text, error.position), f"parse error: {error.reason}")
    return None


def read_braces(text: str, problems: Problems, choices: Choices) -> Tree | None:
    """JSON, or YAML in braces; when it is neither, JSON's complaint is the helpful one."""
    reader = JsonReader(text, problems)
    try:
        return reader.read()
    except JsonMistake as mistake:
        attempt = Problems()
        tree = yaml_tree(text, attempt, choices)
        if tree is None:
            problems.add(reader.place(mistake.offset), f"parse error: {mistake.message}")
        else:
            problems.found = attempt.found
        return tree


def yaml_tree(text: str, problems: Problems, choices: Choices) -> Tree | None:
    return read_yaml(text, problems, words_are_strings=choices.yaml_11_words == "string")


def place_of(text: str, offset: int) -> Place:
    before = text[:offset]
    return Place(before.count("\n") + 1, offset - before.rfind("\n"))
