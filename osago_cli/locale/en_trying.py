"""English texts of `osago insurers test` and `osago insurers record`."""

TEXTS = {
    "trying.accepted": "done, on to the next step",
    "trying.again_few": "asked again {count} times, {time}",
    "trying.again_many": "asked again {count} times, {time}",
    "trying.again_one": "asked again {count} time, {time}",
    "trying.before_login": "(what a login gives will be added)",
    "trying.binary": "({size} bytes, not shown)",
    "trying.confirm": "Send it? [y/N]",
    "trying.cut": "… {count} more characters",
    "trying.declined": "declined",
    "trying.dry": "Nothing is sent. What an answer would give stands as {{kept.NAME}}.",
    "trying.dry_run": "Send nothing: show the requests as far as they are known.",
    "trying.each": "(one request for each item: {count})",
    "trying.each_unknown": "(one request for each item; how many, an answer says)",
    "trying.failed": "our own mistake: the insurer could not be tried out (see above)",
    "trying.file": "The application as JSON, - is stdin; the shipped example unless told.",
    "trying.head": "{name} ({insurer}), {at}",
    "trying.login": "login",
    "trying.needs_yes": "this is not a terminal: say --yes to send it",
    "trying.no_answer": "no answer",
    "trying.not_sent": "nothing was sent",
    "trying.offer": "offer",
    "trying.offer_value": "offer, {premium}",
    "trying.pending": "not decided yet",
    "trying.preliminary": "preliminary offer",
    "trying.real": "This sends one real application to {name}: {server}",
    "trying.record.application": (
        "no made-up application of the same shape could be found; try another one"
    ),
    "trying.record.changed": (
        "the answers without personal data do not come to the same, at step `{step}`: {why}; "
        "nothing was written"
    ),
    "trying.record.exists": "{file} exists already; --force writes over it",
    "trying.record.force": "Write over a file that is there.",
    "trying.record.help": "Keep one application's way through an insurer as a fixture for tests.",
    "trying.record.leak": (
        "something that must not be kept is still in the record: {where}; nothing was written"
    ),
    "trying.record.output": "The file to write; ID.json unless told.",
    "trying.record.unrecordable": "this can't be recorded: {why}; nothing was written",
    "trying.record.written": "written: {file} ({insurer}, {outcome}; exchanges: {count})",
    "trying.several": "several insurers' offers",
    "trying.skipped": "left out for this application",
    "trying.test.help": "Ask one insurer once, and show every request, answer and expression.",
    "trying.when": "(only if {expression})",
    "trying.yes": "Send a real application without asking.",
}
