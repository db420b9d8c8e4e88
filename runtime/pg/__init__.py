"""Into Postgres and out of it, fast: Arrow through ADBC, text where a type needs it.

catalog    what a table's columns are
kinds      what a frame's columns are, and the type that a new table gives them
convert    columns → Arrow of exactly the target's types, or → text
sessions   one connection and transaction, through ADBC or psycopg
export     the story of one export
load       a query's result as a frame
"""
