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

variable "mode" {
  description = "cloud: Temporal Cloud, only the connection is kept here. self_hosted: a server on ECS with a database on RDS."
  type        = string

  validation {
    condition     = contains(["cloud", "self_hosted"], var.mode)
    error_message = "mode: cloud or self_hosted."
  }

  validation {
    condition     = var.mode != "cloud" || var.cloud != null
    error_message = "mode is cloud: give `cloud` (address, namespace, auth)."
  }

  validation {
    condition     = var.mode != "self_hosted" || var.network != null
    error_message = "mode is self_hosted: give `network`."
  }
}

# --- Temporal Cloud ---

variable "cloud" {
  description = "The namespace in Temporal Cloud. auth: api_key or mtls."
  type = object({
    address   = string
    namespace = string
    auth      = optional(string, "api_key")
  })
  default = null

  validation {
    condition     = var.cloud == null || contains(["api_key", "mtls"], try(var.cloud.auth, ""))
    error_message = "cloud.auth: api_key or mtls."
  }

  validation {
    condition     = var.cloud == null || can(regex("^[^:/ ]+:[0-9]+$", var.cloud.address))
    error_message = "cloud.address: HOST:PORT, such as eu-west-1.aws.api.temporal.io:7233."
  }
}

# --- a server of one's own ---

variable "self_hosted" {
  description = <<-EOT
    The server and its database. `history_shards` can never be changed. `tls`: mutual TLS between server and clients,
    with certificates of one's own. `ui_client_cidr_blocks`: who reaches the Web UI, which asks nobody for a name;
    empty: there is none.
  EOT
  type = object({
    server_image          = optional(string, "temporalio/server:1.32.0")
    admin_tools_image     = optional(string, "temporalio/admin-tools:1.32.0")
    ui_image              = optional(string, "temporalio/ui:2.54.1")
    namespace             = optional(string, "default")
    retention_days        = optional(number, 30)
    history_shards        = optional(number, 512)
    tasks                 = optional(number, 1)
    cpu                   = optional(number, 1024)
    memory_mib            = optional(number, 2048)
    tls                   = optional(bool, true)
    ui_client_cidr_blocks = optional(list(string), [])
    database = optional(object({
      instance_class        = optional(string, "db.t4g.small")
      engine_version        = optional(string, "16")
      storage_gib           = optional(number, 20)
      max_storage_gib       = optional(number, 100)
      multi_az              = optional(bool, true)
      deletion_protection   = optional(bool, true)
      skip_final_snapshot   = optional(bool, false)
      backup_retention_days = optional(number, 14)
      password_version      = optional(number, 1)
    }), {})
  })
  default = {}

  validation {
    condition     = contains([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096], var.self_hosted.history_shards)
    error_message = "self_hosted.history_shards: a power of two up to 4096; it can never be changed."
  }

  validation {
    condition     = var.self_hosted.tasks >= 1 && var.self_hosted.tasks <= 10
    error_message = "self_hosted.tasks: between 1 and 10."
  }

  validation {
    condition     = var.self_hosted.memory_mib >= 2 * var.self_hosted.cpu && var.self_hosted.memory_mib <= 8 * var.self_hosted.cpu
    error_message = "self_hosted.memory_mib: Fargate wants 2 to 8 GiB for each vCPU (2 to 8 times cpu)."
  }

  validation {
    condition     = var.self_hosted.retention_days >= 1 && var.self_hosted.retention_days <= 365
    error_message = "self_hosted.retention_days: between 1 and 365 days, for which finished runs can be looked at."
  }

  validation {
    condition     = var.self_hosted.database.backup_retention_days >= 1 && var.self_hosted.database.backup_retention_days <= 35
    error_message = "self_hosted.database.backup_retention_days: between 1 and 35; without backups a lost database is lost."
  }
}

variable "network" {
  description = "Where a self-hosted server runs: the VPC, its private subnets, who connects to it (a name and a security group each), and where it may connect to."
  type = object({
    vpc_id                 = string
    private_subnet_ids     = list(string)
    client_security_groups = map(string)
    egress = object({
      cidr_blocks     = list(string)
      prefix_list_ids = optional(map(string), {})
      internet        = optional(bool, false)
    })
  })
  default = null

  validation {
    condition     = var.network == null || length(try(var.network.private_subnet_ids, [])) >= 2
    error_message = "network.private_subnet_ids: at least two, in two zones, as RDS wants."
  }
}

variable "execution_role_arn" {
  description = "The role that ECS pulls images and reads secrets as; only a self-hosted server needs it."
  type        = string
  default     = null
}

# --- secrets ---

variable "credentials" {
  description = <<-EOT
    What the connection is opened with, written to Secrets Manager and kept neither in the plan nor in the state: api_key;
    or client_cert and client_key; a self-hosted server with TLS: also ca_cert, server_cert and server_key (PEM).
    Written when credentials_version is above 0.
  EOT
  type = object({
    api_key     = optional(string)
    client_cert = optional(string)
    client_key  = optional(string)
    ca_cert     = optional(string)
    server_cert = optional(string)
    server_key  = optional(string)
  })
  default   = {}
  ephemeral = true
  sensitive = true
}

variable "credentials_version" {
  description = "0: the secret is put in by hand (README.md). Above: `credentials` is written, anew with each higher number."
  type        = number
  default     = 0

  validation {
    condition     = var.credentials_version >= 0
    error_message = "credentials_version: 0 or more."
  }
}

variable "kms_key_arn" {
  description = "The key of secrets, database and logs; its policy lets CloudWatch Logs use it."
  type        = string
}

variable "secret_recovery_days" {
  description = "For so many days a deleted secret can be brought back; 0: it is gone at once, and its name free."
  type        = number
  default     = 30

  validation {
    condition     = var.secret_recovery_days == 0 || (var.secret_recovery_days >= 7 && var.secret_recovery_days <= 30)
    error_message = "secret_recovery_days: 0, or between 7 and 30."
  }
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 365
}
