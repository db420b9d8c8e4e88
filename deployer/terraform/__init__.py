"""A project's plan as Terraform, for teams that review and apply it there.

`hcl` writes blocks as `terraform fmt` would; `pieces` says which blocks a resource becomes;
`folder` puts them, the bundles and the definitions into a folder.
"""
