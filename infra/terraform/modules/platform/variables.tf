variable "name" {
  description = "Prefix of all names, such as spanishgas-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]{3,20}$", var.name))
    error_message = "name: 3 to 20 of a-z, 0-9 and hyphens: with its endings it names a load balancer, which has 32 characters."
  }
}

variable "tags" {
  description = "Tags of every resource, and of training jobs."
  type        = map(string)
  default     = {}
}

variable "image_digest" {
  description = "Which image of the repository runs: sha256:... Null before the first push: all is made but what runs."
  type        = string
  default     = null

  validation {
    condition     = var.image_digest == null || can(regex("^sha256:[0-9a-f]{64}$", var.image_digest))
    error_message = "image_digest: sha256: and 64 hexadecimal digits, as `docker push` prints it."
  }
}

# --- network ---

variable "network" {
  description = "A network of one's own (cidr, availability_zones, nat), or an existing one."
  type = object({
    cidr               = optional(string, "10.20.0.0/16")
    availability_zones = optional(list(string), [])
    nat                = optional(string, "single")
    existing = optional(object({
      vpc_id             = string
      private_subnet_ids = list(string)
      public_subnet_ids  = optional(list(string), [])
    }))
  })

  validation {
    condition     = var.network.existing != null || var.network.nat != "none" || !local.temporal_needs_internet
    error_message = "network.nat is none, and Temporal needs the internet: Temporal Cloud is there, and so is Docker Hub with Temporal's images (copy them to ECR, or take single or per_zone)."
  }
}

# --- data ---

variable "lake" {
  description = "The lake's bucket and how the program uses it (section lake of aws.yaml)."
  type = object({
    prefix             = optional(string, "churn")
    force_destroy      = optional(bool, false)
    bronze_to_ia_days  = optional(number, 90)
    scored_expire_days = optional(number, 365)
    noncurrent_days    = optional(number, 90)
    access_log_days    = optional(number, 365)
    part_mib           = optional(number, 16)
    parallel_parts     = optional(number, 8)
    cache_gib          = optional(number, 20)
  })
  default = {}
}

variable "raw_events" {
  description = "Whether new raw files start a look at once (module raw_events); false: the schedule of the watcher looks. An image of before this refuses the setting."
  type        = bool
  default     = false
}

variable "registry" {
  description = "The repository of images."
  type = object({
    keep_images  = optional(number, 30)
    force_delete = optional(bool, false)
  })
  default = {}
}

# --- who may what ---

variable "access" {
  description = "Who acts as operator and approver (ARNs), GitHub's repository and environment that deploy, Terraform's state that a deployment reads and writes."
  type = object({
    operator_principals = optional(list(string), [])
    approver_principals = optional(list(string), [])
    eraser              = optional(bool, false)
    collector           = optional(bool, false)
    github = optional(object({
      repository      = string
      environment     = string
      create_provider = optional(bool, true)
    }))
    state_bucket_arn  = optional(string)
    state_key_prefix  = optional(string)
    state_kms_key_arn = optional(string)
  })
  default = {}
}

variable "keys" {
  description = "Keys in KMS that are made and used when asked for: model_signing (models are signed and checked), payloads (Temporal's server reads nothing of what runs say)."
  type = object({
    model_signing = optional(bool, false)
    payloads      = optional(bool, false)
  })
  default = {}
}

# --- Temporal ---

variable "temporal" {
  description = "Temporal Cloud or a server of one's own: see modules/temporal."
  type = object({
    mode = string
    cloud = optional(object({
      address   = string
      namespace = string
      auth      = optional(string, "api_key")
    }))
    self_hosted = optional(object({
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
    }), {})
    credentials_version = optional(number, 0)
  })
}

