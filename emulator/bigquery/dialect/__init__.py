"""GoogleSQL → DuckDB's SQL: sqlglot's tree, with our own rewrites where its way is not Google's.

parse       text → statements                  locate     words → [line:column]
names       tables, views, files               unnest     UNNEST, also WITH OFFSET
rewrites    … put differently, by family      jsons       … of JSON
unpivot     UNPIVOT                           farm        FARM_FINGERPRINT
functions   which exist, and what they become  dates      parts, truncation, formats
macros      what DuckDB computes for them      natives    what Python computes for them
guards      what is refused first              literals   STRUCTs and numbers by what is around
nans        … of NaN                          statistics  MIN, STDDEV, CORR, …
json_typed  JSON of times, BYTES, NUMERIC
casts       CAST, SAFE_CAST                    translate  all of it in order
"""
