-- what packages leave behind: the globals of those they load, moses in _, foreign functions
print(_, dpnn, rnn, nnx)
require 'rnn'
print(_ == require 'moses', type(dpnn), type(rnn), nn.rnn ~= nil, nn.SpatialReSampling ~= nil)
print(_.isFinite(1), _.isFinite(1 / 0), _.isFinite(0 / 0), _.isFinite('1'))
for _, name in ipairs{'LSTM'} do print(_, name) end
print(_.size{1, 2})

local dl = require 'dataload'
print(dl == require 'dataload._env', type(ffi.string), type(lfs.dir), type(image.scale), dl.TensorLoader ~= nil)

-- own classes: methods borrowed from another class, a parent whose constructor gets nothing
local Clones, parent = torch.class('nn.Clones', 'nn.Container')
function Clones:__init()
   parent.__init(self)
   self.sharedClones = {nn.ReinforceNormal(0.1)}
   self:add(nn.Linear(2, 2))
end
Clones.evaluate = nn.AbstractRecurrent.evaluate
Clones.reinforce = nn.AbstractRecurrent.reinforce
local clones = nn.Clones()
clones:evaluate()
clones:reinforce(torch.Tensor{1, 2})
print(clones.train, clones.sharedClones[1].train, clones.sharedClones[1].reward[2], #clones.modules)

local Late, base = torch.class('nn.Late', 'nn.SequencerCriterion')
function Late:__init(criterion)
   base.__init(self)
   self.criterion = criterion
end
print(nn.Late(nn.MSECriterion()):forward({torch.ones(2)}, {torch.zeros(2)}))
print(torch.type(nn.MaskZero(nn.Tanh(), 1).module), torch.type(nn.Tanh():Serial():clone().module))
