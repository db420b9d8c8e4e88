"""From a folder of Mage pipelines to a running cloud, in five steps.

load        project folder        → Project      what the author wrote
desire      Project + Target      → Resources    what the cloud should hold
plan        Resources × Live      → Plan         what must change, and why
apply       Plan                  → Live         the calls, wave by wave
runs.watch  Pipeline + variables  → Execution    ask Workflows to start it

Only `apply` and `runs` touch the network. Read the modules in this order. Beside the path:

code         what a block's file says and needs       →  bundle
settings     what it asks its surroundings for, and what stays secret
dag          the shape of a pipeline                  →  compile
triggers, notify, rights                              →  desire
deployments  the journal, the way back, the lock      around apply
gcp          one module for each of Google's APIs     below apply
cli          one module for each verb                 above everything
"""
