"""register and extends: how other packages add to nn."""

import pytest

import nn
from nn import extension
from torch7 import registry


@pytest.fixture(autouse=True)
def undo():
    """Take away what a test registered."""
    names, classes = set(vars(nn)), dict(registry._classes)
    known, extensions = dict(registry._names), dict(extension._extensions)
    yield
    for name in set(vars(nn)) - names:
        delattr(nn, name)
    for target, name in set(extension._extensions) - set(extensions):
        delattr(target, name)
    registry._classes.clear()
    registry._classes.update(classes)
    registry._names.clear()
    registry._names.update(known)
    extension._extensions.clear()
    extension._extensions.update(extensions)


def a_class(module="there"):
    return type("Mine", (nn.Module,), {"__module__": module, "__qualname__": "Mine"})


class TestRegister:
    def test_a_class_becomes_a_name_of_nn(self):
        cls = a_class()
        assert nn.register(cls) is cls
        assert nn.Mine is cls and registry.find("nn.Mine") is cls
        assert repr(cls()) == "nn.Mine"

    def test_again_is_fine(self):
        cls = nn.register(a_class())
        assert nn.register(cls) is cls
        reloaded = nn.register(a_class())
        assert nn.Mine is reloaded

    def test_another_class_of_the_name_is_refused(self):
        first = nn.register(a_class())
        with pytest.raises(ValueError, match=r"nn.Mine is already there.Mine"):
            nn.register(a_class("elsewhere"))
        assert nn.Mine is first

    def test_a_name_that_is_no_class_is_refused(self):
        cls = type("utils", (nn.Module,), {})
        with pytest.raises(ValueError, match=r"nn.utils is already"):
            nn.register(cls)
        assert nn.utils.is_table([])
        assert registry.find("nn.utils") is None


class TestExtends:
    def test_adds_a_method_and_remembers_who(self):
        @nn.extends(nn.Module)
        def recollect(self, mode=None):
            return mode

        assert nn.Linear(1, 1).recollect("both") == "both"
        assert extension.extensions()[nn.Module, "recollect"] == __name__

    def test_the_same_function_again_is_fine(self):
        def recollect(self):
            return 1

        nn.extends(nn.Module)(recollect)
        nn.extends(nn.Module)(recollect)
        assert nn.Module().recollect() == 1

    def test_a_known_name_is_refused(self):
        def forward(self, input):
            return None

        for target in (nn.Module, nn.Linear, nn.Sequential):
            with pytest.raises(ValueError, match="already has a forward"):
                nn.extends(target)(forward)

    def test_another_functions_name_is_refused(self):
        def recollect(self):
            return 1

        nn.extends(nn.Module)(recollect)

        def other():
            def recollect(self):
                return 2

            return recollect

        with pytest.raises(ValueError, match="already added"):
            nn.extends(nn.Module)(other())
        assert nn.Module().recollect() == 1

    def test_a_child_may_have_its_own_form_of_an_added_method(self):
        def neglect(self):
            return "module"

        nn.extends(nn.Module)(neglect)

        def containers():
            def neglect(self):
                return "container"

            return neglect

        nn.extends(nn.Container)(containers())
        assert nn.Linear(1, 1).neglect() == "module"
        assert nn.Sequential().neglect() == "container"


def test_a_name_of_another_package_says_what_to_import():
    if not hasattr(nn, "LSTM"):
        with pytest.raises(AttributeError, match=r"nn.LSTM is in package rnn: add `import rnn`"):
            nn.LSTM
    with pytest.raises(AttributeError, match="no attribute 'Lstm'"):
        nn.Lstm


def test_values_become_attributes_of_the_class():
    values = ["a"]
    nn.extends(nn.Module, savedNames=values)
    assert nn.Linear(1, 1).savedNames is values
    nn.extends(nn.Linear, savedNames=["b"])
    assert nn.Linear(1, 1).savedNames == ["b"] and nn.Module().savedNames is values
    assert extension.extensions()[nn.Module, "savedNames"] == __name__
    nn.extends(nn.Module, savedNames=["c"])
    with pytest.raises(ValueError, match="already has a forward"):
        nn.extends(nn.Module, forward=1)
