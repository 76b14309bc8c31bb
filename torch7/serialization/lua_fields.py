"""Where the fields of Lua's objects are not the attributes of ours: what the writer adds and leaves out.

A line of :data:`TABLE` is a class and words, which hold for its subclasses too:

- ``name``: a field that Lua's constructor makes, an empty tensor of the module's type; written where ours lacks it.
- ``?name``: one that Lua's forward makes at its first run, ``!name``: one that its backward makes. They are written of
  modules that have run so far; Lua makes them itself where a file lacks them.
- ``-name``: an attribute that Lua does not have: never written.

After a name may stand what the field is: ``:Long`` a tensor of another type, ``=sizes`` the sizes of ``output``,
``=zeros`` as many zeros, ``=sizes4`` four zeros, ``=table`` an empty table, ``=0``, ``=1``, ``=true``, ``=false``
themselves; and then ``@2``, only where ``output`` has this many dimensions or none is left, or ``@+``, only while there
is an output, not after ``clearState``. Two words stand for themselves: ``only``, those of the parents do not hold;
``late``, a new module has an output already.

Lua fills the buffers at the next run; every empty one is a tensor of its own, so that none share.
"""

from __future__ import annotations

import functools
import re
from typing import Any, NamedTuple

from .. import arrays, registry
from .attributes import LEFT_OUT, constructed

