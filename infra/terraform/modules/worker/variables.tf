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

# --- what runs ---

variable "image" {
  description = "The image by digest: REPOSITORY@sha256:... A tag may point to something else tomorrow. Null: no image was pushed yet, so there is no task definition and no service."
  type        = string

  validation {
    condition     = var.image == null || can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image: give it by digest, REPOSITORY@sha256:... with 64 hexadecimal digits."
  }
}

variable "user" {
  description = "The user that the container runs as, UID or UID:GID; the image's own when null. Never root."
  type        = string
  default     = null

  validation {
    condition     = var.user == null || can(regex("^[1-9][0-9]*(:[0-9]+)?$", var.user))
    error_message = "user: a UID above 0, or UID:GID; the worker never runs as root."
  }
}

variable "lake_url" {
  description = "The lake: s3://BUCKET/PREFIX."
  type        = string

  validation {
    condition     = startswith(var.lake_url, "s3://")
    error_message = "lake_url: s3://BUCKET/PREFIX."
  }
}

variable "aws_yaml" {
  description = "The text of the program's aws.yaml; the container gets it as SPANISHGAS_AWS_YAML."
  type        = string
}

variable "key_environment" {
  description = "Keys in KMS that the program uses: SPANISHGAS_SIGNING_KEY and SPANISHGAS_PAYLOAD_KEY, each kms: and an ARN."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name, key in var.key_environment : contains(["SPANISHGAS_SIGNING_KEY", "SPANISHGAS_PAYLOAD_KEY"], name) && startswith(key, "kms:")])
    error_message = "key_environment: SPANISHGAS_SIGNING_KEY and SPANISHGAS_PAYLOAD_KEY, such as kms:arn:aws:kms:...; a file is nothing for a variable."
  }
}

variable "temporal_environment" {
  description = "Plain variables of the connection to Temporal (module temporal, output environment)."
  type        = map(string)

  validation {
    condition     = contains(keys(var.temporal_environment), "TEMPORAL_ADDRESS")
    error_message = "temporal_environment: TEMPORAL_ADDRESS is missing; take the output `environment` of module temporal."
  }
}

variable "temporal_secrets" {
  description = "Variables of the connection to Temporal that come from Secrets Manager: name to ARN."
  type        = map(string)
  default     = {}
}

variable "task_queue" {
  description = "The task queue of the workflows."
  type        = string
  default     = "spanishgas"
}

# --- where it runs ---

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "private_subnet_ids" {
  description = "The private subnets of the tasks."
  type        = list(string)

  validation {
    condition     = length(var.private_subnet_ids) > 0
    error_message = "private_subnet_ids: at least one."
  }
}

variable "egress" {
  description = "Where the worker may connect to: address ranges inside the network, S3's prefix lists, and the internet (Temporal Cloud, a network without endpoints)."
  type = object({
    cidr_blocks     = list(string)
    prefix_list_ids = optional(map(string), {})
    internet        = optional(bool, false)
  })
}

variable "task_role_arn" {
  description = "The role of the program (module iam, worker)."
  type        = string
}

variable "execution_role_arn" {
  description = "The role that ECS pulls the image and reads the secrets as."
  type        = string
}

# --- how large ---

variable "cpu" {
  description = "CPU units of a task; 1024 are one vCPU."
  type        = number
  default     = 2048

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "cpu: Fargate knows 256, 512, 1024, 2048, 4096, 8192 and 16384."
  }
}

variable "memory_mib" {
  description = "Memory of a task, MiB."
  type        = number
  default     = 8192

  validation {
    condition     = var.memory_mib >= 2 * var.cpu && var.memory_mib <= 8 * var.cpu
    error_message = "memory_mib: Fargate wants 2 to 8 GiB for each vCPU (2 to 8 times `cpu`)."
  }
}

variable "ephemeral_gib" {
  description = "Disk of a task, GiB; /scratch is on it: the cache of large objects (lake.cache_gib) and temporary files."
  type        = number
  default     = 50

  validation {
    condition     = var.ephemeral_gib >= 21 && var.ephemeral_gib <= 200
    error_message = "ephemeral_gib: between 21 and 200."
  }
}

variable "min_tasks" {
  description = "Tasks that run at least."
  type        = number
  default     = 1

  validation {
    condition     = var.min_tasks >= 1
    error_message = "min_tasks: 1 or more: from 0 nothing would ever grow, as no task uses any CPU."
  }
}

variable "max_tasks" {
  description = "Tasks that run at most."
  type        = number
  default     = 4

  validation {
    condition     = var.max_tasks >= var.min_tasks
    error_message = "max_tasks: at least min_tasks."
  }
}

variable "capacity_provider" {
  description = "FARGATE, or FARGATE_SPOT: cheaper, and a task may be taken away; its activities are tried again elsewhere."
  type        = string
  default     = "FARGATE"

  validation {
    condition     = contains(["FARGATE", "FARGATE_SPOT"], var.capacity_provider)
    error_message = "capacity_provider: FARGATE or FARGATE_SPOT."
  }
}

variable "scaling" {
  description = <<-EOT
    What the number of tasks follows: `cpu` (the service's average, per cent) or `backlog` (tasks that wait in the
    queue for each worker). The backlog needs a metric that somebody publishes; see README.md.
  EOT
  type = object({
    on          = optional(string, "cpu")
    cpu_percent = optional(number, 60)
    backlog = optional(object({
      namespace  = string
      metric     = string
      dimensions = optional(map(string), {})
      per_task   = optional(number, 4)
    }))
  })
  default = {}

  validation {
    condition     = contains(["cpu", "backlog"], var.scaling.on)
    error_message = "scaling.on: cpu or backlog."
  }

  validation {
    condition     = var.scaling.on != "backlog" || var.scaling.backlog != null
    error_message = "scaling.backlog: name the metric (namespace, metric) when scaling.on is backlog."
  }

  validation {
    condition     = var.scaling.cpu_percent >= 20 && var.scaling.cpu_percent <= 90
    error_message = "scaling.cpu_percent: between 20 and 90."
  }
}

variable "stop_timeout_secs" {
  description = "How long a stopped task may take before it is killed. The worker needs at most 27 s to drain."
  type        = number
  default     = 60

  validation {
    condition     = var.stop_timeout_secs > 30 && var.stop_timeout_secs <= 120
    error_message = "stop_timeout_secs: above 30, as the worker drains for up to 25 s and ends 2 s later; Fargate allows at most 120."
  }
}

# --- logs ---

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days: CloudWatch knows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731 and some more."
  }
}

variable "log_kms_key_arn" {
  description = "The key that logs are encrypted with; its policy lets CloudWatch Logs use it."
  type        = string
}
