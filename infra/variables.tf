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