variable "temporal_credentials" {
  description = "What the connection to Temporal is opened with; neither in the plan nor in the state: see modules/temporal."
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

variable "secret_recovery_days" {
  description = "For so many days a deleted secret can be brought back; 0: its name is free at once."
  type        = number
  default     = 30
}

# --- what runs ---

variable "worker" {
  description = "Size, number and kind of the workers: see modules/worker."
  type = object({
    cpu               = optional(number, 2048)
    memory_mib        = optional(number, 8192)
    ephemeral_gib     = optional(number, 50)
    min_tasks         = optional(number, 1)
    max_tasks         = optional(number, 4)
    capacity_provider = optional(string, "FARGATE")
    stop_timeout_secs = optional(number, 60)
    scaling = optional(object({
      on          = optional(string, "cpu")
      cpu_percent = optional(number, 60)
      backlog = optional(object({
        namespace  = string
        metric     = string
        dimensions = optional(map(string), {})
        per_task   = optional(number, 4)
      }))
    }), {})
  })
  default = {}

  validation {
    condition     = var.worker.ephemeral_gib >= var.lake.cache_gib + 15
    error_message = "worker.ephemeral_gib: 15 more than lake.cache_gib at least, for the image and temporary files."
  }
}

variable "training" {
  description = "How training jobs run (section training of aws.yaml). spot_max_wait_secs: managed spot; null: on demand."
  type = object({
    instance_type      = optional(string, "ml.m5.xlarge")
    volume_gib         = optional(number, 30)
    max_runtime_secs   = optional(number, 7200)
    spot_max_wait_secs = optional(number)
    in_network         = optional(bool, true)
    poll_secs          = optional(number, 15)
    price_usd_per_hour = optional(number)
    max_cost_usd       = optional(number)
  })
  default = {}

  validation {
    condition     = try(var.training.spot_max_wait_secs >= var.training.max_runtime_secs, true)
    error_message = "training.spot_max_wait_secs: at least max_runtime_secs."
  }

  validation {
    condition     = var.training.max_cost_usd == null || var.training.price_usd_per_hour != null
    error_message = "training.max_cost_usd: needs price_usd_per_hour to count by."
  }
}

variable "dashboard" {
  description = "The business dashboard: see modules/dashboard. url is the name that people come by; another link_key_version makes another key, and voids the links that were sent."
  type = object({
    enabled             = optional(bool, false)
    url                 = optional(string)
    certificate_arn     = optional(string, "")
    tasks               = optional(number, 1)
    cpu                 = optional(number, 512)
    memory_mib          = optional(number, 1024)
    client_cidr_blocks  = optional(list(string), ["0.0.0.0/0"])
    waf                 = optional(bool, true)
    deletion_protection = optional(bool, true)
    link_key_version    = optional(number, 1)
    roles = optional(object({
      name_claim   = optional(string, "email")
      groups_claim = optional(string, "groups")
      viewers      = optional(list(string), ["*"])
      operators    = optional(list(string), [])
    }), {})
    sign_in = optional(object({
      cognito = optional(object({
        user_pool_arn = string
        client_id     = string
        domain        = string
      }))
      oidc = optional(object({
        issuer                 = string
        authorization_endpoint = string
        token_endpoint         = string
        user_info_endpoint     = string
        client_id              = string
      }))
      session_hours = optional(number, 8)
    }))
  })
  default = {}

  validation {
    condition     = !var.dashboard.enabled || (var.image_digest != null && var.dashboard.sign_in != null && var.dashboard.certificate_arn != "")
    error_message = "dashboard.enabled: needs image_digest, certificate_arn and sign_in."
  }

  validation {
    condition     = !var.dashboard.enabled || var.network.existing != null || var.network.nat != "none"
    error_message = "dashboard.enabled: network.nat is none, and the keys of the load balancer's signatures are outside the network; take single or per_zone."
  }

  validation {
    condition     = var.dashboard.url == null || can(regex("^https://[a-z0-9.-]+/?$", var.dashboard.url))
    error_message = "dashboard.url: https:// and a name, such as https://churn.example.com."
  }
}

variable "oidc_client_secret" {
  description = "The client's secret of dashboard.sign_in.oidc."
  type        = string
  default     = null
  sensitive   = true
}

# --- who is told ---

variable "alerts" {
  description = "Who gets alerts and alarms, and when silence is one."
  type = object({
    emails                = optional(list(string), [])
    hours_without_success = optional(number, 26)
  })
  default = {}
}

variable "metric_namespace" {
  description = "The namespace of the program's metrics."
  type        = string
  default     = "SpanishGas/MLOps"
}

variable "budget" {
  description = "What a month may cost; null: no budget. cost_tag: count only what has this tag; without it the whole account."
  type = object({
    monthly_limit_usd = number
    emails            = list(string)
    thresholds        = optional(list(number), [50, 80, 100])
    cost_tag          = optional(object({ key = string, value = string }))
  })
  default = null
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 365
}
