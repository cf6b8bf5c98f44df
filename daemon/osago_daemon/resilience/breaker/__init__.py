"""The circuit breaker: an insurer that keeps failing is left alone until it has recovered."""

from osago_daemon.resilience.breaker.change import Change, Reason, State
from osago_daemon.resilience.breaker.permit import Permit
from osago_daemon.resilience.breaker.policy import BreakerPolicy
from osago_daemon.resilience.breaker.states import Breaker

__all__ = ["Breaker", "BreakerPolicy", "Change", "Permit", "Reason", "State"]
