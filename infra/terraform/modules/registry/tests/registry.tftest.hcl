mock_provider "aws" {}

variables {
  name        = "ours"
  kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000001"
}

run "immutable_scanned_encrypted" {
  assert {
    condition     = aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.this.image_scanning_configuration[0].scan_on_push
    error_message = "A tag names one image for ever, and each image is scanned."
  }
  assert {
    condition     = aws_ecr_repository.this.encryption_configuration[0].encryption_type == "KMS" && aws_ecr_repository.this.encryption_configuration[0].kms_key == var.kms_key_arn
    error_message = "Images are encrypted with the key."
  }
  assert {
    condition = [
      for rule in jsondecode(aws_ecr_lifecycle_policy.this.policy).rules : "${rule.selection.tagStatus} ${rule.selection.countNumber}"
    ] == ["untagged 7", "any 30"]
    error_message = "The last images stay."
  }
  assert {
    condition     = output.model_package_group_name == "ours-churn" && !aws_ecr_repository.this.force_delete
    error_message = "The group is the environment's, and images are not deleted with the repository."
  }
}

run "name_refused" {
  command = plan
  variables {
    name = "no"
  }
  expect_failures = [var.name]
}

run "few_images_refused" {
  command = plan
  variables {
    keep_images = 4
  }
  expect_failures = [var.keep_images]
}

run "key_refused" {
  command = plan
  variables {
    kms_key_arn = "alias/lake"
  }
  expect_failures = [var.kms_key_arn]
}
