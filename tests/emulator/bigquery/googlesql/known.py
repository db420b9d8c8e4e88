"""Statements that come out otherwise than stated, and why: what is left to mend, or not ours.

By file and name of the test, or of the page and its heading.
"""

# ruff: noqa: E501 - names as their files have them

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
        "stat_aggregation.test": "corr_bignumeric_small_values_input",
    },
    "compared, justified and grouped as DuckDB has it": {
        "interval.test": (
            "analytic_min_max; analytic_moving_avg; approx_count_distinct; approx_top_count; "
            "group_by_interval_nanosecond_precision; justify_days; justify_interval; "
            "make_interval_overflow"
        ),
    },
    "Google refuses it": {
        "analytic_lag.test": "lag_window_frame",
        "analytic_lead.test": "lead_window_frame",
        "dml_delete.test": "delete_dml_exists_subquery_with_scan",
        "dml_insert.test": "insert_with_failed_assignment_coercion_to_int32",
        "dml_update.test": "assignment_coercion_int64_to_int32_failed; update_with_join_too_many_rows",
        "json_queries.test": "json_object_arrays_null_keys; json_object_arrays_null_keys_and_values",
        "misc.test": "safe_error_fn_with_error",
        "strings.test": "format_invalid_true2",
    },
    "NaN equals itself and is the greatest number": {
        "analytic_avg.test": (
            "analytic_avg_range_current_and_following_double_asc; "
            "analytic_avg_range_current_and_following_double_desc"
        ),
        "analytic_count.test": (
            "analytic_count_over_range_between_preceding_and_following_orderby_float_desc_with_nan"
        ),
        "analytic_cume_dist.test": "cume_dist_double",
        "analytic_dense_rank.test": "dense_rank_double",
        "analytic_min_max.test": "analytic_min_float_double_2",
        "analytic_ntile.test": "ntile_double",
        "analytic_partitionby_orderby.test": "orderby_float_4; rank_orderby_double",
        "analytic_percent_rank.test": "percent_rank_double",
        "analytic_rank.test": "rank_double",
        "analytic_sum.test": (
            "analytic_sum_double_overflow_3; "
            "analytic_sum_range_preceding_and_following_orderby_float_desc_with_nan; "
            "analytic_sum_range_unbounded_and_following_0; "
            "analytic_sum_range_unbounded_and_following_1; "
            "analytic_sum_range_unbounded_and_preceding_order_by_double_asc; "
            "analytic_sum_range_unbounded_and_preceding_order_by_double_desc"
        ),
        "analytic_window_frames.test": "range_window_nan_offset_3; range_window_nan_offset_4",
        "comparison_functions.test": (
            "between_min_and_nan; between_nan_and_nan; between_with_nan_and_null; "
            "is_distinct_nan_struct; not_between_with_nan_and_null"
        ),
        "orderby_queries.test": "orderby_doubles",
    },
    "to be looked at": {
        "analytic_avg.test": "analytic_avg_distinct_numeric_no_overflow_1",
        "analytic_min_max.test": "analytic_min_distinct_2",
        "analytic_percentile_cont.test": (
            "analytic_percentile_cont; analytic_percentile_cont_interpolation; "
            "analytic_percentile_cont_numeric"
        ),
        "array_functions.test": "regression_repro_b287339825",
        "cast_function.test": "timestamp_to_string; timestamp_to_string_2",
        "civil_time.test": "time_on_string_literal_or_parameter",
        "concat_function.test": "concat_all_basic_types; concat_timestamp",
        "date.test": "date_from_string_parameter",
        "json_queries.test": "json_empty_json_path_matching; json_remove_null_jsonpath",
        "math_functions.test": "math_abs_zero",
        "safe_function.test": "safe_regexp_instr",
        "strings.test": (
            "format_utf8; format_with_non_const_arg; format_with_utf8; split_nulls; "
            "strings_function_regexp_instr; to_json_string_with_escaped_field_names"
        ),
        "struct_queries.test": "struct_equality_null_field; struct_union_different_names",
        "timestamp_with_default_time_zone_2.test": (
            "epoch_casts_between_string_and_timestamp; "
            "literal_string_without_timezone_to_timestamp_1; timestamp_from_date; "
            "timestamp_to_string_1; timestamp_to_string_2; timestamp_to_string_3; "
            "timestamp_type_1"
        ),
        "timezones.test": (
            "extract_datetime_from_timestamp; extract_from_timestamp; "
            "extract_time_from_timestamp; format_timestamp; parse_timestamp; "
            "string_from_timestamp; timestamp_trunc"
        ),
        "union_distinct_queries.test": "union_distinct_datatype_struct",
        "unnest_queries.test": "unnest_numeric",
        "unpivot.test": "unpivot_non_deterministic_input",
        "value_table_queries.test": (
            "value_table_scalar_distinct; value_table_source_struct_self; "
            "value_table_source_struct_star; value_table_struct_single_row; "
            "value_table_struct_single_row_column; value_table_struct_union; "
            "value_table_struct_union_all; value_table_with_struct_star"
        ),
        "with_recursive.test": "recursive_query_string_pattern_match",
    },
    "sums of FLOAT64 may be infinite": {
        "aggregation_distinct_queries.test": "aggregation_distinct_sum_9; aggregation_distinct_sum_9_with_group_by",
        "analytic_sum.test": (
            "analytic_sum_distinct_overflow_double_1; "
            "analytic_sum_distinct_overflow_double_2; analytic_sum_double_overflow_1; "
            "analytic_sum_double_overflow_2"
        ),
    },
    "the page leaves it open, is mistaken, or is to be looked at": {
        "aggregate_functions.md": "ARRAY_AGG; GROUPING",
        "arrays.md": "Filtering arrays",
        "data-types.md": "Daylight saving time",
        "json_functions.md": "No strict validation of extracted values; Non-validation of STRING inputs",
        "navigation_functions.md": "LAG; LEAD",
        "operators.md": "Array elements field access operator; IN operator",
        "query-syntax.md": "Group rows by ROLLUP; Range variables",
        "statistical_aggregate_functions.md": "COVAR_SAMP",
        "string_functions.md": "TRIM",
        "timestamp_functions.md": "EXTRACT",
        "window-function-calls.md": "Farm table; Produce table",
    },
    "in FLOAT64 throughout, and otherwise of infinities": {
        "analytic_stat_aggregation.test": (
            "analytic_stats_double_column_bounded_begin; "
            "analytic_stats_double_column_bounded_end; "
            "analytic_stats_double_column_corr_return_nan_value_1; "
            "analytic_stats_double_column_corr_return_nan_value_2; "
            "analytic_stats_double_column_corr_return_nan_value_3; "
            "analytic_stats_double_column_corr_return_nan_value_numeric_1; "
            "analytic_stats_double_column_cumulative; "
            "analytic_stats_double_column_moving_window; "
            "analytic_stats_double_column_range_offset_preceding; "
            "analytic_stats_single_column_range_offset_preceding; "
            "analytic_stats_single_column_rows_unbounded_current_row_params; "
            "analytic_stats_single_column_rows_unbounded_current_row_params_2; "
            "analytic_stats_single_column_stddev_samp_double_extreme"
        ),
        "stat_aggregation.test": (
            "corr_double_extreme_negative_slope; covar_pop_negative_inf; "
            "covar_pop_positive_inf; stddev_pop_double_extreme; "
            "stddev_pop_numeric_high_prec_values; stddev_pop_single_row_nan; "
            "stddev_pop_single_row_negative_inf; stddev_pop_single_row_positive_inf; "
            "stddev_samp_double_extreme; stddev_samp_numeric_high_prec_values; "
            "var_pop_numeric_high_prec_values; var_pop_single_row_nan; "
            "var_pop_single_row_negative_inf; var_pop_single_row_positive_inf; "
            "var_samp_numeric_high_prec_values"
        ),
    },
}
KNOWN: dict[tuple[str, str], str] = {
    (file, name): reason
    for reason, files in _BY_REASON.items()
    for file, names in files.items()
    for name in names.split("; ")
}
