# Empty secrets, for teams in which who knows a value is not who deploys. Each name is
# `<project folder>-<SETTING>`, as `blocklift secrets list` shows it. Values are added by hand:
#   gcloud secrets versions add NAME --data-file=-
resource "google_secret_manager_secret" "setting" {
  for_each = toset(var.secrets)

  secret_id = each.key

  # Whose it is: a deployment touches only secrets that bear its project's label.
  labels = {
    "blocklift-project" = var.mage_project
  }

  replication {
    auto {}
  }

  depends_on = [google_project_service.needed]
}
