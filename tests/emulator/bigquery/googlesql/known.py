"""Statements that come out otherwise than stated, and why: what is left to mend, or not ours.

By file and name of the test, or of the page and its heading.
"""

from __future__ import annotations

_BY_REASON: dict[str, dict[str, str]] = {
    "18 digits after the point": {
        "orderby_numeric_queries.test": (
            "orderby_duplicates_single_base_column_bignumeric_asc; "
            "orderby_duplicates_single_base_column_bignumeric_desc; "
            "orderby_multi_base_column_bignumeric_asc; "
            "orderby_multi_base_column_bignumeric_desc; "
            "orderby_single_base_column_bignumeric_asc; "
            "orderby_single_base_column_bignumeric_desc"
        ),
    },
    "Google refuses it": {
        "misc.test": "safe_error_fn_with_error",
        "strings.test": "format_invalid_true2",
    },
    "NaN equals itself and is the greatest number": {
        "analytic_window_frames.test": "range_window_nan_offset_3; range_window_nan_offset_4",
        "comparison_functions.test": "is_distinct_nan_struct",
        "orderby_queries.test": "orderby_doubles",
    },
    "equal values, of which either may stand for the others": {
        "interval.test": "analytic_min_max; approx_top_count",
    },
    "of INT32, or of what only Google's reference does not do": {
        "dml_delete.test": "delete_dml_exists_subquery_with_scan",
        "dml_insert.test": "insert_with_failed_assignment_coercion_to_int32",
        "dml_update.test": "assignment_coercion_int64_to_int32_failed",
    },
    "the page leaves it open, is mistaken, or is to be looked at": {
        "aggregate_functions.md": "ARRAY_AGG; GROUPING",
        "arrays.md": "Filtering arrays",
        "data-types.md": "Daylight saving time",
        "json_functions.md": (
            "No strict validation of extracted values; Non-validation of STRING inputs"
        ),
        "navigation_functions.md": "LAG; LEAD",
        "operators.md": "Array elements field access operator; IN operator",
        "query-syntax.md": "Group rows by ROLLUP; Range variables",
        "statistical_aggregate_functions.md": "COVAR_SAMP",
        "string_functions.md": "TRIM",
        "timestamp_functions.md": "EXTRACT",
        "window-function-calls.md": "Farm table; Produce table",
    },
    "to be looked at": {
        "strings.test": (
            "format_utf8; "
            "format_with_non_const_arg; "
            "format_with_utf8; "
            "split_nulls; "
            "strings_function_regexp_instr; "
            "to_json_string_with_escaped_field_names"
        ),
        "struct_queries.test": "struct_equality_null_field; struct_union_different_names",
        "timezones.test": (
            "extract_datetime_from_timestamp; "
            "extract_from_timestamp; "
            "extract_time_from_timestamp; "
            "format_timestamp; "
            "parse_timestamp; "
            "string_from_timestamp; "
            "timestamp_trunc"
        ),
        "union_distinct_queries.test": "union_distinct_datatype_struct",
        "unnest_queries.test": "unnest_numeric",
        "unpivot.test": "unpivot_non_deterministic_input",
        "value_table_queries.test": (
            "value_table_scalar_distinct; "
            "value_table_source_struct_self; "
            "value_table_source_struct_star; "
            "value_table_struct_single_row; "
            "value_table_struct_single_row_column; "
            "value_table_struct_union; "
            "value_table_struct_union_all; "
            "value_table_with_struct_star"
        ),
        "with_recursive.test": "recursive_query_string_pattern_match",
    },
    "written for another default time zone than UTC": {
        "cast_function.test": "timestamp_to_string; timestamp_to_string_2",
        "civil_time.test": "time_on_string_literal_or_parameter",
        "concat_function.test": "concat_all_basic_types; concat_timestamp",
        "date.test": "date_from_string_parameter",
        "timestamp_with_default_time_zone_2.test": (
            "epoch_casts_between_string_and_timestamp; "
            "literal_string_without_timezone_to_timestamp_1; "
            "timestamp_from_date; "
            "timestamp_to_string_1; "
            "timestamp_to_string_2; "
            "timestamp_to_string_3; "
            "timestamp_type_1"
        ),
    },
}
KNOWN: dict[tuple[str, str], str] = {
    (file, name): reason
    for reason, files in _BY_REASON.items()
    for file, names in files.items()
    for name in names.split("; ")
}
