"""The Workflows language as a machine that asks and never acts.

source → tree → program
    source       places and mistakes; tree, reading, yaml_source, json_source: text → tree
    build*       tree → syntax; syntax: the nodes; choices: where Google's pages are silent
    scopes       which variable a name means; symbols, jumps, validate: what may be deployed
program → code
    expressions/ ${…} by a grammar → closures; what waits inside one → generators
    library/     the standard library; functions: what one is
    lay_*        steps → operations; layout, assemble, memory, code: what they share
    compile      all of it, once per program
code → outcome
    machine      execute(): the generator that a driver holds
    run          the scheduler; threads: branches and what became of them; watch: step entries
    effects      what is asked of the world and what it answers: the whole interface

`parse.parse(source)` and `machine.execute(program, …)` are the two doors. The package imports
nothing of the rest of `emulator`, and knows no clock, socket or thread.
"""
