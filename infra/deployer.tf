# The account that `blocklift deploy` acts as. It has no key: people and CI impersonate it.
resource "google_service_account" "deployer" {
  account_id   = "blocklift-deployer"
  display_name = "Deploys Mage projects with Blocklift"
  depends_on   = [google_project_service.needed]
}

resource "google_service_account_iam_member" "may_act_as_deployer" {
  for_each = toset(var.deployers)

  service_account_id = google_service_account.deployer.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = each.key
}

locals {
  deployer_roles = {
    "roles/cloudbuild.builds.editor"        = "packaging: shared-image submits builds"
    "roles/cloudfunctions.developer"        = "functions and their sources"
    "roles/cloudscheduler.admin"            = "schedules of time triggers"
    "roles/eventarc.admin"                  = "event triggers"
    "roles/iam.serviceAccountCreator"       = "one account per pipeline for blocks, one for its workflow"
    "roles/logging.viewer"                  = "blocklift logs"
    "roles/resourcemanager.projectIamAdmin" = "grants logging and starting workflows to those accounts"
    "roles/run.admin"                       = "who may call a function is a policy of its Cloud Run service"
    "roles/secretmanager.admin"             = "settings that blocks ask for"
    "roles/serviceusage.serviceUsageViewer" = "blocklift doctor"
    "roles/storage.admin"                   = "the bucket, its lifecycle and who reads which prefix"
    "roles/workflows.editor"                = "definitions, and starting runs"
  }
}

resource "google_project_iam_member" "deployer" {
  for_each = local.deployer_roles

  project = var.project_id
  role    = each.key
  member  = google_service_account.deployer.member
}

# Functions and workflows run as accounts that deploying makes, so their names are not known
# here. To narrow this down, grant it on those accounts after the first deployment.
resource "google_project_iam_member" "deployer_acts_as_runners" {
  project = var.project_id
  role    = "roles/iam.serviceAccountUser"
  member  = google_service_account.deployer.member
}
