"""The URLs to which documents may cause requests."""

import pytest

from controller.gitops.notifications import AllowedHosts
from controller.notify.repository import PUBLIC, GitProvider, allowed

HOSTS = frozenset({"git.example.com", "git.example.com:8443", "[2001:db8::1]:8443"})
GOOD = (
    "https://git.example.com",
    "https://git.example.com/",
    "https://GIT.example.com:443/api/v1",
    "https://git.example.com:8443/api/v1",
    "https://git.example.com:0443/api",
    "https://[2001:DB8::1]:8443/api",
)
BAD = (
    "http://git.example.com/",
    "https://git.example.com:444/",
    "https://git.example.com.evil.example/",
    "https://evil.example/git.example.com",
    "https://git.example.com@evil.example/",
    "https://evil.example\\@git.example.com/",
    "https://git.example.com\\@evil.example/",
    "https://git.example.com#@evil.example/",
    "https://git.example.com?@evil.example/",
    "https://git.example.com./",
    "https://git.example.com:/",
    "https://git.example.com:8443@evil.example/",
    "https://user:password@git.example.com/",
    "https://git.example.com /",
    "https://git.example.com\n/",
    "https://git.example.com\t.evil.example/",
    "https://git.example.com/\r\nHost: evil.example",
    "https://git.example.com%2eevil.example/",
    "https://git.example.com%40evil.example/",
    "https://[2001:db8::1]/",
    "https://[2001:db8::1%25eth0]:8443/",
    "https:git.example.com/",
    "https:///git.example.com/",
    "//git.example.com/",
    " https://git.example.com/",
    "https://127.0.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://2852039166/",
    "https://0xa9fea9fe/",
    "https://kubernetes.default.svc/api/v1/secrets",
    "https://gít.example.com/",
    "file:///etc/passwd",
    "",
)


@pytest.mark.parametrize("url", GOOD)
def test_an_allowed_host_is_taken(url: str) -> None:
    """By its name in any case, on 443 or on the port that the entry names."""
    assert allowed(url, HOSTS)


@pytest.mark.parametrize("url", BAD)
def test_any_other_address_is_refused(url: str) -> None:
    """Also if parsers of URLs differ about the host."""
    assert not allowed(url, HOSTS)
    assert not allowed(url, HOSTS, query=True)


def test_a_query_is_taken_only_where_it_is_asked_for() -> None:
    """The paths of a provider's API are appended to its address, which must not end in a query."""
    assert allowed("https://git.example.com/hook?id=7", HOSTS, query=True)
    assert not allowed("https://git.example.com/hook?id=7", HOSTS)


@pytest.mark.parametrize("host", GitProvider)
def test_only_the_public_forge_is_reported_to_by_default(host: GitProvider) -> None:
    """Each provider has at most one host of its own; others are those that the operator allows."""
    hosts, public = AllowedHosts(reports=frozenset()), PUBLIC.get(host)
    assert public is None or hosts.reports_to(host, f"https://{public}/api/v4")
    for other in {*PUBLIC.values(), "git.example.com"} - {public}:
        assert not hosts.reports_to(host, f"https://{other}/api/v4")
    assert AllowedHosts(reports=frozenset({"git.example.com"})).reports_to(
        host, "https://git.example.com/api/v4"
    )
    assert AllowedHosts().reports_to(host, "https://git.example.com/api/v4")
