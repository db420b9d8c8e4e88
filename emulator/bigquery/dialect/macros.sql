-- One macro a line: head := body. What each does is its function's page under "GoogleSQL functions";
-- a NULL argument gives NULL where Google's does.
bq_divide(a, b) := case when b = 0 then error('division by zero: ' || a || ' / ' || b) else a / b end
bq_div(a, b) := case when b = 0 then error('division by zero: DIV(' || a || ', ' || b || ')') else cast(trunc(cast(a as hugeint) // nullif(b, 0)) as bigint) end
bq_mod(a, b) := case when b = 0 then error('division by zero: MOD(' || a || ', ' || b || ')') else a % nullif(b, 0) end
bq_safe_divide(a, b) := case when b = 0 then null else a / b end
bq_ieee_divide(a, b) := case when b = 0 then case when a = 0 or isnan(cast(a as double)) then 'nan'::double when a > 0 then 'inf'::double else '-inf'::double end else cast(a as double) / b end
bq_int64(x) := case when typeof(x) in ('DOUBLE', 'FLOAT') then cast(round(try_cast(x as double)) as bigint) when typeof(x) = 'VARCHAR' and regexp_full_match(cast(x as varchar), '\s*[+-]?\d+\s*') then cast(cast(x as varchar) as bigint) when typeof(x) in ('VARCHAR', 'JSON') then error('Bad int64 value: ' || cast(x as varchar)) else cast(x as bigint) end
bq_safe_int64(x) := case when typeof(x) in ('DOUBLE', 'FLOAT') then try_cast(round(try_cast(x as double)) as bigint) when typeof(x) = 'VARCHAR' then case when regexp_full_match(cast(x as varchar), '\s*[+-]?\d+\s*') then try_cast(cast(x as varchar) as bigint) end else try_cast(x as bigint) end
bq_float_text(x) := case when x is null then null when isnan(x) then 'NaN' when isinf(x) then case when x > 0 then 'inf' else '-inf' end else regexp_replace(regexp_replace(cast(x as varchar), '\.0$', ''), 'e(\d)', 'e+\1') end
bq_string(x) := case when typeof(x) in ('DOUBLE', 'FLOAT') then bq_float_text(try_cast(x as double)) when starts_with(typeof(x), 'DECIMAL') then regexp_replace(regexp_replace(cast(x as varchar), '(\.\d*?)0+$', '\1'), '\.$', '') when typeof(x) = 'BLOB' then decode(cast(cast(x as varchar) as blob)) else cast(x as varchar) end
bq_bytes(x) := case when typeof(x) = 'BLOB' then cast(cast(x as varchar) as blob) else encode(cast(x as varchar)) end
bq_length(x) := case when typeof(x) = 'BLOB' then octet_length(cast(cast(x as varchar) as blob)) else length(cast(x as varchar)) end
bq_byte_length(x) := case when typeof(x) = 'BLOB' then octet_length(cast(cast(x as varchar) as blob)) else strlen(cast(x as varchar)) end
bq_substr(s, p) := substring(s, case when p = 0 then 1 when p < -length(s) then 1 else p end)
bq_substr_for(s, p, n) := case when n < 0 then error('Third argument in SUBSTR() cannot be negative') else substring(s, case when p = 0 then 1 when p < -length(s) then 1 else p end, n) end
bq_lpad(s, n, p) := case when n <= length(s) then left(s, n) else lpad(s, cast(n as integer), p) end
bq_rpad(s, n, p) := case when n <= length(s) then left(s, n) else rpad(s, cast(n as integer), p) end
bq_split(s, d) := case when s = '' then [''] when d = '' then string_split(s, '') else string_split(s, d) end
bq_contains_substr(s, t) := contains(lower(cast(s as varchar)), lower(t))
bq_to_code_points(s) := list_transform(string_split(s, ''), lambda c: cast(unicode(c) as bigint))
bq_code_points_to_string(xs) := array_to_string(list_transform(xs, lambda c: chr(cast(c as integer))), '')
bq_regexp_extract(s, r) := regexp_extract_all(s, r)[1]
bq_dow(x) := date_part('dow', x) + 1
bq_week(x, first) := (date_part('doy', x) - 1 + 7 - ((date_part('dow', x) - first + 7) % 7)) // 7
bq_milli(x) := date_part('millisecond', x) % 1000
bq_micro(x) := date_part('microsecond', x) % 1000000
bq_week_of(x, first) := cast(x as date) - cast((date_part('dow', x) - first + 7) % 7 as integer)
bq_day_diff(a, b) := cast(cast(a as date) - cast(b as date) as bigint)
bq_week_diff(a, b, first) := (bq_week_of(a, first) - bq_week_of(b, first)) // 7
bq_isoyear(x) := cast(date_trunc('week', make_date(cast(date_part('isoyear', x) as bigint), 1, 4)) as date)
bq_micros(a, b) := epoch_us(a) - epoch_us(b)
bq_array_concat_agg(x) := flatten(list(x))
bq_at(xs, i) := case when i < 0 or i >= len(xs) then error('Array index ' || i || ' is out of bounds') else xs[i + 1] end
bq_at_1(xs, i) := case when i < 1 or i > len(xs) then error('Array index ' || i || ' is out of bounds') else xs[i] end
bq_safe_at(xs, i) := case when i < 0 then null else xs[i + 1] end
bq_safe_at_1(xs, i) := case when i < 1 then null else xs[i] end
bq_generate_array(a, b, s) := case when s = 0 then error('Sequence step cannot be 0.') when a is null or b is null or s is null then null else coalesce(list_transform(range(0, cast(floor(cast(b - a as double) / s) as bigint) + 1), lambda i: a + i * s), []) end
bq_generate_dates(a, b, s) := list_transform(generate_series(cast(a as timestamp), cast(b as timestamp), s), lambda t: cast(t as date))
bq_generate_timestamps(a, b, s) := generate_series(cast(a as timestamptz), cast(b as timestamptz), s)
bq_ln(x) := case when x <= 0 then error('Floating point error in function: LN') else ln(x) end
bq_sqrt(x) := case when x < 0 then error('Floating point error in function: SQRT(' || x || ')') else sqrt(x) end
bq_log(x, b) := ln(x) / ln(b)
bq_trunc_to(x, n) := trunc(x * pow(10, n)) / pow(10, n)
bq_sum_count(x) := count(x)
bq_safe_add(a, b) := case when typeof(a) = 'DOUBLE' or typeof(b) = 'DOUBLE' then a + b else try_cast(cast(a as hugeint) + b as bigint) end
bq_json_scalar(j, p) := case when json_type(j, p) in ('OBJECT', 'ARRAY') then null else json_extract_string(j, p) end
bq_json_query(j, p) := nullif(json_extract(j, p), 'null'::json)
bq_json_array(j, p) := cast(json_extract(j, p) as json[])
bq_json_strings(j, p) := list_transform(cast(json_extract(j, p) as json[]), lambda x: x ->> '$')
bq_json_type(j) := case json_type(j) when 'VARCHAR' then 'string' when 'BOOLEAN' then 'boolean' when 'OBJECT' then 'object' when 'ARRAY' then 'array' when 'NULL' then 'null' else 'number' end
bq_json_get(j, k) := json_extract(j, '$."' || k || '"')
bq_as_utc(x) := case when typeof(x) = 'TIMESTAMP WITH TIME ZONE' then cast(x as timestamptz) at time zone 'UTC' else cast(cast(x as varchar) as timestamp) end
bq_in_zone(x, z) := cast(x as timestamptz) at time zone z
bq_timestamp(x) := cast(x as timestamptz)
bq_timestamp_in(x, z) := case when typeof(x) = 'VARCHAR' then cast(cast(x as varchar) as timestamp) at time zone z else cast(cast(x as varchar) as timestamp) at time zone z end
bq_unix_seconds(x) := epoch_us(x) // 1000000
bq_unix_millis(x) := epoch_us(x) // 1000
bq_range_bucket(p, xs) := len(list_filter(xs, lambda x: x <= p))
bq_bit_count(x) := bit_count(cast(x as bigint))
bq_array_to_string(xs, d) := array_to_string(list_filter(list_transform(xs, lambda x: bq_string(x)), lambda x: x is not null), d)
bq_array_to_string_or(xs, d, n) := array_to_string(list_transform(xs, lambda x: coalesce(bq_string(x), n)), d)
bq_regexp_instr(s, r) := case when regexp_matches(s, r) then strpos(s, regexp_extract(s, r)) else 0 end
bq_ends_with(s, t) := suffix(s, t)
bq_left(s, n) := case when n < 0 then error('Second argument in LEFT() cannot be negative') else left(s, n) end
bq_right(s, n) := case when n < 0 then error('Second argument in RIGHT() cannot be negative') else right(s, n) end
