-- One macro a line: head := body. What each does is its function's page under "GoogleSQL functions";
-- a NULL argument gives NULL where Google's does.
bq_safe_divide(a, b) := case when b = 0 then null when isinf(cast(a / b as double)) and not isinf(cast(a as double)) then null else a / b end
bq_ieee_divide(a, b) := cast(a as double) / cast(b as double)
bq_float_text(x) := case when x is null then null when isnan(x) then 'NaN' when isinf(x) then case when x > 0 then 'inf' else '-inf' end else regexp_replace(regexp_replace(cast(x as varchar), '\.0$', ''), 'e(\d)', 'e+\1') end
bq_lpad_text(s, n, p) := case when bq_fits('LPAD', n) and p = '' then cast(bq_fail('Third argument (pad pattern) for LPAD cannot be empty') as varchar) when n <= length(s) then left(s, n) else lpad(s, cast(n as integer), p) end
bq_lpad(s blob, n, p blob) := bq_pad_bytes(s, cast(n as bigint), p, 1)
bq_rpad_text(s, n, p) := case when bq_fits('RPAD', n) and p = '' then cast(bq_fail('Third argument (pad pattern) for RPAD cannot be empty') as varchar) when n <= length(s) then left(s, n) else rpad(s, cast(n as integer), p) end
bq_rpad(s blob, n, p blob) := bq_pad_bytes(s, cast(n as bigint), p, 0)
bq_split(s varchar, d varchar) := case when d is null then null when s = '' then [''] when d = '' then string_split(s, '') else string_split(s, d) end
bq_contains_substr(s, t) := contains(lower(cast(s as varchar)), lower(t))
bq_code_points_to_string(xs) := case when len(list_filter(xs, lambda c: c is null)) > 0 then null else array_to_string(list_transform(xs, lambda c: chr(cast(c as integer))), '') end
bq_regexp_extract(s, r) := regexp_extract_all(s, r)[1]
bq_dow(x) := date_part('dow', x) + 1
bq_milli(x) := date_part('millisecond', x) % 1000
bq_micro(x) := date_part('microsecond', x) % 1000000
bq_micros(a, b) := epoch_us(a) - epoch_us(b)
bq_at(xs, i) := case when typeof(xs) = 'JSON' then error('This emulator does not support positions in JSON columns: JSON_QUERY has them') when i < 0 or i >= len(xs) then error('Array index ' || i || ' is out of bounds') else xs[i + 1] end
bq_at_1(xs, i) := case when i < 1 or i > len(xs) then error('Array index ' || i || ' is out of bounds') else xs[i] end
bq_safe_at(xs, i) := case when i < 0 then null else xs[i + 1] end
bq_safe_at_1(xs, i) := case when i < 1 then null else xs[i] end
bq_generate_array(a, b, s) := case when s = 0 then error('Sequence step cannot be 0.') when a is null or b is null or s is null then null else coalesce(list_transform(range(0, cast(floor(cast(b - a as double) / s) as bigint) + 1), lambda i: a + i * s), []) end
bq_generate_dates(a, b, s) := case when s = to_days(0) then [cast(cast(bq_fail('Sequence step cannot be 0.') as varchar) as date)] else list_transform(generate_series(cast(a as timestamp), cast(b as timestamp), s), lambda t: cast(t as date)) end
bq_generate_timestamps(a, b, s) := case when s = to_days(0) then [cast(cast(bq_fail('Sequence step cannot be 0.') as varchar) as timestamptz)] else generate_series(cast(a as timestamptz), cast(b as timestamptz), s) end
bq_ln(x) := case when x <= 0 then bq_fail('Floating point error in function: LN') else ln(x) end
bq_log(x, b) := ln(x) / ln(b)
bq_json_type(j) := case json_type(j) when 'VARCHAR' then 'string' when 'BOOLEAN' then 'boolean' when 'OBJECT' then 'object' when 'ARRAY' then 'array' when 'NULL' then 'null' else 'number' end
bq_json_get(j, k) := json_extract(j, '$."' || k || '"')
bq_in_zone(x, z) := cast(x as timestamptz) at time zone z
bq_timestamp_in(x, z) := case when typeof(x) = 'VARCHAR' then cast(cast(x as varchar) as timestamp) at time zone z else cast(cast(x as varchar) as timestamp) at time zone z end
bq_range_bucket(p, xs) := len(list_filter(xs, lambda x: x <= p))
bq_array_to_string(xs, d) := array_to_string(list_filter(xs, lambda x: x is not null), d)
bq_array_to_string_or(xs, d, n) := array_to_string(list_transform(xs, lambda x: coalesce(x, n)), d)
-- Several lines of one name are its overloads, by the types of their arguments; one without types is for all others.
bq_fits(f, n) := case when n < 0 then bq_fail('Second argument in ' || f || '() cannot be negative') = 0 when n > 1048576 then bq_fail('Output of ' || f || ' exceeds max allowed output size of 1MB') = 0 else true end
bq_fail(m) := cast('!' || m as bigint)
bq_mod(a, b) := case when b = 0 then bq_fail('division by zero: MOD(' || a || ', ' || b || ')') else a % nullif(b, 0) end
bq_float_of(x) := case when regexp_full_match(trim(x), '(?i)[+-]?(\d+\.?\d*(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?|inf|infinity|nan)') then cast(trim(x) as double) else bq_fail('Bad double value: ' || x) end
bq_float64(x) := cast(x as double)
bq_float64(x varchar) := bq_float_of(x)
bq_safe_float64(x) := try_cast(x as double)
bq_safe_float64(x varchar) := try(bq_float_of(x))
bq_bool_of(x) := case lower(trim(x)) when 'true' then true when 'false' then false else cast(bq_fail('Bad bool value: ' || x) as boolean) end
bq_bool(x) := cast(x as boolean)
bq_bool(x varchar) := bq_bool_of(x)
bq_safe_bool(x) := try_cast(x as boolean)
bq_safe_bool(x varchar) := try(bq_bool_of(x))
bq_int_of(x) := case when regexp_full_match(x, '\s*[+-]?\d+\s*') then cast(x as bigint) when regexp_full_match(x, '\s*[+-]?0[xX][0-9a-fA-F]+\s*') then cast(regexp_replace(lower(trim(x)), '^[+-]', '') as bigint) * case when starts_with(trim(x), '-') then -1 else 1 end else bq_fail('Bad int64 value: ' || x) end
bq_int64(x double) := cast(bq_half_up(x) as bigint)
bq_int64(x varchar) := bq_int_of(x)
bq_half_up(x) := sign(x) * floor(abs(x) + 0.5)
bq_safe_int64(x double) := try_cast(bq_half_up(x) as bigint)
bq_safe_int64(x varchar) := try(bq_int_of(x))
bq_numeric_of(x) := case when regexp_full_match(trim(x), '[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?') then cast(x as decimal(38,9)) else cast(bq_fail('Invalid NUMERIC value: ' || x) as decimal(38,9)) end
bq_numeric(x varchar) := bq_numeric_of(x)
bq_numeric(x double) := cast(cast(x as varchar) as decimal(38,9))
bq_fraction(x) := case when date_part('microsecond', x) % 1000000 = 0 then '' when date_part('microsecond', x) % 1000 = 0 then strftime(x, '.%g') else strftime(x, '.%f') end
bq_zoned(x, z) := strftime(x at time zone z, '%Y-%m-%d %H:%M:%S') || bq_fraction(x at time zone z) || bq_offset(date_diff('minute', x at time zone 'UTC', x at time zone z))
bq_offset(m) := case when m < 0 then '-' else '+' end || lpad(cast(abs(m) // 60 as varchar), 2, '0') || case when m % 60 = 0 then '' else ':' || lpad(cast(abs(m) % 60 as varchar), 2, '0') end
bq_string(x) := case when typeof(x) = 'DOUBLE' then bq_float_text(try_cast(x as double)) when starts_with(typeof(x), 'DECIMAL') then regexp_replace(regexp_replace(cast(x as varchar), '(\.\d*?)0+$', '\1'), '\.$', '') else cast(x as varchar) end
bq_string(x blob) := bq_utf8(x)
bq_string(x varchar) := x
bq_string(x timestamptz) := bq_zoned(x, 'UTC')
bq_string(x timestamp) := strftime(x, '%Y-%m-%d %H:%M:%S') || bq_fraction(x)
bq_string(x time) := strftime(date '1970-01-01' + x, '%H:%M:%S') || bq_fraction(date '1970-01-01' + x)
bq_string(x interval) := bq_interval_text(date_part('year', x) * 12 + date_part('month', x), date_part('day', x), bq_clock(x))
bq_string(x date) := strftime(x, '%Y-%m-%d')
bq_string_in(x, z) := bq_zoned(cast(x as timestamptz), z)
bq_json_text(x) := bq_json_string(cast(x as varchar))
bq_json_text(x date) := bq_string(x)
bq_json_text(x timestamp) := bq_string(x)
bq_json_text(x timestamptz) := bq_string(x)
bq_json_text(x time) := bq_string(x)
bq_length(x varchar) := length(x)
bq_length(x blob) := octet_length(x)
bq_byte_length(x varchar) := strlen(x)
bq_byte_length(x blob) := octet_length(x)
bq_start(n, p) := case when p = 0 then 1 when p < -n then 1 when p < 0 then n + p + 1 else p end
bq_substr(s varchar, p bigint) := substring(s, bq_start(length(s), p))
bq_substr(s blob, p bigint) := s[bq_start(octet_length(s), p):]
bq_substr_for(s varchar, p bigint, n bigint) := case when n < 0 then cast(bq_fail('Third argument in SUBSTR() cannot be negative') as varchar) else substring(s, bq_start(length(s), p), n) end
bq_substr_for(s blob, p bigint, n bigint) := case when n < 0 then cast(bq_fail('Third argument in SUBSTR() cannot be negative') as varchar)::blob else s[bq_start(octet_length(s), p):bq_start(octet_length(s), p) + n - 1] end
bq_left(s varchar, n bigint) := case when n < 0 then cast(bq_fail('Second argument in LEFT() cannot be negative') as varchar) else left(s, n) end
bq_left(s blob, n bigint) := case when n < 0 then cast(bq_fail('Second argument in LEFT() cannot be negative') as varchar)::blob else s[1:n] end
bq_right(s varchar, n bigint) := case when n < 0 then cast(bq_fail('Second argument in RIGHT() cannot be negative') as varchar) else right(s, n) end
bq_right(s blob, n bigint) := case when n < 0 then cast(bq_fail('Second argument in RIGHT() cannot be negative') as varchar)::blob when n >= octet_length(s) then s else s[octet_length(s) - n + 1:] end
bq_reverse(s varchar) := reverse(s)
bq_reverse(s blob) := bq_reverse_bytes(s)
bq_as_bytes(s varchar) := encode(s)
bq_as_bytes(s blob) := s
bq_to_code_points(s varchar) := list_transform(string_split(s, ''), lambda c: cast(unicode(c) as bigint))
bq_to_code_points(s blob) := bq_points_of(s)
bq_unicode(s) := case when s = '' then 0 else unicode(s) end
bq_bit_count(x bigint) := bit_count(x)
bq_bit_count(x blob) := bq_bits(x)
bq_week(x, first) := (date_part('doy', cast(x as date)) - 1 + 7 - ((date_part('dow', cast(x as date)) - first + 7) % 7)) // 7
bq_week_of(x, first) := cast(x as date) - cast((date_part('dow', cast(x as date)) - first + 7) % 7 as integer)
bq_week_diff(a, b, first) := (bq_week_of(a, first) - bq_week_of(b, first)) // 7
bq_isoyear(x) := cast(date_trunc('week', make_date(cast(date_part('isoyear', cast(x as date)) as bigint), 1, 4)) as date)
bq_floor_div(a, n) := (a - ((a % n) + n) % n) // n
bq_unix_seconds(x) := bq_floor_div(epoch_us(x), 1000000)
bq_unix_millis(x) := bq_floor_div(epoch_us(x), 1000)
bq_array_first(xs) := case when len(xs) = 0 then error('ARRAY_FIRST cannot get the first element of an empty array') else xs[1] end
bq_array_last(xs) := case when len(xs) = 0 then error('ARRAY_LAST cannot get the last element of an empty array') else xs[len(xs)] end
bq_slice_at(n, p) := case when p < 0 then greatest(n + p, 0) else p end + 1
bq_array_slice(xs, a, b) := xs[bq_slice_at(len(xs), a):case when b < 0 then greatest(len(xs) + b + 1, 0) else b + 1 end]
bq_array_distinct(xs) := len(xs) = len(list_distinct(xs)) + case when len(list_filter(xs, lambda x: x is null)) > 0 then 1 else 0 end
bq_json_of(x) := cast(bq_parse_json(bq_json_made(x)) as json)
bq_as_json(x) := coalesce(bq_json_made(x), 'null')
bq_json_extract(x varchar, p varchar) := bq_json_query(x, p)
bq_json_extract(x json, p varchar) := cast(bq_json_sub(cast(x as varchar), p) as json)
bq_json_list(x varchar, p varchar) := bq_json_items(x, p)
bq_json_list(x json, p varchar) := cast(bq_json_items(cast(x as varchar), p) as json[])
bq_json_strings(x, p) := bq_json_scalars(x, p)
bq_json_get(x, k varchar) := cast(bq_json_sub(cast(x as varchar), '$."' || k || '"') as json)
bq_json_get(x, k bigint) := cast(bq_json_sub(cast(x as varchar), '$[' || k || ']') as json)
bq_justify_hours(i) := to_months(bq_months(i)) + to_days(cast(bq_day_clock(i) // 86400000000 as integer)) + to_microseconds(bq_day_clock(i) % 86400000000)
bq_clock(i) := date_part('hour', i) * 3600000000 + date_part('minute', i) * 60000000 + date_part('microsecond', i)
bq_justify_days(i) := to_months(cast((bq_months(i) * 30 + date_part('day', i)) // 30 as integer)) + to_days(cast((bq_months(i) * 30 + date_part('day', i)) % 30 as integer)) + to_microseconds(bq_clock(i))
bq_top_count(xs, n) := list_transform(list_slice(list_sort(list_concat(list_transform(list_distinct(xs), lambda v: {'n': len(list_filter(xs, lambda w: w = v)), 'v': v}), list_transform(list_slice(list_filter(xs, lambda v: v is null), 1, 1), lambda v: {'n': len(list_filter(xs, lambda w: w is null)), 'v': v})), 'DESC', 'NULLS LAST'), 1, n), lambda e: {'value': e.v, 'count': e.n})
bq_top_sum(xs, n) := case when len(list_filter(xs, lambda e: e.w < 0 or isnan(cast(e.w as double)))) > 0 and bq_fail('APPROX_TOP_SUM does not support negative or NaN weights in the second argument; got ' || list_min(list_transform(xs, lambda e: e.w))) = 0 then null else list_transform(list_slice(list_sort(list_transform(list_distinct(list_transform(xs, lambda e: {'x': e.x})), lambda v: bq_summed(list_filter(xs, lambda e: e.x is not distinct from v.x), v.x)), 'DESC', 'NULLS LAST'), 1, n), lambda e: {'value': e.v, 'sum': e.n}) end
bq_summed(es, x) := {'o': coalesce(cast(list_sum(list_transform(es, lambda e: e.w)) as double), -1), 'n': list_sum(list_transform(es, lambda e: e.w)), 'v': x}
bq_divide(a bigint, b bigint) := case when b = 0 then bq_fail('division by zero: ' || a || ' / ' || b) else cast(a as double) / b end
bq_divide(a hugeint, b hugeint) := case when b = 0 then bq_fail('division by zero: ' || a || ' / ' || b) else cast(a as double) / b end
bq_divide(a double, b double) := case when b = 0 then bq_fail('division by zero: ' || a || ' / ' || b) when isinf(a / b) and not isinf(a) then bq_fail('double overflow: ' || a || ' / ' || b) else cast(a as double) / b end
bq_divide(a decimal(38,9), b decimal(38,9)) := case when b = 0 then bq_fail('division by zero: ' || bq_string(a) || ' / ' || bq_string(b)) else bq_quotient(a, b) end
bq_div(a bigint, b bigint) := case when b = 0 then bq_fail('division by zero: DIV(' || a || ', ' || b || ')') else cast(trunc(cast(a as hugeint) // nullif(b, 0)) as bigint) end
bq_div(a hugeint, b hugeint) := case when b = 0 then bq_fail('division by zero: DIV(' || a || ', ' || b || ')') else cast(trunc(cast(a as hugeint) // nullif(b, 0)) as bigint) end
bq_div(a decimal(38,9), b decimal(38,9)) := case when b = 0 then bq_fail('division by zero: DIV(' || bq_string(a) || ', ' || bq_string(b) || ')') else bq_cut(bq_quotient(a, b), 0) end
bq_mul(a bigint, b bigint) := a * b
bq_mul(a hugeint, b hugeint) := a * b
bq_mul(a double, b double) := case when isinf(a * b) and not isinf(a) and not isinf(b) then bq_fail('double overflow: ' || a || ' * ' || b) else a * b end
bq_mul(a decimal(38,9), b decimal(38,9)) := cast(a * b as decimal(38,9))
bq_mul(a interval, b bigint) := a * b
bq_mul(a bigint, b interval) := b * a
bq_avg(x bigint) := avg(x)
bq_avg(x double) := avg(x)
bq_avg(x decimal(38,9)) := case when count(x) > 0 then bq_quotient(cast(sum(x) as decimal(38,9)), cast(count(x) as decimal(38,9))) end
bq_round(x bigint) := round(cast(x as double))
bq_round(x double) := round(cast(x as double))
bq_round(x decimal(38,9)) := cast(round(x) as decimal(38,9))
bq_trunc(x bigint) := trunc(cast(x as double))
bq_trunc(x double) := trunc(cast(x as double))
bq_trunc(x decimal(38,9)) := cast(trunc(x) as decimal(38,9))
bq_ceil(x bigint) := ceil(cast(x as double))
bq_ceil(x double) := ceil(cast(x as double))
bq_ceil(x decimal(38,9)) := cast(ceil(x) as decimal(38,9))
bq_floor(x bigint) := floor(cast(x as double))
bq_floor(x double) := floor(cast(x as double))
bq_floor(x decimal(38,9)) := cast(floor(x) as decimal(38,9))
bq_round_to(x bigint, n bigint) := round(cast(x as double), cast(n as integer))
bq_trunc_to(x bigint, n bigint) := trunc(cast(x as double) * pow(10, n)) / pow(10, n)
bq_sqrt(x bigint) := case when x < 0 then bq_fail('Floating point error in function: SQRT(' || x || ')') else sqrt(x) end
bq_pow(a bigint, b bigint) := pow(a, b)
bq_round_to(x double, n bigint) := round(cast(x as double), cast(n as integer))
bq_trunc_to(x double, n bigint) := trunc(cast(x as double) * pow(10, n)) / pow(10, n)
bq_sqrt(x double) := case when x < 0 then bq_fail('Floating point error in function: SQRT(' || x || ')') else sqrt(x) end
bq_pow(a double, b double) := pow(a, b)
bq_round_to(x decimal(38,9), n bigint) := bq_half_up_to(x, n)
bq_trunc_to(x decimal(38,9), n bigint) := bq_cut(x, n)
bq_sqrt(x decimal(38,9)) := cast(sqrt(cast(x as double)) as decimal(38,9))
bq_pow(a decimal(38,9), b decimal(38,9)) := cast(pow(cast(a as double), cast(b as double)) as decimal(38,9))
bq_int64(x decimal(38,9)) := cast(round(x) as bigint)
bq_safe_int64(x decimal(38,9)) := try_cast(round(x) as bigint)
bq_int64(x bigint) := x
bq_safe_int64(x bigint) := x
bq_numeric(x bigint) := cast(x as decimal(38,9))
bq_numeric(x decimal(38,9)) := x
bq_int64(x hugeint) := cast(x as bigint)
bq_safe_int64(x hugeint) := try_cast(x as bigint)
bq_int64(x boolean) := cast(x as bigint)
bq_safe_int64(x boolean) := cast(x as bigint)
bq_justify(i) := to_months(cast(bq_all_clock(i) // 2592000000000 as integer)) + to_days(cast(bq_all_clock(i) % 2592000000000 // 86400000000 as integer)) + to_microseconds(bq_all_clock(i) % 86400000000)
bq_cot(x) := case when x = 0 then bq_fail('double overflow: COT(0)') else 1 / tan(x) end
bq_sec(x) := 1 / cos(x)
bq_csc(x) := case when x = 0 then bq_fail('double overflow: CSC(0)') else 1 / sin(x) end
bq_as_numeric(x) := cast(bq_parse_numeric(x) as decimal(38,9))
bq_as_bignumeric(x) := bq_bignumeric_of(bq_parse_numeric(x))
bq_safe_add(a bigint, b bigint) := try(cast(a + b as bigint))
bq_safe_sub(a bigint, b bigint) := try(cast(a - b as bigint))
bq_safe_mul(a bigint, b bigint) := try(cast(a * b as bigint))
bq_safe_neg(a bigint) := try(-a)
bq_safe_add(a double, b double) := try(cast(a + b as double))
bq_safe_sub(a double, b double) := try(cast(a - b as double))
bq_safe_mul(a double, b double) := try(cast(a * b as double))
bq_safe_neg(a double) := try(-a)
bq_safe_add(a decimal(38,9), b decimal(38,9)) := try(cast(a + b as decimal(38,9)))
bq_safe_sub(a decimal(38,9), b decimal(38,9)) := try(cast(a - b as decimal(38,9)))
bq_safe_mul(a decimal(38,9), b decimal(38,9)) := try(cast(a * b as decimal(38,9)))
bq_safe_neg(a decimal(38,9)) := try(-a)
bq_safe_neg(a hugeint) := case when a between -9223372036854775807 and 9223372036854775807 then cast(-a as bigint) end
bq_bytes(x blob) := x
bq_bytes(x varchar) := encode(x)
bq_split(s blob, d blob) := bq_split_bytes(s, d)
bq_ends_with(s varchar, t varchar) := suffix(s, t)
bq_ends_with(s blob, t blob) := s[octet_length(s) - octet_length(t) + 1:] = t and octet_length(t) <= octet_length(s)
bq_starts_with(s varchar, t varchar) := starts_with(s, t)
bq_starts_with(s blob, t blob) := s[1:octet_length(t)] = t
bq_white() := chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(32) || chr(133) || chr(160) || chr(5760) || chr(8192) || chr(8193) || chr(8194) || chr(8195) || chr(8196) || chr(8197) || chr(8198) || chr(8199) || chr(8200) || chr(8201) || chr(8202) || chr(8232) || chr(8233) || chr(8239) || chr(8287) || chr(12288)
bq_trim(s varchar) := trim(s, bq_white())
bq_ltrim(s varchar) := ltrim(s, bq_white())
bq_rtrim(s varchar) := rtrim(s, bq_white())
bq_trim(s varchar, c varchar) := trim(s, c)
bq_ltrim(s varchar, c varchar) := ltrim(s, c)
bq_rtrim(s varchar, c varchar) := rtrim(s, c)
bq_trim(s blob, c blob) := bq_trim_bytes(s, c, 0)
bq_ltrim(s blob, c blob) := bq_trim_bytes(s, c, -1)
bq_rtrim(s blob, c blob) := bq_trim_bytes(s, c, 1)
bq_replace(s varchar, a varchar, b varchar) := case when a = '' then s else replace(s, a, b) end
bq_replace(s blob, a blob, b blob) := bq_replace_bytes(s, a, b)
bq_lower(s varchar) := lower(s)
bq_lower(s blob) := bq_lower_bytes(s)
bq_upper(s varchar) := upper(s)
bq_upper(s blob) := bq_upper_bytes(s)
bq_repeat(s varchar, n bigint) := case when n < 0 then cast(bq_fail('Repeat count cannot be negative') as varchar) when n * octet_length(encode(s)) > 1048576 then cast(bq_fail('Output of REPEAT exceeds max allowed output size of 1MB') as varchar) else repeat(s, n) end
bq_repeat(s blob, n bigint) := bq_repeat_bytes(s, n)
bq_strpos(s varchar, t varchar) := strpos(s, t)
bq_strpos(s blob, t blob) := case when octet_length(t) = 0 then 1 else bq_find_bytes(s, t, 1, 1) end
bq_instr_of(s varchar, t varchar, p bigint, n bigint) := bq_instr(s, t, p, n)
bq_instr_of(s blob, t blob, p bigint, n bigint) := bq_find_bytes(s, t, p, n)
bq_lpad(s varchar, n) := bq_lpad_text(s, n, ' ')
bq_lpad(s varchar, n, p varchar) := bq_lpad_text(s, n, p)
bq_rpad(s varchar, n) := bq_rpad_text(s, n, ' ')
bq_rpad(s varchar, n, p varchar) := bq_rpad_text(s, n, p)
bq_lpad(s blob, n) := bq_pad_bytes(s, cast(n as bigint), ' '::blob, 1)
bq_rpad(s blob, n) := bq_pad_bytes(s, cast(n as bigint), ' '::blob, 0)
bq_minus(a, b) := a - b
bq_minus(a date, b date) := to_days(cast(a - b as integer))
bq_minus(a timestamp, b timestamp) := to_microseconds(epoch_us(a) - epoch_us(b))
bq_minus(a timestamptz, b timestamptz) := to_microseconds(epoch_us(a) - epoch_us(b))
bq_corr(y, x) := case when regr_count(y, x) < 2 then null when isnan(corr(y, x)) and (isinf(var_pop(y)) or isinf(var_pop(x)) or isinf(covar_pop(y, x))) then bq_held(corr(y, x)) else corr(y, x) end
bq_at_most(s varchar, n) := case when length(s) > n then cast(bq_fail('STRING(' || n || ') has maximum length ' || n || ' but got a value with length ' || length(s)) as varchar) else s end
bq_at_most(s blob, n) := case when octet_length(s) > n then cast(bq_fail('BYTES(' || n || ') has maximum length ' || n || ' but got a value with length ' || octet_length(s)) as varchar)::blob else s end
bq_time(x) := cast(x as time)
bq_time(x varchar) := case when regexp_full_match(x, '([01]?\d|2[0-3]):[0-5]?\d:([0-5]?\d|60)(\.\d{0,9})?') then cast(x as time) else cast(bq_fail('Invalid time string "' || x || '"') as varchar)::time end
bq_datetime(x) := cast(x as timestamp)
bq_datetime(x varchar) := case when regexp_full_match(x, '\d+-\d+-\d+([ Tt]([01]?\d|2[0-3]):[0-5]?\d:([0-5]?\d|60)(\.\d{0,9})?)?') then cast(x as timestamp) else cast(bq_fail('Invalid datetime string "' || x || '"') as varchar)::timestamp end
bq_ascii(s) := case when s = '' then 0 when unicode(s) > 127 then bq_fail('First char of argument to ASCII is not a valid ASCII character: ' || s) else unicode(s) end
bq_in_years(x date) := case when x < date '0001-01-01' or x > date '9999-12-31' then cast(bq_fail('Arithmetic on DATE gives a value out of range') as varchar)::date else x end
bq_in_years(x timestamp) := case when x < timestamp '0001-01-01' or x >= timestamp '10000-01-01' then cast(bq_fail('Arithmetic on DATETIME gives a value out of range') as varchar)::timestamp else x end
bq_in_years(x timestamptz) := case when x < timestamptz '0001-01-01 00:00:00+00' or x >= timestamptz '10000-01-01 00:00:00+00' then cast(bq_fail('Arithmetic on TIMESTAMP gives a value out of range') as varchar)::timestamptz else x end
bq_in_years(x time) := x
bq_joined(x) := case when typeof(x) = 'DOUBLE' then bq_float_text(try_cast(x as double)) when starts_with(typeof(x), 'DECIMAL') then regexp_replace(regexp_replace(cast(x as varchar), '(\.\d*?)0+$', '\1'), '\.$', '') else cast(x as varchar) end
bq_joined(x varchar) := x
bq_joined(x timestamptz) := bq_zoned(x, 'UTC')
bq_joined(x timestamp) := strftime(x, '%Y-%m-%d %H:%M:%S') || bq_fraction(x)
bq_joined(x time) := strftime(date '1970-01-01' + x, '%H:%M:%S') || bq_fraction(date '1970-01-01' + x)
bq_joined(x interval) := bq_interval_text(date_part('year', x) * 12 + date_part('month', x), date_part('day', x), bq_clock(x))
bq_joined(x date) := strftime(x, '%Y-%m-%d')
bq_joined(x blob) := x
bq_bignumeric_of(x) := case when regexp_full_match(trim(x), '[+-]?\d*\.\d{18}\d*[1-9]0*') then cast(bq_fail('This emulator does not support BIGNUMERIC with more than 18 digits after the point') as decimal(38,18)) when regexp_full_match(trim(x), '[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?') then cast(trim(x) as decimal(38,18)) else cast(bq_fail('Invalid BIGNUMERIC value: ' || x) as decimal(38,18)) end
bq_bignumeric(x) := cast(x as decimal(38,18))
bq_bignumeric(x varchar) := bq_bignumeric_of(x)
bq_bignumeric(x double) := cast(cast(x as varchar) as decimal(38,18))
bq_exact(x) := case when typeof(x) = 'DECIMAL(38,18)' and bq_fail('This emulator does not support products, quotients, averages and roundings of BIGNUMERIC') = 0 then null else x end
bq_shown(x) := case when typeof(x) = 'DOUBLE' then bq_float_text(try_cast(x as double)) when starts_with(typeof(x), 'DECIMAL') then regexp_replace(regexp_replace(cast(x as varchar), '(\.\d*?)0+$', '\1'), '\.$', '') else cast(x as varchar) end
bq_shown(x blob) := hex(x)
bq_shown(x varchar) := x
bq_shown(x timestamptz) := bq_zoned(x, 'UTC')
bq_shown(x timestamp) := strftime(x, '%Y-%m-%d %H:%M:%S') || bq_fraction(x)
bq_shown(x time) := strftime(date '1970-01-01' + x, '%H:%M:%S') || bq_fraction(date '1970-01-01' + x)
bq_shown(x interval) := bq_interval_text(date_part('year', x) * 12 + date_part('month', x), date_part('day', x), bq_clock(x))
bq_shown(x date) := strftime(x, '%Y-%m-%d')
bq_inexact(x) := case when (starts_with(typeof(x), 'DECIMAL') or typeof(x) = 'INTERVAL') and bq_fail('This emulator does not support AVG(…) OVER and PERCENTILE_CONT of NUMERIC and INTERVAL') = 0 then null else x end
bq_var_samp(x bigint) := var_samp(x)
bq_var_samp(x double) := bq_held(var_samp(bq_finite(x)))
bq_var_samp(x decimal(38,9)) := bq_exact_variance(list(x), 1)
bq_var_pop(x bigint) := var_pop(x)
bq_var_pop(x double) := bq_held(var_pop(bq_finite(x)))
bq_var_pop(x decimal(38,9)) := bq_exact_variance(list(x), 0)
bq_months(i) := cast(date_part('year', i) * 12 + date_part('month', i) as integer)
bq_day_clock(i) := cast(date_part('day', i) * 86400000000 + bq_clock(i) as bigint)
bq_all_clock(i) := cast(bq_months(i) * 2592000000000 + bq_day_clock(i) as bigint)
bq_interval_within(i) := case when abs(bq_months(i)) > 120000 or abs(date_part('day', i)) > 3660000 then cast(cast(bq_fail('INTERVAL is out of its range: 10000 years, 3660000 days') as varchar) as interval) else i end
bq_json_removed(j, p) := coalesce(bq_json_remove(j, p), j)
-- What is asked of FLOAT64 alone goes by typeof: an overload for DOUBLE would take INTEGER as well.
bq_is_nan(x) := (typeof(x) = 'DOUBLE' and isnan(try_cast(x as double)) and x is not null)
bq_is_inf(x) := (typeof(x) = 'DOUBLE' and isinf(try_cast(x as double)))
bq_before(x) := (typeof(x) = 'DOUBLE' and isnan(try_cast(x as double)))
bq_key(x) := case when typeof(x) = 'DOUBLE' and isnan(try_cast(x as double)) then null else x end
bq_sortable(x) := case when typeof(x) = 'DOUBLE' and isnan(try_cast(x as double)) then bq_refused(x, 'NaN in MIN(…) OVER and in the key of RANGE with an offset') else x end
bq_min(x) := case when bool_or(bq_is_nan(x)) then max(x) else min(x) end
bq_finite(x) := case when typeof(x) = 'DOUBLE' and (isnan(try_cast(x as double)) or isinf(try_cast(x as double))) then bq_refused(x, 'infinities and NaN in statistical aggregates and PERCENTILE_CONT') when typeof(x) = 'DECIMAL(38,9)' and x is not null then bq_refused(x, 'CORR and COVAR, and STDDEV and VARIANCE with OVER or DISTINCT, of NUMERIC') when typeof(x) = 'DECIMAL(38,18)' and x is not null then bq_refused(x, 'statistical aggregates of BIGNUMERIC') else x end
bq_held(x) := case when isnan(try_cast(x as double)) or isinf(try_cast(x as double)) then bq_refused(x, 'statistical aggregates that leave the range of FLOAT64 on their way') else x end
bq_refused(x, m) := case when bq_fail('This emulator does not support ' || m || left(cast(x as varchar), 0)) = 0 then null else x end
bq_total(s, i) := case when bq_is_inf(s) and not i then case when bq_fail('double overflow: SUM' || left(cast(s as varchar), 0)) = 0 then null else s end else s end
bq_small(x) := case when bq_is_inf(x) then bq_refused(x, 'sums of FLOAT64 with OVER that are infinite') else x end
bq_json_made(x) := case when regexp_matches(typeof(x), 'TIME|BLOB|INTERVAL|DECIMAL') then bq_json_typed(cast(to_json(x) as varchar), typeof(x)) else cast(to_json(x) as varchar) end
