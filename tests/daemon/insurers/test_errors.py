from datetime import UTC, datetime

import httpx
import pytest

from osago_daemon.insurers import errors
from osago_daemon.insurers.responses import AnswerTooLarge
from osago_daemon.insurers.transport import AnswerNotHttp
from osago_daemon.resilience.trouble import TroubleKind

NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("exception", "kind"),
    [
        (httpx.ConnectError, TroubleKind.CONNECT),
        (httpx.ConnectTimeout, TroubleKind.CONNECT),
        (httpx.PoolTimeout, TroubleKind.CONNECT),
        (httpx.ProxyError, TroubleKind.CONNECT),
        (httpx.ReadError, TroubleKind.RESET),
        (httpx.WriteError, TroubleKind.RESET),
        (httpx.CloseError, TroubleKind.RESET),
        (httpx.RemoteProtocolError, TroubleKind.RESET),
        (AnswerNotHttp, TroubleKind.BAD_ANSWER),
        (httpx.NetworkError, TroubleKind.RESET),
        (httpx.TransportError, TroubleKind.RESET),
        (httpx.ReadTimeout, TroubleKind.TIMEOUT),
        (httpx.WriteTimeout, TroubleKind.TIMEOUT),
        (httpx.DecodingError, TroubleKind.BAD_ANSWER),
        (AnswerTooLarge, TroubleKind.BAD_ANSWER),
        (httpx.LocalProtocolError, TroubleKind.REJECTED),
    ],
)
def test_exceptions_of_a_transport(exception, kind):
    trouble = errors.of_exception(exception("secret https://x/?key=s3cret"))
    assert trouble.kind is kind
    assert "s3cret" not in trouble.message


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0),
        (" 2 ", 2),
        ("1.5", 1.5),
        ("999999999", errors.MAX_RETRY_AFTER_S),
        ("Sat, 28 Nov 2026 00:01:00 GMT", 60),
        ("Sat, 28 Nov 2026 00:01:00 -0000", 60),
        ("Saturday, 28-Nov-26 00:00:30 GMT", 30),
        ("Fri, 27 Nov 2026 00:00:00 GMT", 0),
        ("Sat, 28 Nov 2099 00:01:00 GMT", errors.MAX_RETRY_AFTER_S),
        ("-1", None),
        ("nan", None),
        ("1e3", None),
        ("٣", None),
        ("", None),
        ("soon", None),
        ("Sat, 99 Nov 2026 00:01:00 GMT", None),
        ("9" * 30, None),
    ],
)
def test_retry_after(value, seconds):
    assert errors.retry_after_s(value, NOW) == seconds
