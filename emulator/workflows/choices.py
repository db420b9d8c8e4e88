"""Where Google's documentation is silent: each choice under one name.

`docs/deviations.md` lists them with the reason. A definition is parsed with its choices, and
runs with them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choices:
    """The defaults are what the emulator holds most likely."""

    # --- source
    yaml_11_words: str = "refuse"
    """`yes`, `on`, `010`, `12:30` unquoted: "refuse", or read as "string"."""
    shadowing: bool = False
    """A loop or `as` variable may have the name of a variable outside."""
    end_in_branch: bool = False
    """`next: end` may end a parallel branch."""
    jump_into_steps: bool = True
    """A step inside nested `steps` may be jumped to from outside."""
    jump_into_try: bool = False

    # --- expressions
    short_circuit: bool = True
    """`and`, `or` leave the right side alone when the left one decides."""
    string_plus_number: bool = True
    """`"a" + 1` is "a1"; otherwise a TypeError."""
    list_plus_list: bool = False
    floor_remainder: bool = True
    """`%` has the sign of the divisor (Python), otherwise of the dividend (Go)."""
    string_order: bool = True
    """`<` compares strings, by code point."""
    negative_index: bool = False
    """`l[-1]` is the last element; otherwise an IndexError."""
    string_index: bool = False
    whole_double: str = "2.0"
    """How string(2.0) writes it: "2.0" or "2"."""
    unset_tag: str = "KeyError"
    """What reading a variable before it has a value raises."""
    overflow_tag: str = "OverflowError"
    create_intermediate_maps: bool = True
    """`m.a.b: 1` makes `m.a` when it is missing."""

    # --- steps
    fresh_iterations: bool = True
    """Variables created in a loop body are gone at the next iteration."""
    branch_id_base: int = 1
    """Number of the first iteration in UnhandledBranchError."""

    too_many_branch_errors: str = "truncate"
    """The 101st unhandled error of branches: cut the list ("truncate"), or "fail"."""

    absent_max_retries: int = 5
    """What `retry` without `max_retries` means: the number of the default policies."""

    # --- library
    sorted_keys: bool = True
    """keys(m) and JSON texts are in the order of the alphabet, otherwise of insertion."""
    delete_missing_key: bool = False
    """map.delete of a missing key is no error."""
    missing_variable: str = "KeyError"
    """sys.get_env without default: this error, or "null"."""
    regex_groups: bool = True
    r"""`\1` in text.replace_all_regex stands for a group."""
    integer_floor: bool = True
    """math.floor gives an integer."""


CHOICES = Choices()
