"""dbt blocks: dbt-core inside the function, on a copy of the dbt project.

command    the words of a command line
profiles   profiles.yml, rendered, for one call
sources    tables of upstream blocks, declared to dbt and seeded
answers    what dbt's result means: a table, or a failure with its place
story      how these make one call
"""
