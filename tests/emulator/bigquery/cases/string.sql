-- Google: "String functions".
-- from: GoogleSQL reference, String functions, ASCII
SELECT ASCII('abcd'), ASCII('a'), ASCII(''), ASCII(NULL) -- => [["97", "97", "0", null]]
-- from: GoogleSQL reference, String functions, BYTE_LENGTH; reference, String functions, CHARACTER_LENGTH; reference, String functions, CHAR_LENGTH
SELECT BYTE_LENGTH('абвгд'), BYTE_LENGTH(b'абвгд'), CHAR_LENGTH('абвгд'), CHARACTER_LENGTH('абвгд') -- => [["10", "10", "5", "5"]]
SELECT CHR(65), CHR(255), CHR(513), CHR(1024), CHR(0x61) -- => [["A", "ÿ", "ȁ", "Ѐ", "a"]]
-- from: GoogleSQL reference, String functions, CODE_POINTS_TO_BYTES
SELECT CODE_POINTS_TO_BYTES([65, 98, 67, 100]) -- => [["QWJDZA=="]]
-- from: GoogleSQL reference, String functions, CODE_POINTS_TO_STRING
SELECT CODE_POINTS_TO_STRING([65, 255, 513, 1024]) -- => [["AÿȁЀ"]]
-- from: GoogleSQL reference, String functions, CONCAT
SELECT CONCAT('T.P.', ' ', 'Bar'), CONCAT('Summer', ' ', 1923) -- => [["T.P. Bar", "Summer 1923"]]
SELECT CONTAINS_SUBSTR('the blue house', 'Blue house'), CONTAINS_SUBSTR('the red house', 'blue') -- => [["true", "false"]]
-- from: GoogleSQL reference, String functions, EDIT_DISTANCE
SELECT EDIT_DISTANCE('a', 'b'), EDIT_DISTANCE('aa', 'b'), EDIT_DISTANCE('aa', 'ba') -- => [["1", "2", "1"]]
SELECT ENDS_WITH('apple', 'e'), ENDS_WITH('banana', 'e') -- => [["true", "false"]]
SELECT FORMAT('%d', 10), FORMAT('|%10d|', 11), FORMAT('+%010d+', 12), FORMAT("%'d", 123456789) -- => [["10", "|        11|", "+0000000012+", "123,456,789"]]
SELECT FORMAT('-%s-', 'abcd efg'), FORMAT('%f %E', 1.1, 2.2) -- => [["-abcd efg-", "1.100000 2.200000E+00"]]
SELECT FORMAT('%t', DATE '2015-09-01'), FORMAT('%t', TIMESTAMP '2015-09-01 12:34:56 America/Los_Angeles') -- => [["2015-09-01", "2015-09-01 19:34:56+00"]]
SELECT FORMAT('%T', 'abc'), FORMAT('%T', DATE '2015-09-01'), FORMAT('%5.2f|%-5s|%%', 3.14159, 'ab') -- => [["\"abc\"", "DATE \"2015-09-01\"", " 3.14|ab   |%"]]
SELECT FORMAT('%x %X %o', 255, 255, 8), FORMAT('%s', NULL) -- => [["ff FF 10", null]]
-- from: GoogleSQL reference, String functions, FROM_BASE32; reference, String functions, TO_BASE32
SELECT FROM_BASE32('MFRGGZDF74======'), TO_BASE32(b'abcde\xFF') -- => [["YWJjZGX/", "MFRGGZDF74======"]]
-- from: GoogleSQL reference, String functions, FROM_BASE64; reference, String functions, TO_BASE64
SELECT FROM_BASE64('/+A='), TO_BASE64(b'\377\340') -- => [["/+A=", "/+A="]]
SELECT FROM_HEX('00010203aaeeefff'), FROM_HEX('0AF'), TO_HEX(b'foobar') -- => [["AAECA6ru7/8=", "AK8=", "666f6f626172"]]
SELECT INITCAP('Hello World-everyone!'), INITCAP('tHe dog BARKS loudly+friendly') -- => [["Hello World-Everyone!", "The Dog Barks Loudly+Friendly"]]
-- from: GoogleSQL reference, String functions, INITCAP
SELECT INITCAP('Apples1oranges2pears', '12') -- => [["Apples1Oranges2Pears"]]
SELECT INSTR('banana', 'an'), INSTR('banana', 'an', 1, 2), INSTR('banana', 'an', 1, 3), INSTR('banana', 'an', 3, 1) -- => [["2", "4", "0", "4"]]
SELECT INSTR('banana', 'an', -1, 1), INSTR('banana', 'an', -3, 1), INSTR('banana', 'an', -4, 1) -- => [["4", "4", "2"]]
-- from: GoogleSQL reference, String functions, INSTR
SELECT INSTR('banana', 'ann', 1, 1), INSTR('helloooo', 'oo', 1, 1), INSTR('helloooo', 'oo', 1, 2) -- => [["0", "5", "6"]]
SELECT LEFT('banana', 3), RIGHT('banana', 3), LEFT(b'apple', 3) -- => [["ban", "ana", "YXBw"]]
SELECT LENGTH('абвгд'), LENGTH(b'абвгд') -- => [["5", "10"]]
SELECT LPAD('abc', 5), LPAD('abc', 2), LPAD('abc', 5, 'def'), LPAD('abc', 10, 'defg') -- => [["  abc", "ab", "deabc", "defgdefabc"]]
SELECT RPAD('abc', 5), RPAD('abc', 2), RPAD('abc', 5, 'def'), RPAD('abc', 10, 'defg') -- => [["abc  ", "ab", "abcde", "abcdefgdef"]]
-- from: GoogleSQL reference, String functions, LTRIM; reference, String functions, RTRIM; reference, String functions, TRIM
SELECT LTRIM('***apple***', '*'), RTRIM('***apple***', '*'), TRIM('***apple***', '*'), TRIM('xzxapplexxy', 'xyz') -- => [["apple***", "***apple", "apple", "apple"]]
SELECT LOWER('FOO'), UPPER('foo'), LOWER('ÄÖ') -- => [["foo", "FOO", "äö"]]
SELECT NORMALIZE('\u00ea') = NORMALIZE('\u0065\u0302'), NORMALIZE('Raha\u2004Mahan', NFKC) = 'Raha Mahan' -- => [["true", "true"]]
-- from: GoogleSQL reference, String functions, NORMALIZE_AND_CASEFOLD
SELECT NORMALIZE_AND_CASEFOLD('The red barn') = NORMALIZE_AND_CASEFOLD('The Red Barn') -- => [["true"]]
SELECT OCTET_LENGTH('абвгд'), REPEAT('abc', 3), REPEAT('abc', NULL) -- => [["10", "abcabcabc", null]]
SELECT REPLACE('apple pie', 'pie', 'cobbler'), REPLACE('abc', '', 'x') -- => [["apple cobbler", "abc"]]
SELECT REVERSE('foo'), REVERSE(b'123') -- => [["oof", "MzIx"]]
SELECT SAFE_CONVERT_BYTES_TO_STRING(b'\xc2') -- => [["�"]]
-- from: GoogleSQL compliance tests, strings; reference, String functions, SOUNDEX
SELECT SOUNDEX('Ashcraft'), SOUNDEX('') -- => [["A261", ""]]
SELECT SPLIT('b c d a', ' '), SPLIT('', ''), SPLIT('a,b') -- => [[["b", "c", "d", "a"], [""], ["a", "b"]]]
SELECT STARTS_WITH('bar', 'b'), STARTS_WITH('foo', 'b') -- => [["true", "false"]]
SELECT STRPOS('foo@example.com', '@'), STRPOS('quxexample.com', '@') -- => [["4", "0"]]
-- from: GoogleSQL reference, String functions, SUBSTR
SELECT SUBSTR('apple', 2), SUBSTR('apple', 2, 2), SUBSTR('apple', -2), SUBSTR('apple', 1, 123), SUBSTR('apple', 123) -- => [["pple", "pp", "le", "apple", ""]]
SELECT SUBSTRING('apple', 2, 2), SUBSTR(b'apple', 2, 2) -- => [["pp", "cHA="]]
SELECT SUBSTR('apple', 1, -1) -- => refuses: negative
SELECT TO_CODE_POINTS('foo'), TO_CODE_POINTS('ÿ'), TO_CODE_POINTS(b'\x00\x10\xff') -- => [[["102", "111", "111"], ["255"], ["0", "16", "255"]]]
-- from: GoogleSQL reference, String functions, TRANSLATE
SELECT TRANSLATE('This is a cookie', 'sco', 'zku') -- => [["Thiz iz a kuukie"]]
-- from: GoogleSQL reference, String functions, UNICODE
SELECT UNICODE('âbcd'), UNICODE('â'), UNICODE(''), UNICODE(NULL) -- => [["226", "226", "0", null]]
SELECT COLLATE('a', 'und:ci') -- => refuses: COLLATE
SELECT 'a' < 'b', 'B' < 'a', 'abc' LIKE 'a%', 'abc' LIKE '_b_', 'a%c' LIKE 'a\\%c', 'abc' NOT LIKE 'x%' -- => [["true", "true", "true", "true", "true", "true"]]
SELECT 'abc' LIKE ANY ('x%', 'a%'), 'abc' LIKE ALL ('a%', '%c') -- => [["true", "true"]]
SELECT r'a\n', 'a\tb', "it's" -- => [["a\\n", "a\tb", "it's"]]
