"""From a folder of Mage pipelines to a running cloud, in five steps.

load       project folder        → Project      what the author wrote
desire     Project + Target      → Resources    what the cloud should hold
plan       Resources × Live      → Plan         what must change, and why
apply      Plan                  → Live         the calls, wave by wave
run        Pipeline + variables  → Execution    ask Workflows to start it

Only `apply` and `run` touch the network. Read the modules in this order.
"""
