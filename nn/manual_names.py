"""Keywords of constructors: names that Torch's manual, or its code, has for a parameter beside its own.

A constructor takes them as it takes its own: ``nn.Linear(inputDimension=10, outputDimension=2)``.
"""

PADS = {"pad_l": "padLeft", "pad_r": "padRight", "pad_t": "padTop", "pad_b": "padBottom"}
PADS |= {"left": "padLeft", "right": "padRight", "top": "padTop", "bottom": "padBottom"}
VOLUME = {f"p{side}": f"pad{side.title()}" for side in ("left", "right", "top", "bottom", "front", "back")}
LIMITS = {"min": "min_value", "max": "max_value", "min_val": "min_value", "max_val": "max_value"}
SIZES = {"inputDimension": "inputSize", "outputDimension": "outputSize"}
SMALL = {"inputsize": "inputSize", "outputsize": "outputSize"}
CAPITAL = {"inputSize": "inputsize", "outputSize": "outputsize"}
FEATURES = {"N": "nOutput"}
DIMENSION = {"dim": "dimension"}
INPUT_DIMS = {"dim": "dimension", "nInputDim": "nInputDims"}
WINDOWS = {"ratioW": "outW", "ratioH": "outH", "poolSizeW": "kW", "poolSizeH": "kH"}
DIRECTIONS = {"fwd": "forward", "bwd": "backward"}
CONSTANT = {"constant_scalar": "k", "constant": "k"}

#: Class -> other name -> name of the parameter.
MANUAL = {
    "Add": {"inputDimension": "inputSize", "start": "inputSize"},
    "AddConstant": CONSTANT,
    "BatchNormalization": FEATURES,
    "BiSequencer": DIRECTIONS,
    "BiSequencerLM": DIRECTIONS,
    "Clamp": LIMITS,
    "Concat": DIMENSION,
    "Copy": {"inputType": "intype", "outputType": "outtype"},
    "DepthConcat": DIMENSION,
    "FastLSTM": SMALL,
    "HardShrink": {"lambda": "lambda_"},
    "HardTanh": LIMITS,
    "Index": DIMENSION,
    "JoinTable": {**DIMENSION, "nInputDim": "nInputDims"},
    "L1Penalty": {"L1weight": "l1weight"},
    "LSTM": SMALL,
    "GRU": SMALL,
    "Linear": SIZES,
    "MapTable": {"share": "shared"},
    "Max": INPUT_DIMS,
    "Mean": INPUT_DIMS,
    "Min": INPUT_DIMS,
    "MulConstant": CONSTANT,
    "Narrow": DIMENSION,
    "PartialLinear": CAPITAL,
    "PixelShuffle": {"r": "upscaleFactor"},
    "Power": {"power": "p"},
    "PrintSize": {"name": "prefix"},
    "PReLU": {"nChannels": "nOutputPlane"},
    "Recurrence": {"recurrentModule": "module"},
    "Select": DIMENSION,
    "SeqBRNN": {"inputSize": "inputDim", "outputSize": "hiddenDim"},
    "SeqGRU": SMALL,
    "SeqLSTM": CAPITAL,
    "SeqLSTMP": CAPITAL,
    "SoftShrink": {"lambda": "lambda_"},
    "SparseLinear": SIZES,
    "SpatialBatchNormalization": FEATURES,
    "SpatialConvolutionMap": {"connectionMatrix": "connTable", "conMatrix": "connTable"},
    "SpatialFractionalMaxPooling": WINDOWS,
    "SpatialReflectionPadding": PADS,
    "SpatialReplicationPadding": PADS,
    "SpatialZeroPadding": PADS,
    "SplitTable": {**DIMENSION, "nInputDim": "nInputDims"},
    "Sum": INPUT_DIMS,
    "Threshold": {"val": "value", "th": "threshold", "v": "value"},
    "VolumetricBatchNormalization": FEATURES,
    "VolumetricFractionalMaxPooling": {**WINDOWS, "ratioT": "outT", "poolSizeT": "kT"},
    "VolumetricReplicationPadding": VOLUME,
    "WeightedMSECriterion": {"w": "weight"},
    "WhiteNoise": {"stdev": "std"},
}
