-- Google: "Data definition language", "Data manipulation language", several statements a case.
CREATE OR REPLACE TABLE d.t (a INT64, b STRING); INSERT INTO d.t (a, b) VALUES (1, 'x'), (2, NULL); SELECT * FROM d.t ORDER BY a -- => [["1", "x"], ["2", null]]
CREATE OR REPLACE TABLE d.t (a INT64, b STRING DEFAULT 'none'); INSERT d.t (a) VALUES (1); SELECT * FROM d.t -- => [["1", "none"]]
CREATE OR REPLACE TABLE d.t AS SELECT 1 AS a; INSERT INTO d.t SELECT a + 1 FROM d.t; SELECT SUM(a) FROM d.t -- => [["3"]]
CREATE OR REPLACE TABLE d.t AS SELECT x AS a, 'o' AS b FROM UNNEST([1, 2, 3]) AS x; UPDATE d.t SET b = 'n', a = a * 10 WHERE a > 1; SELECT * FROM d.t ORDER BY a -- => [["1", "o"], ["20", "n"], ["30", "n"]]
CREATE OR REPLACE TABLE d.t AS SELECT 1 AS a; UPDATE d.t SET a = 2; -- => refuses: UPDATE must have a WHERE clause
CREATE OR REPLACE TABLE d.t AS SELECT 1 AS a; DELETE FROM d.t -- => refuses: DELETE must have a WHERE clause
CREATE OR REPLACE TABLE d.t AS SELECT x AS a FROM UNNEST([1, 2, 3]) AS x; DELETE d.t WHERE a = 2; SELECT a FROM d.t ORDER BY a -- => [["1"], ["3"]]
CREATE OR REPLACE TABLE d.t AS SELECT 1 AS a, 0 AS v; UPDATE d.t t SET v = s.v FROM (SELECT 1 AS a, 5 AS v) s WHERE t.a = s.a; SELECT v FROM d.t -- => [["5"]]
CREATE OR REPLACE TABLE d.t AS SELECT 1 AS id, 'old' AS v; MERGE d.t T USING (SELECT 1 AS id, 'new' AS v UNION ALL SELECT 2, 'two') S ON T.id = S.id WHEN MATCHED THEN UPDATE SET v = S.v WHEN NOT MATCHED THEN INSERT (id, v) VALUES (S.id, S.v); SELECT * FROM d.t ORDER BY id -- => [["1", "new"], ["2", "two"]]
CREATE OR REPLACE TABLE d.t AS SELECT 1 AS id, 'old' AS v; MERGE INTO d.t T USING (SELECT 2 AS id, 'two' AS v) S ON T.id = S.id WHEN NOT MATCHED THEN INSERT ROW WHEN NOT MATCHED BY SOURCE THEN DELETE; SELECT * FROM d.t -- => [["2", "two"]]
CREATE OR REPLACE TABLE d.t AS SELECT 1 AS id; MERGE d.t T USING (SELECT 1 AS id) S ON FALSE WHEN NOT MATCHED THEN INSERT ROW WHEN NOT MATCHED BY SOURCE THEN DELETE; SELECT COUNT(*) FROM d.t -- => [["1"]]
CREATE OR REPLACE TABLE d.t AS SELECT 1 AS id; MERGE d.t T USING (SELECT 1 AS id) S ON T.id = S.id WHEN MATCHED AND T.id > 5 THEN DELETE WHEN MATCHED THEN UPDATE SET id = 9; SELECT id FROM d.t -- => [["9"]]
CREATE OR REPLACE TABLE d.t AS SELECT 1 AS id; TRUNCATE TABLE d.t; SELECT COUNT(*) FROM d.t -- => [["0"]]
CREATE OR REPLACE TABLE d.t (id INT64 NOT NULL); INSERT INTO d.t (id) VALUES (NULL) -- => refuses: (?i)required field|NOT NULL
CREATE OR REPLACE TABLE d.t (id INT64); INSERT INTO d.t (id) VALUES ('x') -- => refuses: .
CREATE OR REPLACE TABLE d.t (n NUMERIC(10, 2), s STRING(3)); INSERT INTO d.t VALUES (NUMERIC '1.235', 'abc'); SELECT n, s FROM d.t -- => [["1.24", "abc"]]
CREATE OR REPLACE TABLE d.t (s STRUCT<a INT64, b ARRAY<STRING>>); INSERT INTO d.t VALUES (STRUCT(1, ['x'])); SELECT s.a, s.b FROM d.t -- => [["1", ["x"]]]
CREATE OR REPLACE TABLE d.t (xs ARRAY<INT64>); INSERT INTO d.t VALUES (NULL), ([1]); SELECT ARRAY_LENGTH(xs) FROM d.t ORDER BY 1 -- => [["0"], ["1"]]
CREATE TABLE d.sales (a INT64) -- => refuses: Already Exists: Table p:d.sales
CREATE TABLE IF NOT EXISTS d.sales (a INT64); SELECT COUNT(*) FROM d.sales -- => [["3"]]
CREATE OR REPLACE TABLE d.t LIKE d.sales; SELECT COUNT(*) FROM d.t -- => [["0"]]
CREATE OR REPLACE TABLE d.t CLONE d.sales; SELECT COUNT(*) FROM d.t -- => [["3"]]
CREATE OR REPLACE TABLE d.t COPY d.sales; SELECT COUNT(*) FROM d.t -- => [["3"]]
CREATE OR REPLACE VIEW d.v AS SELECT product, sales FROM d.sales WHERE sales > 50; SELECT product FROM d.v ORDER BY product -- => [["Apple"], ["Kale"]]
CREATE OR REPLACE VIEW d.v (who, much) AS SELECT product, sales FROM d.sales; SELECT much FROM d.v WHERE who = 'Apple' -- => [["77"]]
CREATE OR REPLACE VIEW d.v AS SELECT 1 AS a; DROP VIEW d.v; SELECT * FROM d.v -- => refuses: Not found: Table p:d.v
CREATE OR REPLACE TABLE d.t (a INT64); ALTER TABLE d.t ADD COLUMN b STRING, ADD COLUMN IF NOT EXISTS a INT64; INSERT INTO d.t VALUES (1, 'x'); SELECT b FROM d.t -- => [["x"]]
CREATE OR REPLACE TABLE d.t (a INT64, b STRING); ALTER TABLE d.t DROP COLUMN b; INSERT INTO d.t VALUES (1); SELECT * FROM d.t -- => [["1"]]
CREATE OR REPLACE TABLE d.t (a INT64, b STRING); ALTER TABLE d.t RENAME COLUMN b TO c; INSERT INTO d.t VALUES (1, 'x'); SELECT c FROM d.t -- => [["x"]]
DROP TABLE IF EXISTS d.t2; CREATE OR REPLACE TABLE d.t (a INT64); ALTER TABLE d.t RENAME TO t2; SELECT COUNT(*) FROM d.t2 -- => [["0"]]
CREATE OR REPLACE TABLE d.t (a INT64); ALTER TABLE d.t SET OPTIONS (description = 'hello'); SELECT option_value FROM d.INFORMATION_SCHEMA.TABLE_OPTIONS WHERE table_name = 't' AND option_name = 'description' -- => [["\"hello\""]]
CREATE OR REPLACE TABLE d.t (a INT64 NOT NULL); ALTER TABLE d.t ALTER COLUMN a DROP NOT NULL; INSERT INTO d.t VALUES (NULL); SELECT COUNT(*) FROM d.t -- => [["1"]]
CREATE OR REPLACE TABLE d.t (a INT64); ALTER TABLE d.t ALTER COLUMN a SET DATA TYPE NUMERIC; INSERT INTO d.t VALUES (NUMERIC '1.5'); SELECT a FROM d.t -- => [["1.5"]]
CREATE OR REPLACE TABLE d.t (day DATE, v INT64) PARTITION BY day CLUSTER BY v OPTIONS (description = 'x', labels = [('k', 'v')]); INSERT INTO d.t VALUES (DATE '2024-01-01', 1); SELECT v FROM d.t WHERE day = '2024-01-01' -- => [["1"]]
CREATE OR REPLACE TABLE d.t (ts TIMESTAMP) PARTITION BY TIMESTAMP_TRUNC(ts, MONTH); INSERT INTO d.t VALUES (TIMESTAMP '2024-01-01 00:00:00+00'); SELECT ts FROM d.t -- => [["1704067200000000"]]
CREATE OR REPLACE TABLE d.t (id INT64) PARTITION BY RANGE_BUCKET(id, GENERATE_ARRAY(0, 100, 10)); INSERT INTO d.t VALUES (5), (15); SELECT partition_id FROM d.INFORMATION_SCHEMA.PARTITIONS WHERE table_name = 't' ORDER BY 1 -- => [["0"], ["10"]]
CREATE OR REPLACE TABLE d.t (day DATE) PARTITION BY day OPTIONS (require_partition_filter = TRUE); SELECT * FROM d.t -- => refuses: Cannot query over table 'd.t' without a filter
CREATE TEMP FUNCTION plus1(x INT64) AS (x + 1); SELECT plus1(1), plus1(plus1(1)) -- => [["2", "3"]]
CREATE TEMP FUNCTION f(x FLOAT64, y FLOAT64) RETURNS FLOAT64 AS ((x + 4) / y); SELECT f(8, 2) -- => [["6.0"]]
CREATE TEMP FUNCTION f(x ANY TYPE) AS (x); SELECT f('a'), f(1) -- => [["a", "1"]]
CREATE OR REPLACE FUNCTION d.twice(x INT64) AS (x * 2); SELECT d.twice(4) -- => [["8"]]
CREATE TEMP FUNCTION js(x FLOAT64) RETURNS FLOAT64 LANGUAGE js AS 'return x;'; SELECT js(1) -- => refuses: other languages
CREATE TEMP TABLE tmp AS SELECT 1 AS a; SELECT a FROM tmp -- => [["1"]]
CREATE SCHEMA IF NOT EXISTS e; DROP SCHEMA e; SELECT COUNT(*) FROM INFORMATION_SCHEMA.SCHEMATA WHERE schema_name = 'e' -- => [["0"]]
DROP TABLE d.missing -- => refuses: Not found: Table p:d.missing
CREATE MATERIALIZED VIEW d.mv AS SELECT 1 AS a -- => refuses: MATERIALIZED
BEGIN TRANSACTION; INSERT INTO d.tx VALUES (1); ROLLBACK TRANSACTION; SELECT COUNT(*) FROM d.tx -- => [["0"]]
BEGIN TRANSACTION; INSERT INTO d.tx VALUES (1); COMMIT TRANSACTION; DELETE FROM d.tx WHERE TRUE; SELECT COUNT(*) FROM d.tx -- => [["0"]]
ASSERT (SELECT COUNT(*) FROM d.sales) = 4 AS 'four sales' -- => refuses: four sales
GRANT `roles/bigquery.dataViewer` ON TABLE d.sales TO 'user:a@b.c' -- => refuses: GRANT
