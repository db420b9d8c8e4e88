-- Google: "Query syntax", "Pipe query syntax".
SELECT * EXCEPT (b) FROM (SELECT 1 AS a, 2 AS b, 3 AS c) -- => [["1", "3"]]
SELECT * REPLACE (a * 10 AS a) FROM (SELECT 1 AS a, 2 AS b) -- => [["10", "2"]]
SELECT t.* EXCEPT (a), a FROM (SELECT 1 AS a, 2 AS b) AS t -- => [["2", "1"]]
SELECT DISTINCT x FROM UNNEST([1, 1, 2]) AS x ORDER BY x -- => [["1"], ["2"]]
-- from: GoogleSQL compliance tests, value_table_queries
SELECT AS VALUE 5 -- => [["5"]]
SELECT x FROM UNNEST([NULL, 1, 2]) AS x ORDER BY x DESC NULLS FIRST -- => [[null], ["2"], ["1"]]
SELECT x FROM UNNEST([NULL, 1, 2]) AS x ORDER BY x NULLS LAST -- => [["1"], ["2"], [null]]
SELECT x FROM UNNEST([3, 1, 2]) AS x ORDER BY x LIMIT 1 OFFSET 1 -- => [["2"]]
SELECT 1 AS x UNION ALL SELECT 1 ORDER BY x -- => [["1"], ["1"]]
SELECT 1 AS x UNION DISTINCT SELECT 1 -- => [["1"]]
SELECT x FROM UNNEST([1, 2, 3]) AS x INTERSECT DISTINCT SELECT 2 -- => [["2"]]
SELECT x FROM UNNEST([1, 2]) AS x EXCEPT DISTINCT SELECT 2 -- => [["1"]]
SELECT 1 AS x UNION SELECT 2 -- => refuses: Syntax error
SELECT a.x, b.y FROM (SELECT 1 AS x) AS a JOIN (SELECT 1 AS x, 'y' AS y) AS b USING (x) -- => [["1", "y"]]
SELECT a.x, b.x FROM (SELECT 1 AS x) AS a LEFT JOIN (SELECT 2 AS x) AS b ON a.x = b.x -- => refuses: Duplicate column names
SELECT a.x AS ax, b.x AS bx FROM (SELECT 1 AS x) AS a LEFT JOIN (SELECT 2 AS x) AS b ON a.x = b.x -- => [["1", null]]
SELECT a.x AS ax, b.x AS bx FROM (SELECT 1 AS x) AS a FULL OUTER JOIN (SELECT 2 AS x) AS b ON a.x = b.x ORDER BY ax -- => [[null, "2"], ["1", null]]
SELECT a.x AS ax, b.x AS bx FROM (SELECT 1 AS x) AS a RIGHT JOIN (SELECT 2 AS x) AS b ON a.x = b.x -- => [[null, "2"]]
SELECT x, y FROM UNNEST([1, 2]) AS x CROSS JOIN UNNEST(['a']) AS y ORDER BY x -- => [["1", "a"], ["2", "a"]]
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS x FROM a) SELECT * FROM b -- => [["2"]]
WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 3) SELECT n FROM t ORDER BY n -- => [["1"], ["2"], ["3"]]
SELECT (SELECT MAX(x) FROM UNNEST([1, 5]) AS x) AS m -- => [["5"]]
SELECT x FROM UNNEST([1, 2, 3]) AS x WHERE x IN (SELECT y FROM UNNEST([2, 3]) AS y) AND x NOT IN (3) -- => [["2"]]
SELECT x FROM UNNEST([1, 2, 3]) AS x WHERE EXISTS (SELECT 1 FROM UNNEST([2]) AS y WHERE y = x) -- => [["2"]]
SELECT * FROM (SELECT 'Kale' AS product, 51 AS sales, 'Q1' AS quarter UNION ALL SELECT 'Kale', 23, 'Q2' UNION ALL SELECT 'Apple', 77, 'Q1') PIVOT(SUM(sales) FOR quarter IN ('Q1', 'Q2')) ORDER BY product -- => [["Apple", "77", null], ["Kale", "51", "23"]]
SELECT * FROM (SELECT 'Kale' AS product, 51 AS sales, 'Q1' AS quarter) PIVOT(SUM(sales) AS total, COUNT(*) AS n FOR quarter IN ('Q1' AS first)) -- => [["Kale", "51", "1"]]
SELECT * FROM (SELECT 'Kale' AS product, 51 AS Q1, 23 AS Q2) UNPIVOT(sales FOR quarter IN (Q1, Q2)) ORDER BY quarter -- => [["Kale", "51", "Q1"], ["Kale", "23", "Q2"]]
SELECT * FROM (SELECT 'Kale' AS product, 51 AS Q1, CAST(NULL AS INT64) AS Q2) UNPIVOT(sales FOR quarter IN (Q1 AS 'one', Q2 AS 'two')) -- => [["Kale", "51", "one"]]
SELECT * FROM (SELECT 'Kale' AS product, 51 AS Q1, CAST(NULL AS INT64) AS Q2) UNPIVOT INCLUDE NULLS (sales FOR quarter IN (Q1, Q2)) ORDER BY quarter -- => [["Kale", "51", "Q1"], ["Kale", null, "Q2"]]
SELECT COUNT(*) <= 1000 FROM UNNEST(GENERATE_ARRAY(1, 1000)) AS x -- => [["true"]]
SELECT product FROM d.sales TABLESAMPLE SYSTEM (100 PERCENT) WHERE quarter = 'Q1' ORDER BY product -- => [["Apple"], ["Kale"]]
FROM d.sales |> WHERE quarter = 'Q1' |> AGGREGATE SUM(sales) AS total -- => [["128"]]
FROM d.sales |> WHERE product = 'Kale' |> SELECT quarter, sales |> ORDER BY quarter -- => [["Q1", "51"], ["Q2", "23"]]
SELECT product, SUM(sales) AS total FROM d.sales GROUP BY product ORDER BY total DESC -- => [["Apple", "77"], ["Kale", "74"]]
SELECT SUM(sales) FROM `p.d.sales` -- => [["151"]]
SELECT s.sales FROM `p`.`d`.`sales` AS s WHERE s.product = 'Apple' -- => [["77"]]
SELECT sales.product FROM d.sales WHERE sales.sales = 77 -- => [["Apple"]]
SELECT COUNT(*), MIN(_TABLE_SUFFIX) FROM `p.d.part_*` -- => [["2", "2023"]]
SELECT v FROM `p.d.part_*` WHERE _TABLE_SUFFIX = '2024' -- => [["24"]]
SELECT COUNT(*) FROM `p.d.nothing_*` -- => refuses: does not match any table
SELECT table_name, table_type FROM d.INFORMATION_SCHEMA.TABLES WHERE table_name LIKE 'sal%' -- => [["sales", "BASE TABLE"]]
SELECT column_name, data_type, ordinal_position, is_nullable FROM `p.d.INFORMATION_SCHEMA.COLUMNS` WHERE table_name = 'sales' ORDER BY ordinal_position -- => [["product", "STRING", "1", "YES"], ["sales", "INT64", "2", "YES"], ["quarter", "STRING", "3", "YES"]]
SELECT schema_name FROM INFORMATION_SCHEMA.SCHEMATA -- => [["d"]]
SELECT COUNT(*) FROM d.INFORMATION_SCHEMA.JOBS -- => refuses: INFORMATION_SCHEMA.JOBS
SELECT partition_id, total_rows FROM d.INFORMATION_SCHEMA.PARTITIONS WHERE table_name = 'parted' ORDER BY partition_id -- => [["20240101", "1"], ["20240102", "2"]]
SELECT FORMAT_TIMESTAMP('%F', _PARTITIONTIME) AS p, COUNT(*) FROM d.parted GROUP BY p -- => refuses: _PARTITIONTIME
SELECT nope FROM d.sales -- => refuses: Unrecognized name: nope at \[1:8\]
SELECT s.nope FROM d.sales AS s -- => refuses: Name nope not found inside s
SELECT * FROM d.missing -- => refuses: Not found: Table p:d.missing
SELECT product FROM d.sales GROUP BY quarter -- => refuses: neither grouped nor aggregated
SELECT FROM d.sales -- => refuses: Syntax error
SELECT FROBNICATE(1) -- => refuses: FROBNICATE
SELECT 1 + 'a' -- => refuses: .
SELECT product, quarter, sales FROM d.sales ORDER BY sales DESC LIMIT 1 -- => [["Apple", "Q1", "77"]]
SELECT IF(sales > 50, 'big', 'small') AS size, COUNT(*) FROM d.sales GROUP BY size ORDER BY size -- => [["big", "2"], ["small", "1"]]
