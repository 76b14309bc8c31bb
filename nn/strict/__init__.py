"""What ``torch7.strict(True)`` checks of networks: :func:`install` wraps the passes, :func:`uninstall` unwraps them.

``wrapping`` puts the checks around the calls of a script; ``held`` knows the results that were handed out, ``inputs``
what each forward was given, ``parameters`` the flat arrays and the gradients of the step before, ``measured``
outputs that were counted.
"""

from torch7 import strictness

from . import held, inputs, measured, parameters, wrapping


def install() -> None:
    """Wrap the methods of all modules and criterions, and those that will be defined."""
    wrapping.install()
    strictness.stepping.append(parameters.before_optimiser)
    strictness.measuring.append(measured.before_measure)


def uninstall() -> None:
    """Give every class its own methods back, and forget what was seen."""
    strictness.stepping.remove(parameters.before_optimiser)
    strictness.measuring.remove(measured.before_measure)
    wrapping.uninstall()
    for memory in (held, inputs, measured, parameters):
        memory.forget()
