-- notes on nodes, and clones of a graph that share their parameters
require 'nngraph'
torch.manualSeed(5)
local x, h = nn.Identity()(), nn.Identity()()
local i2h = nn.Linear(2, 3)(x):annotate{name = 'i2h_1'}
local h2h = nn.Linear(3, 3)(h):annotate{name = 'h2h_1', description = 'state'}
local new = nn.Tanh()(nn.CAddTable(){i2h, h2h})
local g = nn.gModule({x, h}, {new, nn.LogSoftMax()(new)})
for _, node in ipairs(g.forwardnodes) do
   local notes = node.data.annotations
   if notes.name then print(notes.name, notes.description, torch.type(node.data.module), notes.missing, #node.children) end
   if notes.name == 'i2h_1' then node.data.module.bias[{{1, 2}}]:fill(1) end
end
print(x.data.module == nil, torch.type(x), i2h.data.module.bias[1])
local params, gradParams = g:getParameters()
local memory = torch.MemoryFile('w'):binary()
memory:writeObject(g)
local clones = {}
for t = 1, 2 do
   local clone = torch.MemoryFile(memory:storage(), 'r'):binary():readObject()
   local p, dp = clone:parameters()
   local op, odp = g:parameters()
   for k = 1, #op do
      p[k]:set(op[k])
      dp[k]:set(odp[k])
   end
   clones[t] = clone
end
params:fill(0.5)
gradParams:zero()
local state, input = torch.zeros(3), torch.ones(2)
for t = 1, 2 do state = clones[t]:forward{input, state}[1] end
print(string.format('%.6f %.6f', state[1], state[3]))
clones[2]:backward({input, state}, {torch.ones(3), torch.ones(3)})
print(string.format('%.6f', gradParams:sum()), gradParams:nElement())
