"""Pipeline → Google Cloud Workflows definition.

usual      how long blocks take, as far as the project knows
facts      what must be known before the first step
routines   the subworkflows that call a block
steps      one block → its steps
flow       a shape → steps
telling    a run's end is told to people
tracing    and to a collector of traces
frame      beginning and end
text       plain values → YAML
"""

from deployer.compile.definition import Definition, compile_pipeline

__all__ = ["Definition", "compile_pipeline"]
