"""The API server: how to reach it, and the few requests that the operator makes.

Plain HTTP over urllib3, which botocore brings anyway: six requests do not need a client library.
"""
