"""Scripts: variables, branches, loops and exceptions (Google: "Procedural language").

split      text → statements and blocks          run   what each of them does
variables  where a statement names a variable, its value
"""
