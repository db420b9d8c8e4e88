"""Ways to make services of bundles: all serve the same, they differ in what is built.

functions     a Cloud Function for each block; each is built by itself
shared-image  one build for all blocks that changed; a Cloud Run service for each of them

choice   which way a project goes
archive  several bundles as the one archive of an image
kept     the keeper of functions, whichever way they were made (`deployer.live.Keeper`)

A service has the same name, URL, account and policy either way, so nothing above it changes.
"""
