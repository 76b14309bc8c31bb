"""register and extends: how other packages add to nn."""

import pytest

import nn
from nn import doors
from torch7 import registry


@pytest.fixture(autouse=True)
def undo():
    """Take away what a test registered."""
    names, classes = set(vars(nn)), dict(registry._classes)
    known, extensions = dict(registry._names), dict(doors._extensions)
    yield
    for name in set(vars(nn)) - names:
        delattr(nn, name)
    for target, name in set(doors._extensions) - set(extensions):
        delattr(target, name)
    registry._classes.clear()
    registry._classes.update(classes)
    registry._names.clear()
    registry._names.update(known)
    doors._extensions.clear()
    doors._extensions.update(extensions)


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
        def remember(self, mode=None):
            return mode

        assert nn.Linear(1, 1).remember("both") == "both"
        assert doors.extensions()[nn.Module, "remember"] == __name__

    def test_the_same_function_again_is_fine(self):
        def remember(self):
            return 1

        nn.extends(nn.Module)(remember)
        nn.extends(nn.Module)(remember)
        assert nn.Module().remember() == 1

    def test_a_known_name_is_refused(self):
        def forward(self, input):
            return None

        for target in (nn.Module, nn.Linear, nn.Sequential):
            with pytest.raises(ValueError, match="already has a forward"):
                nn.extends(target)(forward)

    def test_another_functions_name_is_refused(self):
        def remember(self):
            return 1

        nn.extends(nn.Module)(remember)

        def other():
            def remember(self):
                return 2

            return remember

        with pytest.raises(ValueError, match="already added"):
            nn.extends(nn.Module)(other())
        assert nn.Module().remember() == 1

    def test_a_child_may_have_its_own_form_of_an_added_method(self):
        def forget(self):
            return "module"

        nn.extends(nn.Module)(forget)

        def containers():
            def forget(self):
                return "container"

            return forget

        nn.extends(nn.Container)(containers())
        assert nn.Linear(1, 1).forget() == "module"
        assert nn.Sequential().forget() == "container"


def test_a_name_of_another_package_says_what_to_import():
    if not hasattr(nn, "LSTM"):
        with pytest.raises(AttributeError, match=r"nn.LSTM is in package rnn: add `import rnn`"):
            nn.LSTM
    with pytest.raises(AttributeError, match="no attribute 'Lstm'"):
        nn.Lstm
