variable "url" {}

variable "description" {
  default = "one"
}

variable "instances" {
  default = 1
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "dummy"
  secret_key                  = "dummy"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_get_ec2_platforms      = true

  endpoints {
    sagemaker = var.url
    sts       = var.url
  }
}

locals {
  role = "arn:aws:iam::123456789012:role/sagemaker"
}

resource "aws_sagemaker_code_repository" "it" {
  code_repository_name = "code"
  git_config {
    repository_url = "https://git.example.com/a/b.git"
  }
  tags = { team = var.description }
}

resource "aws_sagemaker_model" "it" {
  name               = "fraud"
  execution_role_arn = local.role
  primary_container {
    image          = "123456789012.dkr.ecr.us-east-1.amazonaws.com/x:1"
    model_data_url = "s3://bucket/fraud.tar.gz"
    environment    = { LOG_LEVEL = "info" }
  }
}

resource "aws_sagemaker_endpoint_configuration" "it" {
  production_variants {
    variant_name           = "main"
    model_name             = aws_sagemaker_model.it.name
    instance_type          = "ml.m5.large"
    initial_instance_count = var.instances
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint" "it" {
  name                 = "fraud"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.it.name
}

resource "aws_sagemaker_feature_group" "it" {
  feature_group_name             = "payments"
  record_identifier_feature_name = "id"
  event_time_feature_name        = "at"
  role_arn                       = local.role
  feature_definition {
    feature_name = "id"
    feature_type = "String"
  }
  feature_definition {
    feature_name = "at"
    feature_type = "String"
  }
  online_store_config {
    enable_online_store = true
  }
}

resource "aws_sagemaker_human_task_ui" "it" {
  human_task_ui_name = "boxes"
  ui_template {
    content = "<crowd-form></crowd-form>"
  }
}

resource "aws_sagemaker_model_package_group" "it" {
  model_package_group_name        = "fraud"
  model_package_group_description = "payments"
  tags                            = { team = var.description }
}

resource "aws_sagemaker_model_package_group_policy" "it" {
  model_package_group_name = aws_sagemaker_model_package_group.it.model_package_group_name
  resource_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "share"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:root" }
      Action    = "sagemaker:DescribeModelPackage"
      Resource  = aws_sagemaker_model_package_group.it.arn
    }]
  })
}

resource "aws_sagemaker_workforce" "it" {
  workforce_name = "people"
  cognito_config {
    client_id = "client"
    user_pool = "us-east-1_pool"
  }
}

resource "aws_sagemaker_workteam" "it" {
  workteam_name  = "reviewers"
  workforce_name = aws_sagemaker_workforce.it.id
  description    = var.description
  member_definition {
    cognito_member_definition {
      client_id  = "client"
      user_pool  = "us-east-1_pool"
      user_group = "g"
    }
  }
}
