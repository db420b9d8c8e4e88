output "target" {
  description = "Paste this into blocklift.yaml, under `targets:`."
  value = yamlencode({
    dev = {
      project_id  = var.project_id
      region      = var.region
      bucket      = google_storage_bucket.artifacts.name
      impersonate = google_service_account.deployer.email
    }
  })
}

output "ci" {
  description = "What a CI workflow needs to know, see ci/."
  value = {
    deployer          = google_service_account.deployer.email
    planner           = one(google_service_account.planner[*].email)
    identity_provider = one(concat(values(google_iam_workload_identity_pool_provider.github)[*].name, values(google_iam_workload_identity_pool_provider.gitlab)[*].name))
  }
}
