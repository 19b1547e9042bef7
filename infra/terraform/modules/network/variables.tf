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

variable "cidr" {
  description = "The addresses of the network; private and public subnets are cut out of it."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.cidr)) && try(tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 22, false)
    error_message = "cidr must be an IPv4 network from /16 to /22: smaller ones leave a subnet too few addresses."
  }
}

variable "availability_zones" {
  description = "The zones; a subnet of each kind in each."
  type        = list(string)
  default     = []

  validation {
    condition     = var.existing != null || contains([2, 3], length(distinct(var.availability_zones)))
    error_message = "availability_zones must be two or three different zones: one may fail."
  }
}

variable "existing" {
  description = "A network that is there already; nothing is made then. It must reach S3, ECR, CloudWatch, STS, SageMaker, SNS, Secrets Manager, with keys of your own KMS and with raw_events SQS by itself."
  type = object({
    vpc_id             = string
    private_subnet_ids = list(string)
    public_subnet_ids  = optional(list(string), [])
  })
  default = null

  validation {
    condition     = var.existing == null || try(startswith(var.existing.vpc_id, "vpc-") && length(var.existing.private_subnet_ids) >= 2, false)
    error_message = "existing must name a VPC (vpc-...) and at least two private subnets."
  }
}

variable "nat" {
  description = "How private subnets reach the Internet (Temporal Cloud needs it): none, single (cheap, one zone), per_zone."
  type        = string
  default     = "none"

  validation {
    condition     = contains(["none", "single", "per_zone"], var.nat)
    error_message = "nat must be none, single or per_zone."
  }
}

variable "kms_endpoint" {
  description = "Whether tasks ask KMS by themselves: for keys that models are signed or payloads are encrypted with. S3 and the others ask it on their own side."
  type        = bool
  default     = false
}

variable "sqs_endpoint" {
  description = "Whether tasks that have no way to the internet take events of new raw files from a queue."
  type        = bool
  default     = false
}

variable "flow_log_days" {
  description = "How long the flow logs stay."
  type        = number
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.flow_log_days)
    error_message = "flow_log_days must be one of CloudWatch's periods, such as 30, 90 or 365."
  }
}
