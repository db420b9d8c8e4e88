"""The words of transformer actions."""

from __future__ import annotations

from enum import StrEnum


class ActionType(StrEnum):
    """What can be done to a table; some are only names, in Mage too."""

    ADD = "add"
    AVERAGE = "average"
    CLEAN_COLUMN_NAME = "clean_column_name"
    COUNT = "count"
    COUNT_DISTINCT = "count_distinct"
    CUSTOM = "custom"
    DIFF = "diff"
    DROP_DUPLICATE = "drop_duplicate"
    EXPAND_COLUMN = "expand_column"
    EXPLODE = "explode"
    FILTER = "filter"
    FIRST = "first"
    FIX_SYNTAX_ERRORS = "fix_syntax_errors"
    GROUP = "group"
    IMPUTE = "impute"
    JOIN = "join"
    LAST = "last"
    LIMIT = "limit"
    MAX = "max"
    MEDIAN = "median"
    MIN = "min"
    MODE = "mode"
    NORMALIZE = "normalize"
    REFORMAT = "reformat"
    REMOVE = "remove"
    REMOVE_OUTLIERS = "remove_outliers"
    SCALE = "scale"
    SELECT = "select"
    SHIFT_DOWN = "shift_down"
    SHIFT_UP = "shift_up"
    SORT = "sort"
    STANDARDIZE = "standardize"
    SUM = "sum"
    UNION = "union"
    UPDATE_TYPE = "update_type"
    UPDATE_VALUE = "update_value"


class Axis(StrEnum):
    """Whether an action is about columns or rows."""

    COLUMN = "column"
    ROW = "row"


class VariableType(StrEnum):
    """Kinds of action variables."""

    FEATURE = "feature"
    FEATURE_SET = "feature_set"
    FEATURE_SET_VERSION = "feature_set_version"


class Operator(StrEnum):
    """Comparisons in a filter."""

    CONTAINS = "contains"
    NOT_CONTAINS = "not contains"
    EQUALS = "=="
    NOT_EQUALS = "!="
    GREATER_THAN = ">"
    GREATER_THAN_OR_EQUALS = ">="
    LESS_THAN = "<"
    LESS_THAN_OR_EQUALS = "<="


class ImputationStrategy(StrEnum):
    """What to put where a value is missing."""

    AVERAGE = "average"
    COLUMN = "column"
    CONSTANT = "constant"
    MEDIAN = "median"
    MODE = "mode"
    NOOP = "no_action"
    RANDOM = "random"
    ROW_RM = "remove_rows"
    SEQ = "sequential"
