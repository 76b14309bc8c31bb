-- optnet.graphgen, iterm: the graph of a network that is no graph
require 'nn'
local graphgen = require 'optnet.graphgen'
local net = nn.Sequential():add(nn.Linear(2, 3)):add(nn.ConcatTable():add(nn.Identity()):add(nn.Tanh())):add(nn.CAddTable())
local g = graphgen(net, torch.ones(1, 2))
print(#g.nodes, require 'iterm.dot' == require 'iterm'.dot)
