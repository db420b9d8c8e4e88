"""Who may do what: implied by code, granted by policies, named when it is lacking."""
