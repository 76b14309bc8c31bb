"""What `import dpnn` adds to nn, in a fresh process."""

import json
import subprocess
import sys

LOOK = """
import json, nn
from nn import extension
before, known = set(vars(nn)), extension.extensions()
def names(c):
    return {name for name in dir(getattr(nn, c)) if hasattr(getattr(nn, c), name)}
modules = {c: names(c) for c in ("Module", "Container", "Criterion", "Sequential", "ParallelTable")}
import sys
assert not any(name.partition(".")[0] in ("dpnn", "rnn") for name in sys.modules)
import dpnn, importlib
added = sorted([cls.__name__, name] for cls, name in extension.extensions() if (cls, name) not in known)
attributes = {c: sorted(names(c) - known) for c, known in modules.items()}
same = all(getattr(dpnn, name) is getattr(nn, name) for name in set(vars(nn)) - before)
again = extension.extensions()
for module in [m for n, m in sys.modules.items() if n.startswith("dpnn.")]:
    importlib.reload(module)
assert extension.extensions() == again
print(json.dumps([sorted(set(vars(nn)) - before), added, attributes, same]))
"""

CLASSES = """ArgMax BinaryClassReward BinaryLogisticRegression CategoricalEntropy Clip FireModule Inception NCECriterion
    NCEModule PCAColorTransform Reinforce ReinforceBernoulli ReinforceCategorical ReinforceGamma ReinforceNormal
    ReverseTable Serial SimpleColorTransform SpatialBinaryConvolution SpatialBinaryLogisticRegression
    SpatialFeatNormalization SpatialGlimpse SpatialRegionDropout SpatialUniformCrop TotalDropout VRClassReward"""
METHODS = {
    "Module": """Serial accept checkParameters contiguousInput dontBackward dpnn_gradParameters dpnn_lightEmpty
        dpnn_mediumEmpty dpnn_parameters dpnn_serialEmpty fromBatch getSerialState gradParamClip heavySerial
        hiddenParameters lightSerial maxParamNorm mediumSerial momentumGradParameters outside profile reinforce
        serialMode sharedClone sparseParameters stepClone toBatch updateGradParameters weightDecay""",
    "Container": "extend sparseParameters",
    "Criterion": "fromBatch toBatch",
    "Sequential": "profile",
    "ParallelTable": "profile",
    "LookupTable": "maxParamNorm",
    "SpatialConvolution": "dpnn_mediumEmpty",
    "SpatialMaxPooling": "dpnn_mediumEmpty",
    "BatchNormalization": "dpnn_mediumEmpty dpnn_parameters",
}


def test_exactly_these_names_are_added():
    run = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    classes, added, attributes, same = json.loads(run.stdout)
    assert classes == CLASSES.split()
    assert added == sorted([cls, name] for cls, names in METHODS.items() for name in names.split())
    module = METHODS["Module"].split()
    assert attributes["Module"] == module
    assert attributes["Container"] == sorted(set(module) | {"extend"}) == attributes["Sequential"]
    assert attributes["Criterion"] == METHODS["Criterion"].split()
    assert same


def test_import_is_light():
    code = "import sys, dpnn; assert not {'numba', 'cupy', 'scipy', 'optim', 'dataload', 'rnn'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
