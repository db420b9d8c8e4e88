-- Google: "String functions", REGEXP_… (RE2).
SELECT REGEXP_CONTAINS('foo@example.com', r'@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+'), REGEXP_CONTAINS('www.example.net', r'@[a-zA-Z0-9-]+') -- => [["true", "false"]]
SELECT REGEXP_CONTAINS('a@foo.com', r'^([\w.+-]+@foo\.com)$'), REGEXP_CONTAINS('a@foo.computer', r'^([\w.+-]+@foo\.com)$') -- => [["true", "false"]]
-- from: GoogleSQL reference, String functions, REGEXP_EXTRACT
SELECT REGEXP_EXTRACT('foo@example.com', r'^[a-zA-Z0-9_.+-]+'), REGEXP_EXTRACT('foo@example.com', r'^[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\.([a-zA-Z0-9-.]+$)') -- => [["foo", "com"]]
SELECT REGEXP_EXTRACT('Hello Helloo and Hellooo', 'H?ello+', 1, 1), REGEXP_EXTRACT('Hello Helloo and Hellooo', 'H?ello+', 1, 3), REGEXP_EXTRACT('Hello Helloo and Hellooo', 'H?ello+', 2, 1), REGEXP_EXTRACT('Hello Helloo and Hellooo', 'H?ello+', 1, 4) -- => [["Hello", "Hellooo", "ello", null]]
SELECT REGEXP_SUBSTR('Hello World Helloo', 'H?ello+', 1, 2) -- => [["Helloo"]]
-- from: GoogleSQL reference, String functions, REGEXP_EXTRACT_ALL
SELECT REGEXP_EXTRACT_ALL('Try `func(x)` or `func(y)`', '`(.+?)`') -- => [[["func(x)", "func(y)"]]]
SELECT REGEXP_EXTRACT_ALL('abc', 'z') -- => [[[]]]
-- from: GoogleSQL reference, String functions, REGEXP_INSTR
SELECT REGEXP_INSTR('ab@cd-ef', '@[^-]*'), REGEXP_INSTR('ab@d-ef', '@[^-]*'), REGEXP_INSTR('abc@cd-ef', '@[^-]*'), REGEXP_INSTR('abc-ef', '@[^-]*') -- => [["3", "3", "4", "0"]]
SELECT REGEXP_INSTR('a@cd-ef b@cd-ef c@cd-ef', '@[^-]*', 1, 1), REGEXP_INSTR('a@cd-ef b@cd-ef', '@[^-]*', 2, 2), REGEXP_INSTR('a@cd-ef', '@[^-]*', 1, 1, 1) -- => [["2", "10", "5"]]
SELECT REGEXP_REPLACE('# Heading', r'^# ([a-zA-Z0-9\s]+$)', '<h1>\\1</h1>') -- => [["<h1>Heading</h1>"]]
SELECT REGEXP_REPLACE('abcabc', 'b', ''), REGEXP_REPLACE('abc', '(b)(c)', r'\2\1') -- => [["acac", "acb"]]
SELECT REGEXP_CONTAINS('x', '(') -- => refuses: .
