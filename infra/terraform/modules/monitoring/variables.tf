variable "name" {
  description = "Prefix of all names, such as spanishgas-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]{3,32}$", var.name))
    error_message = "name: 3 to 32 of a-z, 0-9 and hyphens."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}

# --- who is told ---

variable "emails" {
  description = "Who gets the mails; each address confirms its subscription once."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.emails : can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", email))])
    error_message = "emails: one of them is no e-mail address."
  }
}

variable "kms_key_id" {
  description = "The key of the topic, its ID or ARN; its policy lets CloudWatch and the worker use it."
  type        = string
}

# --- what is watched ---

variable "metric_namespace" {
  description = "The namespace of the program's metrics (metrics.namespace in aws.yaml)."
  type        = string
  default     = "SpanishGas/MLOps"

  validation {
    condition     = can(regex("^[A-Za-z0-9._/#: -]{1,255}$", var.metric_namespace)) && !startswith(var.metric_namespace, "AWS/")
    error_message = "metric_namespace: 1 to 255 of letters, digits, . - _ / # : and no AWS/ at its begin."
  }
}

variable "cluster_name" {
  description = "The ECS cluster of the workers: a name, not a reference, as the cluster may come later."
  type        = string
}

variable "service_name" {
  description = "The ECS service of the workers."
  type        = string
}

variable "log_group_name" {
  description = "The log group of the workers, for the dashboard."
  type        = string
}

variable "raw_events" {
  description = "Whether events of new raw files start looks (module raw_events): their queues are watched then."
  type        = bool
  default     = false
}

# --- when ---

variable "min_tasks" {
  description = "With fewer running workers than this, \"worker down\" goes off."
  type        = number
  default     = 1

  validation {
    condition     = var.min_tasks >= 1
    error_message = "min_tasks: 1 or more."
  }
}

variable "hours_without_success" {
  description = "After so many hours without a successful run the alarm goes off. 26: a nightly run, and two hours of grace."
  type        = number
  default     = 26

  validation {
    condition     = var.hours_without_success >= 2 && var.hours_without_success <= 168
    error_message = "hours_without_success: between 2 and 168: CloudWatch looks back seven days at most."
  }
}
