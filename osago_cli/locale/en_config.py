"""English texts of `osago config`."""

TEXTS = {
    "config.check.help": "List everything wrong with insurers.toml at once. Asks nobody.",
    "config.dictionary": "entries: {count}",
    "config.default": "default",
    "config.failed": "our own mistake: the check of insurers.toml failed (see above)",
    "config.help": "Check insurers.toml, show what holds, begin one. Needs no daemon.",
    "config.init.backup": "what was there is kept as {file}",
    "config.init.exists": "{file} exists already; --force writes anew and keeps a backup",
    "config.init.force": "Write where there is a file already; it is kept beside, as .bak.",
    "config.init.help": "Write a commented insurers.toml to begin with.",
    "config.init.next": (
        "Next:\n"
        "  1. Describe your insurer in it: address, login, requests, answers.\n"
        "  2. Set ${secret} for the daemon, or name another place for the secret.\n"
        "  3. osago config check{option}\n"
        "  4. osago daemon start{option}"
    ),
    "config.init.path": "Where; ~/.config/osago/insurers.toml unless told.",
    "config.init.written": "written: {file}",
    "config.invalid": "problems in the configuration: {count}",
    "config.not_set": "not set",
    "config.secrets": "secrets found: {references}",
    "config.show.help": "Show every value that holds, defaults included. No secrets.",
    "config.show.insurer": "Only this insurer.",
    "config.show.origin": "Also where each comes from: a line of the file, or the default.",
    "config.unknown": "no insurer `{name}` in this file; there is {known}",
    "config.valid": "{file} is fine; insurers: {on}, switched off: {off}",
    "config.warning.create_not_repeatable": (
        "no expression uses call.key: when an answer is lost, it is not asked again"
    ),
    "config.warning.http_allowed": "plain http carries personal data in clear",
    "config.warning.no_limits": (
        "neither per_second nor per_minute nor per_day: nothing but at_once bounds the requests"
    ),
    "config.warning.own_tariff": "these tariff tables stand instead of the shipped ones",
}
