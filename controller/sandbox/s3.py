"""The part of S3 that returns whether objects exist: HeadObject and ListObjectsV2, in the protocol rest-xml.

Every object exists except those of the knob ``missing_objects``: the sandbox stores no data.
"""

import re
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from controller.sandbox.request import OperationRequest
from controller.sandbox.rules import Json
from controller.sandbox.service_error import ServiceError

XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"
# The host of a virtual-hosted request; any other host is that of a path-style request, whose path begins with the
# bucket (S3 User Guide, "Virtual hosting of general purpose buckets").
HOSTED = re.compile(r"(.+)\.s3[.-].*amazonaws\.com(\.cn)?")
ETAG = '"00000000000000000000000000000000"'


def operation_of(method: str, url: str, host: str) -> tuple[str, Json]:
    """Return the operation of a request, and its parameters."""
    split = urlsplit(url)
    hosted, path = HOSTED.fullmatch(host), unquote(split.path).removeprefix("/")
    bucket, key = (hosted.group(1), path) if hosted else path.partition("/")[::2]
    query = {name: values[0] for name, values in parse_qs(split.query, keep_blank_values=True).items()}
    if method == "HEAD" and key:
        return "HeadObject", {"Bucket": bucket, "Key": key}
    if method == "GET" and not key and query.get("list-type") == "2":
        return "ListObjectsV2", {"Bucket": bucket, "Prefix": query.get("prefix", "")}
    raise ServiceError("NotImplemented", f"The sandbox does not implement {method} {split.path} of S3.", 501)


def head_object(request: OperationRequest) -> Json:
    """Return the metadata of an object."""
    bucket, key = request.params["Bucket"], request.params["Key"]
    if {_uri(bucket), _uri(bucket, key)} & request.knobs.missing_objects:
        raise ServiceError("404", "Not Found", 404)  # HEAD has no body, so the status is the code
    return {"ContentLength": 1, "ETag": ETAG}


def list_objects(request: OperationRequest) -> Json:
    """Return one object, which represents all below a prefix."""
    bucket, prefix = request.params["Bucket"], request.params.get("Prefix", "")
    if _uri(bucket) in request.knobs.missing_objects:
        raise ServiceError("NoSuchBucket", "The specified bucket does not exist", 404)
    there = _uri(bucket, prefix) not in request.knobs.missing_objects
    key = f"{prefix}object" if prefix.endswith("/") or not prefix else prefix
    contents = [{"Key": key, "Size": 1, "ETag": ETAG}] if there else []
    return {
        "Name": bucket,
        "Prefix": prefix,
        "KeyCount": len(contents),
        "IsTruncated": False,
        "Contents": contents,
    }


def _uri(bucket: str, key: str = "") -> str:
    return f"s3://{bucket}/{key}" if key else f"s3://{bucket}"


def answer(operation: str, value: Json) -> tuple[dict[str, str], str]:
    """Return the headers and the XML of a successful response."""
    if operation == "HeadObject":
        return {"Content-Length": str(value["ContentLength"]), "ETag": value["ETag"]}, ""
    contents = "".join(
        f"<Contents><Key>{escape(one['Key'])}</Key><Size>{one['Size']}</Size><ETag>{one['ETag']}</ETag></Contents>"
        for one in value.get("Contents", ())
    )
    return {}, (
        f'<ListBucketResult xmlns="{XMLNS}"><Name>{escape(value["Name"])}</Name>'
        f"<Prefix>{escape(value['Prefix'])}</Prefix><KeyCount>{value['KeyCount']}</KeyCount>"
        f"<IsTruncated>false</IsTruncated>{contents}</ListBucketResult>"
    )


def refusal(error: ServiceError, request_id: str) -> str:
    """Return a refusal as XML."""
    return (
        f"<Error><Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
        f"<RequestId>{request_id}</RequestId></Error>"
    )
