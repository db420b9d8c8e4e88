"""What a running workflow asks for is done here, and each answer is written down first.

names        projects/P/locations/L/workflows/W/executions/E, taken apart
definitions  the workflows that can be started, compiled once per revision
values       values of the language ⇄ the bytes of a journal record
journal      what one execution was told: enough to go on after a crash
run          one execution in motion: a machine, its journal, its open requests
perform      effect → answer
http         a call of the language ⇄ a request and an answer, without a socket
network      where a request goes: a function here, an API here, a mapped host, outside
callbacks    the doors through which others reach a waiting execution
connectors   googleapis.*: any method of Google's API descriptions, polled to its end
history      step entries, from what the machine tells its observer
engine       every execution: start, queue, recover, cancel, end

Only `network` and below touch a socket. Read the modules in this order.
"""
