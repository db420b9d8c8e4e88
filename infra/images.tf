# Images of projects that say `packaging: shared-image`; functions have a repository of their own.
resource "google_artifact_registry_repository" "images" {
  repository_id = "blocklift"
  location      = var.region
  format        = "DOCKER"
  depends_on    = [google_project_service.needed]
}
