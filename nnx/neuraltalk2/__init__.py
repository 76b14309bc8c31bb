"""neuraltalk2: captions of images (Vinyals et al. 2015; Karpathy and Fei-Fei 2015)."""

from .feat_expander import FeatExpander
from .language_model import LanguageModel, decode_sequence
from .language_model_criterion import LanguageModelCriterion
