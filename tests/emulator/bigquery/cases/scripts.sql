-- Google: "Procedural language".
DECLARE x INT64; SET x = 5; SELECT x -- => [["5"]]
DECLARE x INT64 DEFAULT 0; SELECT x + 1 -- => [["1"]]
DECLARE d1 DATE DEFAULT DATE '2024-01-02'; SELECT DATE_ADD(d1, INTERVAL 1 DAY) -- => [["2024-01-03"]]
DECLARE a, b INT64 DEFAULT 2; SET (a, b) = (a + 1, b + 2); SELECT a, b -- => [["3", "4"]]
DECLARE x DEFAULT 'hi'; SELECT CONCAT(x, '!') -- => [["hi!"]]
DECLARE xs ARRAY<STRING> DEFAULT ['a', 'b']; SELECT y FROM UNNEST(xs) AS y ORDER BY y -- => [["a"], ["b"]]
DECLARE x INT64; SET x = (SELECT SUM(sales) FROM d.sales); SELECT x -- => [["151"]]
DECLARE sales INT64 DEFAULT 1; SELECT SUM(sales) FROM d.sales -- => [["151"]]
DECLARE x INT64 DEFAULT 5; IF x > 3 THEN SELECT 'big' AS r; ELSEIF x > 1 THEN SELECT 'mid' AS r; ELSE SELECT 'small' AS r; END IF -- => [["big"]]
DECLARE x INT64 DEFAULT 0; LOOP SET x = x + 1; IF x >= 10 THEN LEAVE; END IF; END LOOP; SELECT x -- => [["10"]]
DECLARE x INT64 DEFAULT 0; WHILE x < 3 DO SET x = x + 1; END WHILE; SELECT x -- => [["3"]]
DECLARE x INT64 DEFAULT 0; REPEAT SET x = x + 1; UNTIL x >= 3 END REPEAT; SELECT x -- => [["3"]]
DECLARE total INT64 DEFAULT 0; FOR record IN (SELECT product, sales FROM d.sales) DO SET total = total + record.sales; END FOR; SELECT total -- => [["151"]]
DECLARE x INT64 DEFAULT 0; DECLARE n INT64 DEFAULT 0; WHILE x < 5 DO SET x = x + 1; IF MOD(x, 2) = 0 THEN CONTINUE; END IF; SET n = n + 1; END WHILE; SELECT n -- => [["3"]]
BEGIN SELECT 1/0; EXCEPTION WHEN ERROR THEN SELECT @@error.message AS m; END -- => [["division by zero: 1 / 0"]]
BEGIN RAISE USING MESSAGE = 'mine'; EXCEPTION WHEN ERROR THEN SELECT @@error.message AS m; END -- => [["mine"]]
BEGIN DECLARE y INT64 DEFAULT 1; SELECT y; END -- => [["1"]]
DECLARE x INT64 DEFAULT 1; BEGIN SET x = 2; END; SELECT x -- => [["2"]]
DECLARE x STRING DEFAULT 'b'; CASE x WHEN 'a' THEN SELECT 1 AS r; WHEN 'b' THEN SELECT 2 AS r; ELSE SELECT 3 AS r; END CASE -- => [["2"]]
DECLARE x INT64 DEFAULT 7; CASE WHEN x > 5 THEN SELECT 'hi' AS r; ELSE SELECT 'lo' AS r; END CASE -- => [["hi"]]
EXECUTE IMMEDIATE 'SELECT 1 + 2 AS s' -- => [["3"]]
DECLARE y INT64; EXECUTE IMMEDIATE 'SELECT ? * (? + 2)' INTO y USING 1, 3; SELECT y -- => [["5"]]
EXECUTE IMMEDIATE 'SELECT @a * (@b + 2) AS s' USING 1 AS a, 3 AS b -- => [["5"]]
DECLARE name STRING DEFAULT 'sales'; EXECUTE IMMEDIATE FORMAT('SELECT COUNT(*) AS n FROM d.%s', name) -- => [["3"]]
SELECT 1 AS a; RETURN; SELECT 2 AS a -- => [["1"]]
SET nope = 1 -- => refuses: Undeclared variable: nope
DECLARE x INT64; DECLARE x INT64; SELECT 1 -- => refuses: already been declared
SELECT 1 AS a; DECLARE x INT64 -- => refuses: DECLARE
DECLARE x INT64 DEFAULT 'abc'; SELECT x -- => refuses: .
IF TRUE THEN SELECT 1 AS a; -- => refuses: Syntax error
SELECT 1 AS a; SELECT 2 AS a -- => [["2"]]
CALL d.nothing() -- => refuses: CALL
