-- Google: "Hash functions", "Net functions", "Geography functions" (not here).
-- from: GoogleSQL reference, Hash functions, MD5; reference, Hash functions, SHA1
SELECT MD5('Hello World'), SHA1('Hello World') -- => [["sQqNsWTgdUEFt6mb5y4/5Q==", "Ck1VqNd45QIvq3AZd8XYQLvEhtA="]]
SELECT SHA256('Hello World') -- => [["pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4="]]
SELECT SHA512('Hello World') -- => [["LHT9F+2v2A6ER7DUZ0HuJDt+t03SFJoKsbkkb7MDgvJ+hT2FhXGeDmfL2g2qj1FnEGRhXWRa4nrLFb+xRH9Fmw=="]]
SELECT FARM_FINGERPRINT(CONCAT(CAST(x AS STRING), y, CAST(z AS STRING))) AS row_fingerprint FROM (SELECT 1 AS x, "foo" AS y, true AS z UNION ALL SELECT 2, "apple", false UNION ALL SELECT 3, "", true) ORDER BY x -- => [["-1541654101129638711"], ["2794438866806483259"], ["-4880158226897771312"]]
SELECT TO_HEX(MD5('a')), TO_HEX(SHA256(b'abc')) -- => [["0cc175b9c0f1b6a831c399e269772661", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]]
SELECT NET.HOST('http://www.Google.Co.UK'), NET.HOST('//abc.xyz/x'), NET.HOST('mailto:?to=&subject=&body=') -- => [["www.Google.Co.UK", "abc.xyz", "mailto"]]
SELECT NET.IP_TO_STRING(NET.IP_FROM_STRING('48.49.50.51')), NET.IPV4_TO_INT64(NET.IP_FROM_STRING('0.0.1.0')) -- => [["48.49.50.51", "256"]]
SELECT NET.SAFE_IP_FROM_STRING('48.49.50'), NET.IP_TO_STRING(NET.IPV4_FROM_INT64(11)) -- => [[null, "0.0.0.11"]]
SELECT NET.IP_FROM_STRING('48.49.50') -- => refuses: IP_FROM_STRING
SELECT NET.IP_TO_STRING(NET.IP_TRUNC(NET.IP_FROM_STRING('170.187.204.221'), 16)), TO_HEX(NET.IP_NET_MASK(4, 20)) -- => [["170.187.0.0", "fffff000"]]
SELECT NET.REG_DOMAIN('http://www.google.com') -- => refuses: NET.REG_DOMAIN
SELECT ST_DISTANCE(ST_GEOGPOINT(0, 0), ST_GEOGPOINT(1, 1)) -- => refuses: ST_
SELECT CAST(NULL AS GEOGRAPHY) -- => refuses: GEOGRAPHY
