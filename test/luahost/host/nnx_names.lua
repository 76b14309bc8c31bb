-- packages on nn: their own tables, and their classes in nn's
local inn = require 'inn'
require 'stn'
require 'fbnn'
require 'nnx'
print(inn.ROIPooling(2, 2), inn == package.loaded.inn, inn.nothing)
print(nn.AffineGridGeneratorBHWD(2, 3), nn.LinearNB(2, 3), torch.type(nn.SpatialReSampling{rheight = 2, rwidth = 2}))
