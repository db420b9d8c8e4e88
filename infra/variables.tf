variable "project_id" {
  description = "The Google Cloud project that pipelines run in."
  type        = string
}

variable "region" {
  description = "Where functions, workflows and artifacts live; the same region for all of them."
  type        = string
  default     = "europe-west1"
}

variable "bucket" {
  description = "Bucket for artifacts: `bucket:` of this target in blocklift.yaml."
  type        = string
}

variable "keep_days" {
  description = "Artifacts of runs are deleted after so many days."
  type        = number
  default     = 7
}

variable "deployers" {
  description = "Who may deploy by acting as the deployer, e.g. [\"user:ada@example.com\"]."
  type        = list(string)
  default     = []
}

variable "mage_project" {
  description = "Folder name of the Mage project that `secrets` belong to."
  type        = string
  default     = ""
}

variable "secrets" {
  description = "Secrets to make without a value, e.g. [\"shop-POSTGRES_PASSWORD\"]."
  type        = list(string)
  default     = []
}

variable "github_repository" {
  description = "Repository whose workflows may plan and deploy, e.g. \"ada/pipelines\"; empty: none."
  type        = string
  default     = ""
}

variable "gitlab_project" {
  description = "GitLab project whose pipelines may plan and deploy, e.g. \"team/pipelines\"; empty: none."
  type        = string
  default     = ""
}

variable "gitlab_url" {
  description = "Where that GitLab is."
  type        = string
  default     = "https://gitlab.com"
}

variable "deploying_branch" {
  description = "The only branch whose CI may deploy."
  type        = string
  default     = "main"
}

variable "any_branch_may_deploy" {
  description = "For a project of previews only: pull requests may deploy to it."
  type        = bool
  default     = false
}

variable "billing_account" {
  description = "Billing account for the budget alert; empty: no alert."
  type        = string
  default     = ""
}

variable "monthly_budget" {
  description = "In the billing account's currency, whole units."
  type        = number
  default     = 50
}