TABLE = """
nn.AbstractRecurrent             ?rmInSharedClones=true
nn.Add                           -_sum
nn.Bilinear                      -_left -_right ?buff2 !buff1
nn.BiSequencerLM                 -_merged -_sums ?_fwdOutput=table ?_bwdOutput=table ?_mergeInput=table ?_firstStep
                                 ?_lastStep !_mergeGradInput=table !_fwdGradInput=table !_bwdGradInput=table
nn.CAdd                          late -_sum ?_bias ?_expand ?_output ?_repeat !_gradBias !_gradOutput
nn.ClassSimplexCriterion         -target
nn.Clip                          ?_byte:Byte ?_mask
nn.CMaxTable                     -_mask maxIdx mask maxVals gradMaxVals !maskByteTensor:Byte
nn.CMinTable                     only -_mask minIdx mask minVals gradMaxVals !maskByteTensor:Byte
nn.CMul                          late -_product -_reduced ?_expand ?_output ?_repeat ?_weight !_gradInput
                                 !_gradOutput !_gradWeight !_input !_sum
nn.CMulTable                     -tout
nn.Concat                        outputSize=sizes
nn.Convert                       -_cast ?batchMode=true
nn.Cosine                        -_scaled ?__norm=0@1+ !_gradOutput !_sum@2 !_weight
nn.CosineDistance                -_products ?buffer ?w1 ?w22 ?w ?w32 ?ones
nn.DistanceRatioCriterion        -loss
nn.Euclidean                     late -_ratio ?_expand ?_expand2 ?_input ?_repeat ?_repeat2 ?_weight !_div !_expand3
                                 !_gradOutput !_output !_sum@2
nn.GRU                           cells=table gradCells=table
nn.Inception                     -module
nn.IndexLinear                   -_used normalizedValues gradWeightBuffer valuesBuffer cumSumSizesCache=table
                                 sizesCache=table ?cumSumSizes:Long ?keys:Long@+ ?sizes:Long@+ ?values@+ ?lkeys=table
                                 ?lvalues=table ?isFlat=false ?noBatch=false
nn.JoinTable                     size=sizes
nn.Kmeans                        -_nearest ?_clusterDistances@+ ?_expandedSamples@+ ?_expandedWeight@+
                                 ?_minIndx:Long@+ ?_minScore@+ ?_temp@+ ?_tempExpanded@+ ?_tempWeight@+
                                 ?_tempWeightExp@+ !_ccounts !_gradWeight !_gradWeight2 !_cscAdder@+
nn.Linear                        ?addBuffer@2
nn.LinearWeightNorm              -_gradient
nn.LogSigmoid                    ?buffer
nn.LookupTable                   ?_count:Int ?_input:Long ?copiedInput=false ?shouldScaleGradByFreq=false
nn.LookupTableMaskZero           ?__input:Long
nn.MaskedSelect                  _gradBuffer _gradMask:Byte _maskIndexBuffer:Long _maskIndexBufferCPU:Float
                                 _maskIndices:Long
nn.MaskZero                      ?_zeroMask ?zeroMask:Byte ?batchmode=true ?gradOutput
nn.Max                           ?_indices:Long ?_output
nn.Min                           ?_indices:Long ?_output
nn.MixtureTable                  -_weighted size=sizes size2=sizes0 batchSize=0 backwardSetup=false ?_gaterView
                                 ?table=false !_expert !_expertView !_sum !_expert2 !_expertView2
nn.MuFuRu                        cells=table gradCells=table
nn.MultiLabelMarginCriterion     -target
nn.MultiMarginCriterion          -target
nn.NCEModule                     only
nn.Normalize                     ?_output ?buffer ?norm !_gradInput !buffer2 !cross
nn.Padding                       outputSize=sizes
nn.PairwiseDistance              -_factor diff
nn.Parallel                      ?totalOutputSize=sizes
nn.PartialLinear                 ?addBuffer !buffer
nn.PCAColorTransform             ?noise ?alphas ?_tempNoise ?_tempNoiseExpanded ?_tempNoiseSamples ?_tempLambda
                                 ?_tempLambdaExpanded
nn.PixelShuffle                  ?_intermediateShape=sizes6@+ ?_outShape=sizes@+ ?_shuffleOut !_shuffleIn
nn.PReLU                         !gradWeightBuf !gradWeightBuf2
nn.RecurrentAttention            -_hiddens gradHidden=table
nn.ReLU6                         -max_val -min_val
nn.SeqGRU                        -gradGates -reset_h buffer1 buffer2 buffer3 grad_a_buffer ?_output@+
                                 ?recompute_backward=true ?_return_grad_h0=false !_grad_x@+ !userGradPrevOutput@+
nn.SeqLSTM                       -gradTotal -hidden -packed buffer1 buffer2 buffer3 grad_a_buffer ?_output@+ ?next_h
                                 ?recompute_backward=true ?_return_grad_h0=false ?_return_grad_c0=false !_grad_x@+
                                 !grad_next_h !userGradPrevOutput !userGradPrevCell
nn.SeqLSTMP                      ?_hidden
nn.SeqReverseSequence            ?outputIndices:Long@+ !gradIndices:Long@+
nn.Sequencer                     tableoutput=table tablegradInput=table !tablegradinput=table
nn.SimpleColorTransform          ?noise ?_tempNoise ?_tempNoiseExpanded ?_tempNoiseSamples
nn.SoftMin                       ?mininput
nn.SoftSign                      ?temp !tempgrad
nn.SparseLinear                  late -touched weightDecay=0 sparseUpdate=0 ?legacyMode=false ?lastInput
nn.SpatialAdaptiveMaxPooling     ?indices:Long
nn.SpatialAutoCropMSECriterion   -_target
nn.SpatialBinaryConvolution      -binary ?alphas ?finput ?fgradInput ?tempWeight ?wmask:Byte ?_tempAlphas
                                 ?_tempAlphasExpanded ?_tempAlphasSamples !gradInputAlphas !_tempGradAlphas
                                 !_tempGradAlphasExpanded !_tempGradAlphasSamples
nn.SpatialConvolution            ?finput ?fgradInput
nn.SpatialConvolutionLocal       ?finput ?fgradInput
nn.SpatialConvolutionMM          ?finput ?fgradInput
nn.SpatialCrossMapLRN            !paddedRatio !accumRatio
nn.SpatialDivisiveNormalization  ?_coef@4+ ?ones
nn.SpatialFullConvolution        ones ?finput ?fgradInput
nn.SpatialGlimpse                ?_crop ?_pad ?dpnn_online=false
nn.SpatialSubtractiveNormalization ?_coef ?ones ?_inpsz=zeros@+
nn.SpatialUniformCrop            ?dpnn_online=false
nn.SpatialUpSamplingBilinear     inputSize=sizes4 outputSize=sizes4
nn.SpatialUpSamplingNearest      inputSize=sizes4 outputSize=sizes4
nn.TemporalDynamicKMaxPooling    ?indices:Long
nn.TemporalMaxPooling            ?indices:Long
nn.TemporalRowConvolution        ?finput ?fgradInput
nn.TrimZero                      temp gradTemp
nn.UpSampling                    inputSize=sizes5 outputSize=sizes5
nn.VolumetricConvolution         ?finput ?fgradInput
nn.VolumetricFullConvolution     finput fgradInput ones
nn.WeightedEuclidean             ?_diagCov !_expand4 !_repeat3
nn.WeightedMSECriterion          -buffer
"""

