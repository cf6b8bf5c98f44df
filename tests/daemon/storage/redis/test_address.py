from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_daemon.storage.redis import parse_address

SECRETS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("text", "printed", "hosts"),
    [
        ("redis://h", "redis://h:6379", (("h", 6379),)),
        ("redis://h:1/2", "redis://h:1/2", (("h", 1),)),
        ("redis://[::1]:7/", "redis://[::1]:7", (("::1", 7),)),
        ("rediss://u:pw@h?ca_file=/a.pem", "rediss://u@h:6379", (("h", 6379),)),
        ("redis+sentinel://:pw@a,b:2/main/3", "redis+sentinel://a:26379,b:2/main/3", None),
        ("rediss+cluster://a:1,b:2", "rediss+cluster://a:1,b:2", (("a", 1), ("b", 2))),
        ("unix:///run/redis.sock?db=4", "unix:///run/redis.sock?db=4", ()),
        ("unix://u:pw@/run/redis.sock", "unix://u@/run/redis.sock", ()),
    ],
)
def test_an_address_is_understood_and_printed_without_its_password(text, printed, hosts):
    address = parse_address(text)
    assert str(address) == printed
    assert hosts in (None, address.hosts)


def test_what_is_encoded_is_decoded():
    address = parse_address("redis+sentinel://us%40er:p%2F%3A%25@h/my%20one")
    assert (address.user, address.password, address.service) == ("us@er", "p/:%", "my one")


def test_sentinels_may_have_a_login_of_their_own():
    address = parse_address("redis+sentinel://h/s?sentinel_user=u&sentinel_password=p%26")
    assert (address.sentinel_user, address.sentinel_password) == ("u", "p&")
    assert address.password is None


def test_authorities_are_named_where_there_is_tls():
    assert parse_address("rediss://h?ca_file=/etc/a%20b.pem").ca_file == "/etc/a b.pem"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "h:6379",
        "http://h",
        "redis:h",
        "redis://",
        "redis://h:0",
        "redis://h:65536",
        "redis://h:x",
        "redis://h/x",
        "redis://h/1/2",
        "redis://a,b",
        "redis://::1",
        "redis://[::1",
        "redis://user@h",
        "redis://user:@h",
        "redis://h?ca_file=/a",
        "redis://h?db=1",
        "rediss://h?ca_file=",
        "rediss://h?ca_file=/a&ca_file=/b",
        "redis://h#1",
        "redis://h h",
        "redis://:%zz@h",
        "redis://:%ff@h",
        "redis+sentinel://h",
        "redis+sentinel://h/s?sentinel_user=u",
        "redis+cluster://h/1",
        "redis+cluster://a,,b",
        "unix://run/redis.sock",
        "unix:///",
        "unix:///a?db=x",
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError, match=r"Redis|password|socket|service|hosts"):
        parse_address(text)


@given(SECRETS, st.sampled_from(["redis://u:{}@h:1/2", "redis+sentinel://u:{}@a,b/svc"]))
def test_any_password_can_be_encoded_and_is_never_printed(secret, pattern):
    address = parse_address(pattern.format(quote(secret, safe="")))
    assert address.password == secret
    for shown in (str(address), repr(address)):
        assert shown == shown.replace(f"u:{secret}@", "")
    assert str(address) == str(parse_address(pattern.format("another")))


@given(st.text(st.sampled_from("Ab1%/:@?#[]&=,. \\"), min_size=1).map("S3cret{}w0rd".format))
def test_no_complaint_repeats_a_password_that_is_not_encoded(secret):
    try:
        address = parse_address(f"redis://u:{secret}@h:1")
    except ValueError as error:
        for part in ("S3cret", "w0rd"):
            assert part not in str(error)  # noqa: PT017  # not always refused
    else:
        assert "S3cret" not in str(address)
