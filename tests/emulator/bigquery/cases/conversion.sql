-- Google: "Conversion functions", "Conversion rules", "Conditional expressions".
SELECT CAST('0x87a' AS INT64), CAST('-0x87a' AS INT64) -- => [["2170", "-2170"]]
SELECT CAST(1.5 AS INT64), CAST(-1.5 AS INT64), CAST(0.5 AS INT64), CAST(-0.5 AS INT64) -- => [["2", "-2", "1", "-1"]]
SELECT CAST('apple' AS INT64) -- => refuses: Bad int64 value: apple
SELECT SAFE_CAST('apple' AS INT64), SAFE_CAST('2024-13-01' AS DATE), SAFE_CAST('x' AS FLOAT64), SAFE_CAST('maybe' AS BOOL) -- => [[null, null, null, null]]
SELECT CAST(TRUE AS STRING), CAST(FALSE AS INT64), CAST(0 AS BOOL), CAST(5 AS BOOL), CAST('True' AS BOOL) -- => [["true", "0", "false", "true", "true"]]
SELECT CAST('yes' AS BOOL) -- => refuses: Bad bool value: yes
SELECT CAST('1' AS BOOL) -- => refuses: Bad bool value: 1
SELECT CAST('' AS FLOAT64) -- => refuses: Bad double value
SELECT CAST('1.5' AS FLOAT64), CAST('inf' AS FLOAT64), CAST('-Infinity' AS FLOAT64), CAST('nan' AS FLOAT64) -- => [["1.5", "Infinity", "-Infinity", "NaN"]]
SELECT CAST(DATE '2024-01-02' AS STRING), CAST(DATETIME '2024-01-02 03:04:05' AS STRING), CAST(TIME '01:02:03' AS STRING) -- => [["2024-01-02", "2024-01-02 03:04:05", "01:02:03"]]
SELECT CAST(TIMESTAMP '2024-01-02 03:04:05+00' AS STRING), CAST(TIMESTAMP '2024-01-02 03:04:05.123456+00' AS STRING) -- => [["2024-01-02 03:04:05+00", "2024-01-02 03:04:05.123456+00"]]
SELECT CAST(DATETIME '2024-01-02 03:04:05.5' AS STRING), STRING(DATE '2024-01-02') -- => [["2024-01-02 03:04:05.500", "2024-01-02"]]
SELECT CAST(b'abc' AS STRING), CAST('abc' AS BYTES) -- => [["abc", "YWJj"]]
SELECT CAST(b'\xff' AS STRING) -- => refuses: Invalid cast of bytes to UTF8 string
SELECT SAFE_CAST(b'\xff' AS STRING) -- => [[null]]
SELECT CAST(123.456 AS STRING), CAST(1e10 AS STRING), CAST(0.1 AS STRING), CAST(CAST('inf' AS FLOAT64) AS STRING) -- => [["123.456", "10000000000", "0.1", "inf"]]
SELECT CAST(NUMERIC '1.50' AS STRING), CAST('1.23456789012' AS NUMERIC), CAST(1.25 AS NUMERIC) -- => [["1.5", "1.23456789", "1.25"]]
SELECT CAST('abc' AS NUMERIC) -- => refuses: (?i)invalid numeric value
SELECT CAST('2024-01-02' AS TIMESTAMP) = TIMESTAMP '2024-01-02 00:00:00+00' -- => [["true"]]
SELECT CAST(TIMESTAMP '2024-01-02 03:04:05+00' AS DATE), CAST(TIMESTAMP '2024-01-02 03:04:05+00' AS DATETIME), CAST(DATETIME '2024-01-02 03:04:05' AS TIME) -- => [["2024-01-02", "2024-01-02T03:04:05", "03:04:05"]]
SELECT CAST('10:20:30' AS TIME), CAST('2024-01-02T03:04:05' AS DATETIME), CAST('2024-1-2' AS DATE) -- => [["10:20:30", "2024-01-02T03:04:05", "2024-01-02"]]
SELECT CAST('not' AS DATE) -- => refuses: (?i)invalid date
SELECT CAST([1, 2] AS ARRAY<FLOAT64>), CAST(STRUCT(1 AS a) AS STRUCT<a STRING>) -- => [[["1.0", "2.0"], ["1"]]]
SELECT CAST('18:30' AS TIME FORMAT 'HH24:MI') -- => refuses: CAST with FORMAT
SELECT CAST(9.3e18 AS INT64) -- => refuses: (?i)out of range|overflow|conversion
SELECT PARSE_NUMERIC('123.45'), PARSE_BIGNUMERIC('-0.5'), PARSE_NUMERIC('  -  12.34 ') -- => [["123.45", "-0.5", "-12.34"]]
SELECT CASE WHEN 1 > 2 THEN 'a' WHEN 2 > 1 THEN 'b' ELSE 'c' END, CASE 5 WHEN 1 THEN 'x' ELSE 'y' END, CASE 5 WHEN 1 THEN 'x' END -- => [["b", "y", null]]
SELECT COALESCE('A', 'B', 'C'), COALESCE(NULL, 'B', 'C'), IF(10 < 20, 'true', 'false'), IF(NULL, 1, 2), IFNULL(NULL, 0), IFNULL(10, 0) -- => [["A", "B", "true", "2", "0", "10"]]
-- from: GoogleSQL reference, Conditional expressions, NULLIF
SELECT NULLIF(0, 0), NULLIF(10, 0) -- => [[null, "10"]]
SELECT SAFE.SUBSTR('foo', 0, -2), SAFE.LN(0), SAFE.PARSE_DATE('%Y', 'x') -- => [[null, null, null]]
SELECT ERROR('stop here') -- => refuses: stop here
SELECT ISERROR(1 / 0) -- => refuses: ISERROR
-- from: GoogleSQL reference, Timestamp functions, STRING
SELECT STRING(TIMESTAMP '2008-12-25 15:30:00+00', 'UTC') -- => [["2008-12-25 15:30:00+00"]]
SELECT SESSION_USER() -- => refuses: SESSION_USER
SELECT GENERATE_UUID() = GENERATE_UUID(), LENGTH(GENERATE_UUID()) -- => [["false", "36"]]
