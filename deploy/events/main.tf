# The queue of `--events`, and the rule that sends events of SageMaker and Application Auto Scaling to it.

variable "queue_name" {
  type    = string
  default = "sagemaker-gitops"
}

resource "aws_sqs_queue" "events" {
  name                       = var.queue_name
  message_retention_seconds  = 3600 # what is older was seen by a periodic look
  visibility_timeout_seconds = 60
  sqs_managed_sse_enabled    = true
}

resource "aws_cloudwatch_event_rule" "events" {
  description = "Changes of SageMaker resources"
  event_pattern = jsonencode({
    source = ["aws.sagemaker", "aws.application-autoscaling"]
    "$or" = [
      { "detail-type" = [{ prefix = "SageMaker" }] },
      { "detail-type" = ["AWS API Call via CloudTrail"], detail = { readOnly = [false] } },
    ]
  })
}

resource "aws_cloudwatch_event_target" "events" {
  rule = aws_cloudwatch_event_rule.events.name
  arn  = aws_sqs_queue.events.arn
}

resource "aws_sqs_queue_policy" "events" {
  queue_url = aws_sqs_queue.events.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.events.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.events.arn } }
    }]
  })
}

output "address" {
  value = "sqs://${aws_sqs_queue.events.name}"
}
