"""The chapter "testing": ``nn.Jacobian``, ``nn.SparseJacobian`` and the checks to run on one's own modules."""

from . import jacobian, sparse_jacobian
from .battery import check_module
from .case import Case
from .criterion_battery import CriterionCase, check_criterion
