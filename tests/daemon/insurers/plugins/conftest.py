"""A path of one's own for plug-ins, and files that name them."""

import sys

import pytest

from osago_daemon.config_problems import ConfigError
from osago_daemon.settings import load
from tests.support import plugins


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder of installed packages, on the path for one test."""
    folder = tmp_path / "site"
    folder.mkdir()
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(folder))
    plugins.forget()
    yield folder
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
            del sys.modules[name]
    plugins.forget()


@pytest.fixture
def installed(site):
    """Install a plug-in with one module; `plug`, `pluh` … of `osago-plug` unless said otherwise."""

    def installed_(text, name="osago-plug", module="plug", value="plug:KIND", **more):
        plugins.install(site, name, modules={module: text}, **{module: value}, **more)
        plugins.forget()

    return installed_


@pytest.fixture
def load_text(tmp_path):
    def load_text_(text, **environ):
        path = tmp_path / "insurers.toml"
        path.write_text(text, encoding="utf-8")
        return load(path, environ=environ)

    return load_text_


@pytest.fixture
def problems(load_text):
    def problems_(text, **environ):
        with pytest.raises(ConfigError) as caught:
            load_text(text, **environ)
        return [str(each).partition("insurers.toml:")[2].strip() for each in caught.value.problems]

    return problems_
