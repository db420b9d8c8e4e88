-- Google: "JSON functions".
SELECT JSON_VALUE('{"name": "Jakob", "age": "6"}', '$.name'), JSON_VALUE('{"age": 6}', '$.age'), JSON_VALUE('{"fruits": ["apple"]}', '$.fruits'), JSON_VALUE('"hi"') -- => [["Jakob", "6", null, "hi"]]
SELECT JSON_QUERY('{"fruits": ["apple", "banana"]}', '$.fruits'), JSON_QUERY('{"a.b": {"c": "world"}}', '$."a.b"'), JSON_QUERY('{"a": null}', '$.a') -- => [["[\"apple\",\"banana\"]", "{\"c\":\"world\"}", null]]
SELECT JSON_EXTRACT('{"class": {"students": [{"name": "Jane"}]}}', '$.class.students[0].name'), JSON_EXTRACT_SCALAR('{"name": "Jakob"}', '$.name') -- => [["\"Jane\"", "Jakob"]]
SELECT JSON_QUERY_ARRAY('{"fruits": ["apples", "oranges"]}', '$.fruits') -- => [[["\"apples\"", "\"oranges\""]]]
SELECT JSON_VALUE_ARRAY('{"fruits": ["apples", "oranges", "grapes"]}', '$.fruits'), JSON_VALUE_ARRAY('[1, "x"]') -- => [[["apples", "oranges", "grapes"], ["1", "x"]]]
SELECT JSON_EXTRACT_ARRAY('[1,2,3]'), JSON_EXTRACT_STRING_ARRAY('["a", "b"]') -- => [[["1", "2", "3"], ["a", "b"]]]
SELECT TO_JSON_STRING(STRUCT(1 AS id, [10, 20] AS coordinates)), TO_JSON_STRING('a"b'), TO_JSON_STRING(CAST(NULL AS INT64)), TO_JSON_STRING(DATE '2024-01-02') -- => [["{\"id\":1,\"coordinates\":[10,20]}", "\"a\\\"b\"", "null", "\"2024-01-02\""]]
SELECT TO_JSON_STRING(t) FROM (SELECT 1 AS a, 'x' AS b) AS t -- => [["{\"a\":1,\"b\":\"x\"}"]]
SELECT PARSE_JSON('{"coordinates": [10, 20], "id": 1}'), JSON '{"b": 1, "a": 2}' -- => [["{\"coordinates\":[10,20],\"id\":1}", "{\"a\":2,\"b\":1}"]]
SELECT PARSE_JSON('{bad') -- => refuses: (?i)json
SELECT TO_JSON(STRUCT(1 AS id, [10, 20] AS coordinates)), TO_JSON(5), TO_JSON('x') -- => [["{\"coordinates\":[10,20],\"id\":1}", "5", "\"x\""]]
SELECT j.a.b, j['c'], STRING(j.d) FROM (SELECT JSON '{"a": {"b": [1, 2]}, "c": 1, "d": "x"}' AS j) -- => [["[1,2]", "1", "x"]]
SELECT j.a[1] FROM (SELECT JSON '{"a": [1, 2]}' AS j) -- => refuses: positions in JSON
SELECT INT64(JSON '2005'), FLOAT64(JSON '9.8'), BOOL(JSON 'true'), STRING(JSON '"purple"') -- => [["2005", "9.8", "true", "purple"]]
SELECT INT64(JSON '"x"') -- => refuses: .
SELECT LAX_INT64(JSON '"10"'), LAX_INT64(JSON '9.8'), LAX_FLOAT64(JSON '"1.5"'), LAX_BOOL(JSON '"true"'), LAX_STRING(JSON '10'), LAX_INT64(JSON '"x"') -- => [["10", "10", "1.5", "true", "10", null]]
SELECT JSON_TYPE(JSON '"apple"'), JSON_TYPE(JSON '10'), JSON_TYPE(JSON '[]'), JSON_TYPE(JSON '{}'), JSON_TYPE(JSON 'null'), JSON_TYPE(JSON 'true') -- => [["string", "number", "array", "object", "null", "boolean"]]
SELECT JSON_OBJECT('foo', 10, 'bar', TRUE), JSON_OBJECT(), JSON_ARRAY(10, 'x', [1]), JSON_ARRAY() -- => [["{\"bar\":true,\"foo\":10}", "{}", "[10,\"x\",[1]]", "[]"]]
SELECT JSON_KEYS(JSON '{"a": {"b": 1}}'), JSON_KEYS(JSON '{"a": {"b": 1}}', 1) -- => [[["a", "a.b"], ["a"]]]
SELECT JSON_SET(JSON '{"a": 1}', '$', JSON '{"b": 2, "c": 3}'), JSON_SET(JSON '{"a": 1}', '$.b', 999), JSON_SET(JSON '{"a": 1}', '$.a', 'x') -- => [["{\"b\":2,\"c\":3}", "{\"a\":1,\"b\":999}", "{\"a\":\"x\"}"]]
SELECT JSON_REMOVE(JSON '["a", ["b", "c"], "d"]', '$[1]'), JSON_REMOVE(JSON '{"a": {"b": 1}, "c": 2}', '$.a.b') -- => [["[\"a\",\"d\"]", "{\"a\":{},\"c\":2}"]]
-- from: GoogleSQL reference, Json functions, JSON_STRIP_NULLS
SELECT JSON_STRIP_NULLS(JSON '{"a": null, "b": "c"}'), JSON_STRIP_NULLS(JSON '[1, null, 2, null, [null]]') -- => [["{\"b\":\"c\"}", "[1,2,[]]"]]
-- from: GoogleSQL reference, Json functions, JSON_ARRAY_APPEND; reference, Json functions, JSON_ARRAY_INSERT
SELECT JSON_ARRAY_APPEND(JSON '["a", "b", "c"]', '$', 1), JSON_ARRAY_INSERT(JSON '["a", ["b", "c"], "d"]', '$[1]', 1) -- => [["[\"a\",\"b\",\"c\",1]", "[\"a\",1,[\"b\",\"c\"],\"d\"]"]]
SELECT JSON_VALUE(JSON '{"a": [1, 2]}', '$.a[1]'), JSON_QUERY(JSON '{"a": {"c": 2, "b": 1}}', '$.a') -- => [["2", "{\"b\":1,\"c\":2}"]]
SELECT JSON_CONTAINS(JSON '[1]', JSON '1') -- => refuses: JSON_CONTAINS
