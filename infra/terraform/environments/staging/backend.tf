# Which bucket and key, says a file of your own: terraform init -backend-config=backend.hcl (see backend.hcl.example).
# The lock is an object beside the state, made by S3's conditional writes; there is no table.
terraform {
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}
