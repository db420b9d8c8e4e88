# A letter before a bill: at half, at nine tenths and at all of the month's budget.
resource "google_billing_budget" "month" {
  for_each = toset(var.billing_account == "" ? [] : [var.billing_account])

  billing_account = each.key
  display_name    = "Mage pipelines in ${var.project_id}"

  budget_filter {
    projects = ["projects/${var.project_id}"]
  }

  amount {
    specified_amount {
      units = tostring(var.monthly_budget)
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1.0]

    content {
      threshold_percent = threshold_rules.value
    }
  }
}
