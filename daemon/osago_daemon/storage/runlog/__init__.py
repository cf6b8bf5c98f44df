"""The run log: what a daemon that was killed needs to go on with its runs under their numbers."""

from osago_daemon.storage.runlog.log import RecoveredRun, RunLog, RunWriter

__all__ = ["RecoveredRun", "RunLog", "RunWriter"]
