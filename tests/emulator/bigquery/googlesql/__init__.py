"""An independent judge: GoogleSQL's own compliance tests and reference, run on this engine.

`python -m tests.emulator.bigquery.googlesql CHECKOUT` prints how each file comes out. A checkout
of github.com/google/googlesql is read where it lies; nothing of it is kept here.

stated       what a source states          literals    values of compliance tests
compliance   *.test → statements           documents   *.md → statements
engine       a statement → typed rows      judging     right, refused, failed, wrong, beside
known        what is left wrong         confirmed   cases of ours that a source confirms
beside       what BigQuery does not have   table       the counts, printed
"""
