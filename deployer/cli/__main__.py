"""`python -m deployer.cli`: the same as `blocklift`, from a checkout."""

from deployer.cli import main

main()
