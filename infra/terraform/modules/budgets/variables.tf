variable "name" {
  description = "Prefix of every name, such as spanishgas-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]{3,32}$", var.name))
    error_message = "name must be 3 to 32 lower-case letters, digits and hyphens."
  }
}

variable "tags" {
  description = "Tags of everything."
  type        = map(string)
  default     = {}
}

variable "monthly_limit_usd" {
  description = "What the environment may cost in a month."
  type        = number

  validation {
    condition     = var.monthly_limit_usd > 0
    error_message = "monthly_limit_usd must be above 0."
  }
}

variable "emails" {
  description = "Who is told. AWS takes ten addresses."
  type        = list(string)

  validation {
    condition     = length(var.emails) >= 1 && length(var.emails) <= 10 && alltrue([for email in var.emails : can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", email))])
    error_message = "emails must be one to ten e-mail addresses: a budget that tells nobody is none."
  }
}

variable "thresholds" {
  description = "At which shares of the limit, in percent, of what was spent."
  type        = list(number)
  default     = [50, 80, 100]

  validation {
    condition     = length(var.thresholds) >= 1 && length(distinct(var.thresholds)) == length(var.thresholds) && alltrue([for percent in var.thresholds : percent > 0 && percent <= 1000])
    error_message = "thresholds must be different percentages above 0, such as 50, 80 and 100."
  }
}

variable "forecast_threshold" {
  description = "At which share of the limit, in percent, of what the month will have cost by AWS's forecast."
  type        = number
  default     = 100

  validation {
    condition     = var.forecast_threshold > 0 && var.forecast_threshold <= 1000
    error_message = "forecast_threshold must be a percentage above 0."
  }
}

variable "cost_tag" {
  description = "Count only what has this tag (key and value; it must be activated as a cost allocation tag). Null: the whole account."
  type = object({
    key   = string
    value = string
  })
  default = null
}
