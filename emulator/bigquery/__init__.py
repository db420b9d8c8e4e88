"""BigQuery without the wire: datasets, tables, jobs and GoogleSQL, on DuckDB.

errors      Google's reasons and messages      fields     schemas ↔ DuckDB's types
warehouse   the one file, and its turns        catalog    datasets and tables
dialect     GoogleSQL → DuckDB's SQL           parameters what a query is given
statements  one statement at a time            queries    a whole query, dry or not
loading     files → tables                     extracting tables → files
columns     CREATE's columns → fields          altering   ALTER TABLE
script      variables, branches, loops         rows       Arrow → the wire's rows
jobs       what all of it runs as

Nothing here imports DuckDB, sqlglot or Arrow before the first request that needs them.
"""
