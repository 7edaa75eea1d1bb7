"""Documents from what other tools declare: CloudFormation, Terraform, ACK, and requests of boto3 and the AWS CLI.

Each reader gives resources in the tool's own words (``foreign``), one translation by the recorded shapes turns them
into AWS's (``translate``), and ``documents`` links and names them. What cannot be translated is a finding.
"""
