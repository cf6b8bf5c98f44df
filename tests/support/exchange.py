"""Exchanges for tests of the policies: what goes in, and who listens."""

from osago_daemon.resilience.deadline import Deadline
from osago_daemon.resilience.exchange import Exchange
from osago_daemon.resilience.trouble import Trouble


class Heard:
    """An observer that remembers."""

    def __init__(self):
        self.queues = []
        self.attempts = 0
        self.retries = []

    def queued(self, free_in_s):
        self.queues.append(free_in_s)

    def attempting(self):
        self.attempts += 1

    def retrying(self, retrying):
        self.retries.append(retrying)


class Server:
    """Fails with the given troubles in turn, then answers."""

    def __init__(self, *troubles):
        self.troubles = [t if isinstance(t, Trouble) else Trouble(t, "as told") for t in troubles]
        self.requests = 0

    async def __call__(self):
        self.requests += 1
        if self.troubles:
            raise self.troubles.pop(0)
        return "answer"


def exchange(send=None, *, left_s=60.0, **options):
    """An exchange with a deadline `left_s` from now; `options` are its fields."""
    return Exchange(
        send or Server(),
        deadline=Deadline.after(left_s),
        observer=options.pop("observer", None) or Heard(),
        **options,
    )


def kind_of(result):
    """The trouble's kind, or the value that came back."""
    return result.kind if isinstance(result, Trouble) else result.value
