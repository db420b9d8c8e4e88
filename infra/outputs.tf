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
