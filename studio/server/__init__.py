"""Studio's server: reads and edits project files, runs blocks and pipelines, shows runs.

messages   every JSON that the browser sends or gets; the TypeScript types are made from it
routes     the whole surface in one list
guard      who may talk to us: loopback, Host, Origin, session token, content security policy
files      project files with versions, so that nobody's work is lost
events     one server-sent stream, with resume
"""