_WORD = re.compile(r"([-?!]?)(\w+)(?:([:=])(\w+))?(?:@(\d?)(\+?))?")
_VALUES: dict[str, Any] = {"0": 0, "1": 1, "true": True, "false": False}


class Field(NamedTuple):
    """A word of the table."""

    mark: str
    name: str
    kind: str | None
    what: str | None
    rank: str | None
    output: str | None


@functools.cache
def _lines() -> dict[str, list[Field]]:
    lines: dict[str, list[Field]] = {}
    for word in TABLE.split():
        if word.startswith("nn."):
            fields = lines[word] = []
        else:
            fields.append(Field(*_WORD.fullmatch(word).groups()))
    return lines


@functools.cache
def declared(cls: type) -> tuple[Field, ...]:
    """The words that hold for a class: its own and those of its parents."""
    fields: list[Field] = []
    for parent in cls.__mro__[:-1]:
        fields += _lines().get(registry.class_name(parent), [])
        if any(field.name == "only" for field in fields):
            break
    return tuple(field for field in fields if field.name != "only")


@functools.cache
def private(cls: type) -> frozenset[str]:
    """Attributes of ``cls`` that are not written."""
    return frozenset(f.name for f in declared(cls) if f.mark == "-")


def as_lua(obj: Any, fields: dict[str, Any]) -> dict[str, Any]:
    """``fields`` of an object without those that Lua would not have at this time, and with those that ours lacks.

    What the file that an object was read from left out of its fields stays out.
    """
    words = declared(type(obj))
    if not words:
        return fields
    stage = life(obj, words)
    for field in words:
        if field.mark in ("?", "!") and _is_empty(fields.get(field.name)) and not _due(obj, field, stage):
            fields.pop(field.name, None)
    left_out = vars(obj).get(LEFT_OUT, ())
    for field in words:
        if field.name not in fields and field.name not in left_out and _due(obj, field, stage):
            fields[field.name] = _made(obj, field)
    return fields


def left_out(obj: Any, fields: dict[str, Any]) -> frozenset[str]:
    """The fields that an object has at its stage of life in Lua, that Lua makes where they lack, and that do lack."""
    words = declared(type(obj))
    stage = life(obj, words) if words else ""
    return frozenset(f.name for f in words if f.mark in ("?", "!") and f.name not in fields and _due(obj, f, stage))


def life(obj: Any, words: tuple[Field, ...]) -> str:
    """How far an object is in its life: the marks of what it has by now.

    It has run if it holds what a forward makes, or if it was told its mode, as every training does; without output
    and gradient it was cleared, after both passes as far as one can tell.
    """
    held = vars(obj)
    made = {f.name for f in words if f.mark in ("?", "!")}
    if not any(f.name == "late" for f in words):
        made |= {"output", "gradInput"}
    ran = any(arrays.is_array(held.get(name)) and held[name].size for name in made)
    if not ran and (held.get("train") is None or "train" in constructed(type(obj))):
        return ""
    backward = not _is_empty(held.get("gradInput")) or _is_empty(held.get("output"))
    return "?!" if backward else "?"


def _due(obj: Any, field: Field, stage: str) -> bool:
    """Whether an object of this stage has a field."""
    output = vars(obj).get("output")
    if field.mark == "-" or field.name == "late" or field.mark not in stage:
        return False
    if _is_empty(output):
        return not field.output
    return not field.rank or (arrays.is_array(output) and output.ndim == int(field.rank))


def _is_empty(value: Any) -> bool:
    """Whether a field holds no numbers; a table of empty tensors does not."""
    if arrays.is_array(value):
        return not value.size
    return all(map(_is_empty, value)) if isinstance(value, list) else not value


def _made(obj: Any, field: Field) -> Any:
    """What a field holds whose object lacks it."""
    output = vars(obj).get("output")
    if field.kind == ":":
        return arrays.array_module(obj.output).empty(0, arrays.dtype_of(f"torch.{field.what}Tensor"))
    if field.what is None:
        return arrays.empty(vars(obj).get("_type"))
    if field.what == "sizes":
        return output.shape if arrays.is_array(output) and output.size else ()
    if field.what == "zeros":
        return (0,) * output.ndim
    if field.what.startswith("sizes"):
        return (0,) * int(field.what[5:])
    return {} if field.what == "table" else _VALUES[field.what]
