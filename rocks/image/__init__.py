"""``require 'image'``: pictures as planes x height x width with values 0..1, in files and out, changed and shown."""

from .files import (
    compressJPG,
    decompress,
    decompressJPG,
    decompressPNG,
    getJPGsize,
    getPNGsize,
    getPPMsize,
    getSize,
    is_supported,
    load,
    loadJPG,
    loadPNG,
    loadPPM,
    save,
    saveJPG,
    savePGM,
    savePNG,
    savePPM,
    supported_filetypes,
)
from .scaling import scale
from .geometry import crop, flip, hflip, rotate, translate, vflip
from .warping import affinetransform, logpolar, polar, warp
from .colours import (
    colormap,
    hsl2rgb,
    hsv2rgb,
    jetColormap,
    lab2rgb,
    rgb2hsl,
    rgb2hsv,
    rgb2lab,
    rgb2nrgb,
    rgb2y,
    rgb2yuv,
    y2jet,
    yuv2rgb,
)
from .kernels import convolve, dilate, erode, gaussian, gaussian1D, gaussianpyramid, laplacian, lcn
from .display import display, minmax, toDisplayTensor
from .drawing import drawRect, drawText
from .pictures import fabio, lena
