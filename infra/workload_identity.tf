# CI acts as the deployer without a key: its own signed token says which repository and which
# branch it comes from, and only the named ones are believed.
locals {
  github = var.github_repository == "" ? [] : [var.github_repository]
  gitlab = var.gitlab_project == "" ? [] : [var.gitlab_project]
}

resource "google_iam_workload_identity_pool" "ci" {
  count = length(local.github) + length(local.gitlab) > 0 ? 1 : 0

  workload_identity_pool_id = "blocklift-ci"
  display_name              = "CI that deploys Mage projects"
  depends_on                = [google_project_service.needed]
}

resource "google_iam_workload_identity_pool_provider" "github" {
  for_each = toset(local.github)

  workload_identity_pool_id          = google_iam_workload_identity_pool.ci[0].workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  attribute_condition                = "assertion.repository == '${each.key}'"

  attribute_mapping = {
    "google.subject"       = "assertion.sub"
    "attribute.repository" = "assertion.repository"
    "attribute.ref"        = "assertion.ref"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_iam_workload_identity_pool_provider" "gitlab" {
  for_each = toset(local.gitlab)

  workload_identity_pool_id          = google_iam_workload_identity_pool.ci[0].workload_identity_pool_id
  workload_identity_pool_provider_id = "gitlab"
  attribute_condition                = "assertion.project_path == '${each.key}'"

  attribute_mapping = {
    "google.subject"       = "assertion.sub"
    "attribute.repository" = "assertion.project_path"
    "attribute.ref"        = "assertion.ref"
  }

  oidc {
    issuer_uri = var.gitlab_url
  }
}

# A pull request may read what is deployed, which is what `blocklift plan` needs; only the
# deploying branch may act as the deployer.
resource "google_service_account" "planner" {
  count = length(google_iam_workload_identity_pool.ci)

  account_id   = "blocklift-planner"
  display_name = "Plans pull requests with Blocklift; changes nothing"
}

resource "google_project_iam_member" "planner" {
  for_each = length(google_iam_workload_identity_pool.ci) == 0 ? toset([]) : toset([
    "roles/browser",
    "roles/cloudfunctions.viewer",
    "roles/cloudscheduler.viewer",
    "roles/iam.securityReviewer",
    "roles/run.viewer",
    "roles/secretmanager.viewer",
    "roles/storage.objectViewer",
    "roles/workflows.viewer",
  ])

  project = var.project_id
  role    = each.key
  member  = google_service_account.planner[0].member
}

resource "google_service_account_iam_member" "ci_may_plan" {
  for_each = toset(concat(local.github, local.gitlab))

  service_account_id = google_service_account.planner[0].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.ci[0].name}/attribute.repository/${each.key}"
}

resource "google_service_account_iam_member" "github_may_deploy" {
  for_each = toset(local.github)

  service_account_id = google_service_account.deployer.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principal://iam.googleapis.com/${google_iam_workload_identity_pool.ci[0].name}/subject/repo:${each.key}:ref:refs/heads/${var.deploying_branch}"
}

resource "google_service_account_iam_member" "gitlab_may_deploy" {
  for_each = toset(local.gitlab)

  service_account_id = google_service_account.deployer.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principal://iam.googleapis.com/${google_iam_workload_identity_pool.ci[0].name}/subject/project_path:${each.key}:ref_type:branch:ref:${var.deploying_branch}"
}

# For a project that holds nothing but previews: any branch of the repository may deploy there.
resource "google_service_account_iam_member" "any_branch_may_deploy" {
  for_each = toset(var.any_branch_may_deploy ? concat(local.github, local.gitlab) : [])

  service_account_id = google_service_account.deployer.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.ci[0].name}/attribute.repository/${each.key}"
}
