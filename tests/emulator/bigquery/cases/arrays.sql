-- Google: "Array functions", "Working with arrays", "Struct".
-- from: GoogleSQL reference, Array functions, ARRAY
SELECT ARRAY(SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) -- => [[["1", "2", "3"]]]
-- from: GoogleSQL reference, Array functions, ARRAY
SELECT ARRAY(SELECT AS STRUCT 1, 2, 3 UNION ALL SELECT AS STRUCT 4, 5, 6) -- => [[[["1", "2", "3"], ["4", "5", "6"]]]]
SELECT ARRAY_CONCAT([1, 2], [3, 4], [5, 6]), [1] || [2] -- => [[["1", "2", "3", "4", "5", "6"], ["1", "2"]]]
SELECT ARRAY_LENGTH(['coffee', NULL, 'milk']), ARRAY_LENGTH(CAST(NULL AS ARRAY<INT64>)), ARRAY_LENGTH([]) -- => [["3", null, "0"]]
SELECT ARRAY_REVERSE([1, 2, 3]), ARRAY_REVERSE(['a', 'b']) -- => [[["3", "2", "1"], ["b", "a"]]]
SELECT ARRAY_TO_STRING(['coffee', 'tea', 'milk'], ', ', 'MISSING'), ARRAY_TO_STRING(['cake', 'pie', NULL], ', ', 'MISSING'), ARRAY_TO_STRING(['cake', NULL], ', ') -- => [["coffee, tea, milk", "cake, pie, MISSING", "cake"]]
SELECT ARRAY_FIRST(['a', 'b', 'c']), ARRAY_LAST(['a', 'b', 'c']) -- => [["a", "c"]]
SELECT ARRAY_FIRST(CAST([] AS ARRAY<INT64>)) -- => refuses: (?i)empty array
-- from: GoogleSQL reference, Array functions, ARRAY_SLICE
SELECT ARRAY_SLICE(['a', 'b', 'c', 'd', 'e'], 1, 3), ARRAY_SLICE(['a', 'b', 'c', 'd', 'e'], -1, 3), ARRAY_SLICE(['a', 'b', 'c', 'd', 'e'], -3, -1) -- => [[["b", "c", "d"], [], ["c", "d", "e"]]]
SELECT ARRAY_INCLUDES([1, 2, 3], 2), ARRAY_INCLUDES([1, 2], 5), ARRAY_INCLUDES_ANY([1, 2], [2, 9]), ARRAY_INCLUDES_ALL([1, 2], [2, 9]) -- => refuses: ARRAY_INCLUDES
SELECT ARRAY_IS_DISTINCT([1, 2, 3]), ARRAY_IS_DISTINCT([1, 1]), ARRAY_IS_DISTINCT([1, NULL, NULL]) -- => [["true", "false", "false"]]
-- from: GoogleSQL reference, Array functions, GENERATE_ARRAY
SELECT GENERATE_ARRAY(1, 5), GENERATE_ARRAY(0, 10, 3), GENERATE_ARRAY(10, 0, -3), GENERATE_ARRAY(4, 4, 10) -- => [[["1", "2", "3", "4", "5"], ["0", "3", "6", "9"], ["10", "7", "4", "1"], ["4"]]]
-- from: GoogleSQL reference, Array functions, GENERATE_ARRAY
SELECT GENERATE_ARRAY(10, 0, 3), GENERATE_ARRAY(5, NULL, 1) -- => [[[], []]]
SELECT GENERATE_ARRAY(1, 2, 0.5), GENERATE_ARRAY(21, 14, -1)[OFFSET(7)] -- => [[["1.0", "1.5", "2.0"], "14"]]
SELECT ['apple', 'pear'][0], ['apple', 'pear'][OFFSET(1)], ['apple', 'pear'][ORDINAL(1)], ['apple'][SAFE_ORDINAL(2)], ['apple'][SAFE_OFFSET(-1)] -- => [["apple", "pear", "apple", null, null]]
SELECT ['a'][OFFSET(1)] -- => refuses: Array index 1 is out of bounds
-- from: GoogleSQL compliance tests, array_constructors
SELECT CAST(NULL AS ARRAY<INT64>), CAST([] AS ARRAY<INT64>) -- => [[[], []]]
SELECT [1, NULL] -- => refuses: Array cannot have a null element
SELECT x FROM UNNEST(['b', 'a']) AS x WITH OFFSET o WHERE o = 1 -- => [["a"]]
SELECT * FROM UNNEST([STRUCT(1 AS a, 'x' AS b), STRUCT(2, 'y')]) ORDER BY a -- => [["1", "x"], ["2", "y"]]
SELECT s.a, b FROM UNNEST([STRUCT(1 AS a, 'x' AS b)]) AS s -- => [["1", "x"]]
SELECT id, x FROM (SELECT 1 AS id, [10, 20] AS xs), UNNEST(xs) AS x ORDER BY x -- => [["1", "10"], ["1", "20"]]
SELECT id, x FROM (SELECT 1 AS id, [10, 20] AS xs) AS t, t.xs AS x ORDER BY x -- => [["1", "10"], ["1", "20"]]
SELECT id, x FROM (SELECT 1 AS id, CAST([] AS ARRAY<INT64>) AS xs) AS t LEFT JOIN UNNEST(t.xs) AS x -- => [["1", null]]
SELECT id, (SELECT SUM(x) FROM UNNEST(xs) AS x) AS s FROM (SELECT 1 AS id, [10, 20] AS xs) -- => [["1", "30"]]
SELECT ARRAY(SELECT x * 2 FROM UNNEST(xs) AS x WHERE x > 1 ORDER BY x DESC) AS s FROM (SELECT [1, 2, 3] AS xs) -- => [[["6", "4"]]]
SELECT item.name, item.n FROM (SELECT [STRUCT('a' AS name, 1 AS n), ('b', 2)] AS items) AS t CROSS JOIN UNNEST(t.items) AS item ORDER BY n -- => [["a", "1"], ["b", "2"]]
SELECT x, o FROM (SELECT ['p', 'q'] AS xs) AS t, UNNEST(t.xs) AS x WITH OFFSET AS o ORDER BY o -- => [["p", "0"], ["q", "1"]]
SELECT STRUCT(1 AS a, 'x' AS b), STRUCT<a INT64, b STRING>(1, 'x').b, (1, 'y') -- => [[["1", "x"], "x", ["1", "y"]]]
SELECT s.a + 1, s.inner_s.b FROM (SELECT STRUCT(1 AS a, STRUCT('z' AS b) AS inner_s) AS s) -- => [["2", "z"]]
SELECT s.* FROM (SELECT STRUCT(1 AS a, 'x' AS b) AS s) -- => [["1", "x"]]
SELECT STRUCT(1 AS a) = STRUCT(1 AS a), (1, 2) IN ((1, 2), (3, 4)) -- => [["true", "true"]]
SELECT EXISTS(SELECT 1 FROM UNNEST([1, 2]) AS x WHERE x = 2), 2 IN UNNEST([1, 2]) -- => [["true", "true"]]
SELECT [[1]] -- => refuses: ARRAY
SELECT FLATTEN([1]) -- => refuses: FLATTEN
