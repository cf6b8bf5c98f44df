"""The kind `rest`, declared in insurers.toml alone, as the entry point that osago installs."""

from osago_daemon.insurers.registry import AdapterKind, Surroundings
from osago_daemon.insurers.rest import RestAdapter
from osago_daemon.insurers.rest_spec import RestSpec


def build_rest(spec: RestSpec, around: Surroundings) -> RestAdapter:
    """The declarative engine for a table, or for a plug-in's that has more in it."""
    adapter = RestAdapter(
        spec,
        around.transport,
        auth=spec.auth.build(around.secrets),
        now=around.now,
        secrets={
            name: around.secrets.resolve(reference).get_secret_value()
            for name, reference in spec.secrets.items()
        },
    )
    adapter.watcher = around.watcher
    return adapter


KIND = AdapterKind(RestSpec, build_rest)
