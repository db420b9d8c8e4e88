-- Google: statements by which GoogleSQL's compliance tests and reference found this engine wrong once.
SELECT LPAD(b'abc', 5), RPAD(b'abc', 2), LPAD(b'abc', 6, b'xy') -- => [["ICBhYmM=", "YWI=", "eHl4YWJj"]]
SELECT TRIM(b'xxaxx', b'x'), LTRIM(b'xxa', b'x'), RTRIM(b'axx', b'x'), UPPER(b'aB'), LOWER(b'aB') -- => [["YQ==", "YQ==", "YQ==", "QUI=", "YWI="]]
SELECT TRIM('\t a \n'), LTRIM('\n a'), RTRIM('a\t ') -- => [["a", "a", "a"]]
SELECT REPLACE(b'abc', b'b', b'x'), STRPOS(b'abc', b'c'), SPLIT(b'a,b', b','), REPEAT(b'ab', 2), STARTS_WITH(b'abc', b'ab'), INSTR(b'banana', b'an', 3) -- => [["YXhj", "3", ["YQ==", "Yg=="], "YWJhYg==", "true", "4"]]
SELECT LPAD('abc', 8, '') -- => refuses: Third argument \(pad pattern\) for LPAD cannot be empty
SELECT LPAD('abc', -1) -- => refuses: Second argument in LPAD\(\) cannot be negative
SELECT LPAD('abc', 2000000) -- => refuses: Output of LPAD exceeds max allowed output size of 1MB
SELECT REPEAT('abc', 1000000) -- => refuses: Output of REPEAT exceeds max allowed output size of 1MB
SELECT INSTR('apple', 'pl', 0, 1) -- => refuses: INSTR position must not be 0 and its occurrence must be pos
SELECT SUBSTR(b'abc', 1, -3) -- => refuses: Third argument in SUBSTR\(\) cannot be negative
SELECT RIGHT(b'abc', 5), LEFT(b'abc', 2) -- => [["YWJj", "YWI="]]
SELECT LEFT(b'abc', -2) -- => refuses: Second argument in LEFT\(\) cannot be negative
SELECT ASCII('ÿ') -- => refuses: First char of argument to ASCII is not a valid ASCII charac
SELECT TRANSLATE('apple', 'aa', 'bc') -- => refuses: Duplicate character in source characters of TRANSLATE
SELECT CODE_POINTS_TO_STRING([65, NULL]) -- => [[null]]
SELECT CONCAT(NUMERIC '1.5', '|', 0.1, '|', DATE '2020-01-02', '|', TRUE), CONCAT(b'a', b'b'), CONCAT(DATE '2020-10-10') -- => [["1.5|0.1|2020-01-02|true", "YWI=", "2020-10-10"]]
-- from: GoogleSQL reference, Conversion functions, CAST AS STRING
SELECT CAST(INTERVAL 3 DAY AS STRING), CAST(INTERVAL '1-2 3 4:5:6.789' YEAR TO SECOND AS STRING) -- => [["0-0 3 0:0:0", "1-2 3 4:5:6.789"]]
-- from: GoogleSQL reference, Operators, Datetime subtraction
SELECT DATE '2021-05-20' - DATE '2020-04-19', TIMESTAMP '2021-06-01 12:34:56.789' - TIMESTAMP '2021-05-31 00:00:00' -- => [["0-0 396 0:0:0", "0-0 0 36:34:56.789"]]
SELECT PARSE_NUMERIC('12.34e-1-'), PARSE_NUMERIC('- 5') -- => [["-1.234", "-5"]]
SELECT JSON_ARRAY_APPEND(JSON '["a"]', '$', [1, 2]), JSON_ARRAY_APPEND(JSON '{"a": null}', '$.a', 10) -- => [["[\"a\",1,2]", "{\"a\":[10]}"]]
SELECT JSON_ARRAY_INSERT(JSON '["a", "b"]', '$[1]', [1, 2]), JSON_ARRAY_INSERT(JSON '{"a": null}', '$.a[2]', 10) -- => [["[\"a\",1,2,\"b\"]", "{\"a\":[null,null,10]}"]]
-- from: GoogleSQL reference, Json functions, No strict validation of extracted values; reference, Json functions, Signature 1
SELECT JSON_OBJECT('a', 10, 'a', 'foo'), JSON_QUERY(JSON '{"key": 1, "key": 2}', '$') -- => [["{\"a\":10}", "{\"key\":1}"]]
SELECT JSON_QUERY(JSON '{"name": null}', '$.name') IS NULL, JSON_QUERY('{"name": null}', '$.name') IS NULL -- => [["false", "true"]]
SELECT JSON_VALUE_ARRAY('{"a": [{"b": 1}]}', '$.a'), JSON_VALUE_ARRAY('}}', '$') -- => [[[], []]]
SELECT LAX_STRING(JSON '10.0'), LAX_STRING(JSON '1.5') -- => [["10", "1.5"]]
SELECT JSON_OBJECT(['a'], [1]) -- => refuses: JSON_OBJECT here
SELECT PARSE_JSON('922337203685477580701') -- => refuses: Invalid input to PARSE_JSON: cannot round\-trip number through
SELECT PARSE_JSON('1', wide_number_mode=>'round') -- => refuses: PARSE_JSON with wide_number_mode
SELECT TO_JSON(1, stringify_wide_numbers=>TRUE) -- => refuses: options of TO_JSON
SELECT TO_JSON_STRING(STRUCT(1 AS a), TRUE) -- => refuses: options of TO_JSON_STRING
SELECT CAST(1 AS JSON) -- => refuses: CAST AS JSON
SELECT JSON '1' = JSON '1' -- => refuses: Comparison is not defined for arguments of type JSON
SELECT [1] = [1] -- => refuses: Equality is not defined for arguments of type ARRAY
SELECT (1, NULL) = (1, 2), (1, NULL) = (2, 2), (1, 2) IN ((1, 2), (3, NULL)), (1, ('x', NULL)) IN UNNEST([(1, ('y', 3)), (1, ('x', 3))]) -- => [[null, "false", "true", null]]
SELECT STRUCT('a' AS x, 1 AS y) AS s UNION ALL SELECT STRUCT('b', 2) ORDER BY 1 -- => [[["a", "1"]], [["b", "2"]]]
SELECT NUMERIC '1.5' AS x UNION ALL SELECT 99999999999999.123456789 ORDER BY 1 -- => [["1.5"], ["99999999999999.123456789"]]
-- from: GoogleSQL compliance tests, cast_function
SELECT CAST(9999999999999999999999999999.999999999 AS NUMERIC) -- => [["9999999999999999999999999999.999999999"]]
SELECT COUNTIF(x > 9), COUNTIF(DISTINCT x > 9) FROM UNNEST(CAST([] AS ARRAY<INT64>)) AS x -- => [["0", "0"]]
SELECT COUNTIF(x > 1) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) FROM UNNEST([1, 2, 3]) AS x ORDER BY x -- => [["0"], ["0"], ["1"]]
SELECT CORR(y, x) FROM UNNEST([STRUCT(1.0 AS y, 1.0 AS x)]) -- => [[null]]
SELECT APPROX_TOP_COUNT(x, 2) FROM UNNEST([NULL, 'pear', 'pear', 'pear', 'apple', NULL]) AS x -- => [[[["pear", "3"], [null, "2"]]]]
SELECT APPROX_TOP_SUM(x, w, 2) FROM UNNEST([STRUCT('apple' AS x, 0 AS w), (NULL, 2)]) -- => [[[[null, "2"], ["apple", "0"]]]]
SELECT APPROX_TOP_COUNT(x, 0) FROM UNNEST([1]) AS x -- => refuses: The last argument to APPROX_TOP_COUNT and APPROX_TOP_SUM must 
SELECT APPROX_TOP_SUM(x, -1, 1) FROM UNNEST([1]) AS x -- => refuses: APPROX_TOP_SUM does not support negative or NaN weights in th
SELECT 1e300 / 1e-300 -- => refuses: double overflow: 1e\+300 / 1e\-300
SELECT 1e300 * 1e300 -- => refuses: double overflow: 1e\+300 \* 1e\+300
-- from: GoogleSQL compliance tests, arithmetic_functions; reference, Mathematical functions, COT; reference, Mathematical functions, CSC
SELECT SAFE_DIVIDE(1e300, 1e-300), SAFE.COT(0), SAFE.CSC(0) -- => [[null, null, null]]
SELECT 1 + NULL -- => refuses: Operands of \+ cannot be literal NULL
SELECT LAG(x, -1) OVER (ORDER BY x) FROM UNNEST([1]) AS x -- => refuses: The offset to the function LAG must be at least 0
SELECT LEAD(x, 1, x) OVER (ORDER BY x) FROM UNNEST([1]) AS x -- => refuses: The third argument \(the default expression\) to LEAD must be
SELECT RANK() OVER (ORDER BY x ROWS CURRENT ROW) FROM UNNEST([1]) AS x -- => refuses: Window framing clause is not allowed for analytic function ra
SELECT NTH_VALUE(x, 0) OVER (ORDER BY x) FROM UNNEST([1]) AS x -- => refuses: The offset to the function NTH_VALUE must be at least 1
SELECT 1 AS x LIMIT NULL -- => refuses: Limit requires non\-null count and offset
SELECT x, COUNT(*) FROM UNNEST([1]) AS x GROUP BY ROLLUP(x, x + 1) -- => refuses: ROLLUP of expressions or positions
SELECT x, COUNT(*) FROM UNNEST([1]) AS x GROUP BY CUBE(x, x) -- => refuses: CUBE that names a column twice
SELECT * FROM d.sales PIVOT(SUM(sales) FOR quarter IN (Q1, Q2)) -- => refuses: PIVOT IN values must be constant
SELECT * FROM (SELECT AS STRUCT 1 AS x) -- => refuses: SELECT AS STRUCT in FROM
SELECT CAST('abc' AS STRING(5)), SAFE_CAST('abc' AS STRING(2)), CAST(b'ab' AS BYTES(2)) -- => [["abc", null, "YWI="]]
SELECT CAST(123456 AS STRING(5)) -- => refuses: STRING\(5\) has maximum length 5 but got a value with length
SELECT CAST('24:00:00' AS TIME) -- => refuses: Invalid time string "24:00:00"
SELECT CAST('2006-01-02 01:02:03 UTC' AS DATETIME) -- => refuses: Invalid datetime string "2006\-01\-02 01:02:03 UTC"
SELECT DATETIME_ADD(DATETIME '9999-12-31 23:59:59.999999', INTERVAL 1 MICROSECOND) -- => refuses: Arithmetic on DATETIME gives a value out of range
SELECT DATE_SUB(DATE '0001-01-01', INTERVAL 1 DAY) -- => refuses: Arithmetic on DATE gives a value out of range
SELECT DATETIME '2010-10-30 00:00:00' - INTERVAL '1-1 1 1:1:1' YEAR TO SECOND -- => [["2009-09-28T22:58:59"]]
SELECT GENERATE_DATE_ARRAY('2016-01-01', '2017-01-01', INTERVAL 0 DAY) -- => refuses: Sequence step cannot be 0\.
SELECT product FROM d.sales |> INTERSECT DISTINCT (SELECT 'Kale') -- => refuses: \|> INTERSECT here
SELECT FORMAT('%T', b'ab') -- => [["b\"ab\""]]
SELECT FORMAT_TIMESTAMP('%c %Z', TIMESTAMP '2024-11-03 08:30:00', 'UTC') -- => [["Sun Nov  3 08:30:00 2024 UTC"]]
SELECT AVG(x) FROM UNNEST([BIGNUMERIC '1']) AS x -- => refuses: products, quotients, averages and roundings of BIGNUMERIC
SELECT ROUND(BIGNUMERIC '1.23', 1) -- => refuses: products, quotients, averages and roundings of BIGNUMERIC
SELECT PARSE_BIGNUMERIC('1.1234567890123456789012') -- => refuses: BIGNUMERIC with more than 18 digits after the point
SELECT BIGNUMERIC '1.1234567890123456789012' -- => refuses: BIGNUMERIC with more than 18 digits after the point
SELECT 'a_' LIKE r'a\_', 'ab' LIKE r'a\_', x LIKE p FROM (SELECT 'a_' AS x, r'a\_' AS p) -- => [["true", "false", "true"]]
SELECT 'a' LIKE ANY UNNEST(['a']) -- => refuses: LIKE ANY of arrays, queries and patterns with backslashes
SELECT 'a_' LIKE ALL (r'a\_') -- => refuses: LIKE ALL of arrays, queries and patterns with backslashes
SELECT AVG(x) OVER () FROM UNNEST([NUMERIC '1.5']) AS x -- => refuses: AVG\(…\) OVER and PERCENTILE_CONT of NUMERIC
SELECT PERCENTILE_CONT(x, 0.5) OVER () FROM UNNEST([NUMERIC '1.5']) AS x -- => refuses: AVG\(…\) OVER and PERCENTILE_CONT of NUMERIC
SELECT FORMAT('%T', [1]) -- => refuses: FORMAT\(%T\) of INTEGER\[\]
SELECT FORMAT('%T', b'a\xff'), FORMAT('%t', b'ab') -- => [["b\"a\\xff\"", "ab"]]
SELECT FLOAT64(JSON '18', wide_number_mode=>'exact') -- => refuses: options of FLOAT64
SELECT JSON_KEYS(JSON '{"a": 1}', 1, mode=>'lax') -- => refuses: options of JSON_KEYS
SELECT FORMAT_TIMESTAMP('%Z', TIMESTAMP '2024-11-03 08:30:00', 'Europe/Berlin') -- => refuses: the format element %Z of a time zone other than UTC
SELECT BIGNUMERIC '1.5' * 2 -- => refuses: products, quotients, averages and roundings of BIGNUMERIC
SELECT ROUND(NUMERIC '2.45', 1, NULL) -- => [[null]]
SELECT x = y, x != y, x > 1, 1 < x, x BETWEEN 1 AND y, x IS NOT DISTINCT FROM y, NOT x = y FROM (SELECT CAST('nan' AS FLOAT64) AS x, CAST('nan' AS FLOAT64) AS y) -- => [["false", "true", "false", "false", "false", "true", "true"]]
SELECT COUNT(*), COUNTIF(NOT x > 0) FROM UNNEST([1.5, CAST('nan' AS FLOAT64), NULL]) AS x WHERE x > 0 -- => [["1", "0"]]
SELECT a FROM UNNEST([1.5, CAST('nan' AS FLOAT64)]) AS a JOIN UNNEST([1.5, CAST('nan' AS FLOAT64)]) AS b ON a = b -- => [["1.5"]]
SELECT x FROM UNNEST([1.5, CAST('nan' AS FLOAT64), NULL, CAST('-inf' AS FLOAT64)]) AS x ORDER BY x -- => [[null], ["NaN"], ["-Infinity"], ["1.5"]]
SELECT x AS y FROM UNNEST([1.5, CAST('nan' AS FLOAT64), NULL]) AS x ORDER BY 1 DESC -- => [["1.5"], ["NaN"], [null]]
SELECT MIN(x), MAX(x), LEAST(1.0, CAST('nan' AS FLOAT64)) FROM UNNEST([1.5, CAST('nan' AS FLOAT64), NULL]) AS x -- => [["NaN", "NaN", "NaN"]]
SELECT MIN(x) OVER () FROM UNNEST([1.5, CAST('nan' AS FLOAT64)]) AS x -- => refuses: does not support NaN in MIN
SELECT DATE(t) AS t, COUNT(*) FROM UNNEST([TIMESTAMP '2020-01-01', TIMESTAMP '2020-01-01 01:00:00']) AS t GROUP BY 1 ORDER BY t -- => [["2020-01-01", "2"]]
SELECT DISTINCT CAST(x AS STRING) AS x FROM UNNEST([1, 2]) AS x ORDER BY x -- => [["1"], ["2"]]
SELECT CAST(x AS STRING) AS y FROM UNNEST([1, 2]) AS x UNION ALL SELECT 'a' ORDER BY 1 DESC -- => [["a"], ["2"], ["1"]]
SELECT STDDEV(x), VAR_POP(x) FROM UNNEST([NUMERIC '10000000000000000000.1', NUMERIC '10000000000000000000.2', NULL]) AS x -- => [["0.07071067811865475", "0.0025"]]
SELECT STDDEV(x) FROM UNNEST([1.0, CAST('inf' AS FLOAT64)]) AS x -- => refuses: infinities and NaN
SELECT STDDEV(x) FROM UNNEST([1.0, 2.2e+304, -2.2e+304]) AS x -- => refuses: leave the range of FLOAT64
SELECT SUM(x) FROM UNNEST([1.7e308, 1.7e308]) AS x -- => refuses: double overflow
SELECT SUM(x) FROM UNNEST([1.7e308, CAST('inf' AS FLOAT64)]) AS x -- => [["Infinity"]]
SELECT SUM(x) OVER () FROM UNNEST([1, 2]) AS x -- => [["3"], ["3"]]
SELECT JUSTIFY_DAYS(INTERVAL '1-2 -35 -48:5:6.789' YEAR TO SECOND), JUSTIFY_INTERVAL(INTERVAL '1-2 -35 4:5:6.789' YEAR TO SECOND), JUSTIFY_HOURS(INTERVAL -49 HOUR) -- => [["1-0 25 -48:5:6.789", "1-0 25 4:5:6.789", "0-0 -2 -1:0:0"]]
SELECT MAKE_INTERVAL(year => 10000, month => 1) -- => refuses: out of its range
SELECT AS STRUCT 1 AS a, 'x' AS b UNION ALL SELECT AS STRUCT 2, 'y' -- => [["1", "x"], ["2", "y"]]
WITH t AS (SELECT AS STRUCT 1 AS a) SELECT * FROM t -- => refuses: SELECT AS STRUCT in FROM, WITH and CREATE
SELECT CASE s WHEN STRUCT(1, 2) THEN 1 ELSE 2 END FROM (SELECT STRUCT(1 AS x, 2 AS y) AS s) -- => refuses: CASE of STRUCTs
SELECT STRUCT('abc' AS a, 3 AS b) UNION ALL SELECT STRUCT('def' AS c, 5 AS d) -- => [[["abc", "3"]], [["def", "5"]]]
SELECT x FROM UNNEST([CAST(3.14159 AS NUMERIC), 1.2345]) AS x -- => [["3.14159"], ["1.2345"]]
SELECT JSON_OBJECT(CAST(NULL AS ARRAY<STRING>), [10, 20]) -- => refuses: JSON_OBJECT of two arrays
SELECT JSON_REMOVE(JSON '[1]', NULL), (JSON '{"": "v"}')[''] -- => [["[1]", "\"v\""]]
SELECT FORMAT('%d', 17, 'abc') -- => refuses: Too many arguments to FORMAT
SELECT REGEXP_INSTR('abc', '(a)(b)') -- => refuses: more than one capturing group
SELECT IEEE_DIVIDE(1, -0.0), IEEE_DIVIDE(1, 0), IEEE_DIVIDE(0, 0), ARRAY_SLICE([1, 2], -8, -4) -- => [["-Infinity", "Infinity", "NaN", []]]
SELECT APPROX_COUNT_DISTINCT(x) FROM UNNEST([1, 2, 2, NULL]) AS x -- => [["2"]]
SELECT INTERVAL '0.123456789' SECOND -- => refuses: INTERVAL with nanoseconds
SELECT LAG(x) OVER w FROM UNNEST([1]) AS x WINDOW w AS (ORDER BY x ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) -- => refuses: Window framing clause is not allowed
CREATE TEMP TABLE u AS SELECT 1 AS k, 0 AS v, [1] AS arr; CREATE TEMP TABLE f AS SELECT 1 AS k, 5 AS v UNION ALL SELECT 1, 6; UPDATE u SET v = f.v FROM f WHERE u.k = f.k -- => refuses: UPDATE/MERGE must match at most one source row
CREATE TEMP TABLE u AS SELECT 1 AS k, 0 AS v, [1] AS arr; CREATE TEMP TABLE f AS SELECT 1 AS k, 5 AS v UNION ALL SELECT 1, 6; UPDATE u SET v = f.v FROM f WHERE u.k = f.k AND f.v > 5; SELECT * FROM u -- => [["1", "6", ["1"]]]
SELECT DATE('2019-08-01 03:00:00+08'), TIME('2010-11-12 01:02:03.5+08'), DATE('2019-08-01') -- => [["2019-07-31", "17:02:03.500000", "2019-08-01"]]
SELECT AVG(DISTINCT x) OVER () FROM UNNEST([NUMERIC '1']) AS x -- => refuses: of NUMERIC
SELECT x BETWEEN NULL AND 1 FROM UNNEST([2]) AS x -- => refuses: BETWEEN with a literal NULL
SELECT TO_JSON_STRING(STRUCT(TIMESTAMP '2020-01-01 00:00:00.5' AS t, b'ab' AS b, DATETIME '2020-01-01 00:00:00' AS d, NUMERIC '1.50' AS n, [b'x', NULL] AS l)) -- => [["{\"t\":\"2020-01-01T00:00:00.500Z\",\"b\":\"YWI=\",\"d\":\"2020-01-01T00:00:00\",\"n\":1.5,\"l\":[\"eA==\",null]}"]]
SELECT TO_JSON_STRING(TIMESTAMP '2020-01-01'), TO_JSON(b'ab'), TO_JSON_STRING(DATETIME '2020-01-01 00:00:00.123456') -- => [["\"2020-01-01T00:00:00Z\"", "\"YWI=\"", "\"2020-01-01T00:00:00.123456\""]]
