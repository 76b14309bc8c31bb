# Written by test/stubs.py: what a type checker sees of rocks.image.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from rocks.image.warping import affinetransform as affinetransform
from rocks.image.colours import colormap as colormap
from rocks.image.files import compressJPG as compressJPG
from rocks.image.kernels import convolve as convolve
from rocks.image.geometry import crop as crop
from rocks.image.files import decompress as decompress
from rocks.image.files import decompressJPG as decompressJPG
from rocks.image.files import decompressJPG as _decompressPNG
decompressPNG = _decompressPNG
from rocks.image.kernels import dilate as dilate
from rocks.image.display import display as display
from rocks.image.drawing import drawRect as drawRect
from rocks.image.drawing import drawText as drawText
from rocks.image.kernels import erode as erode
from rocks.image.pictures import fabio as fabio
from rocks.image.geometry import flip as flip
from rocks.image.kernels import gaussian as gaussian
from rocks.image.kernels import gaussian1D as gaussian1D
from rocks.image.kernels import gaussianpyramid as gaussianpyramid
from rocks.image.files import getPNGsize as _getJPGsize
getJPGsize = _getJPGsize
from rocks.image.files import getPNGsize as getPNGsize
from rocks.image.files import getPNGsize as _getPPMsize
getPPMsize = _getPPMsize
from rocks.image.files import getSize as getSize
from rocks.image.geometry import hflip as hflip
from rocks.image.colours import hsl2rgb as hsl2rgb
from rocks.image.colours import hsv2rgb as hsv2rgb
from rocks.image.files import is_supported as is_supported
from rocks.image.colours import jetColormap as jetColormap
from rocks.image.colours import lab2rgb as lab2rgb
from rocks.image.kernels import laplacian as laplacian
from rocks.image.kernels import lcn as lcn
from rocks.image.pictures import lena as lena
from rocks.image.files import load as load
from rocks.image.files import loadPNG as _loadJPG
loadJPG = _loadJPG
from rocks.image.files import loadPNG as loadPNG
from rocks.image.files import loadPNG as _loadPPM
loadPPM = _loadPPM
from rocks.image.warping import logpolar as logpolar
from rocks.image.display import minmax as minmax
from rocks.image.warping import polar as polar
from rocks.image.colours import rgb2hsl as rgb2hsl
from rocks.image.colours import rgb2hsv as rgb2hsv
from rocks.image.colours import rgb2lab as rgb2lab
from rocks.image.colours import rgb2nrgb as rgb2nrgb
from rocks.image.colours import rgb2y as rgb2y
from rocks.image.colours import rgb2yuv as rgb2yuv
from rocks.image.geometry import rotate as rotate
from rocks.image.files import save as save
from rocks.image.files import saveJPG as saveJPG
from rocks.image.files import savePPM as _savePGM
savePGM = _savePGM
from rocks.image.files import savePNG as savePNG
from rocks.image.files import savePPM as savePPM
from rocks.image.scaling import scale as scale
supported_filetypes: dict[Any, Any]
from rocks.image.display import toDisplayTensor as toDisplayTensor
from rocks.image.geometry import translate as translate
from rocks.image.geometry import vflip as vflip
from rocks.image.warping import warp as warp
from rocks.image.colours import y2jet as y2jet
from rocks.image.colours import yuv2rgb as yuv2rgb
