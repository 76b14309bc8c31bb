-- a line fitted through noisy points, step by step
require 'nn'
require 'optim'
local cmd = torch.CmdLine()
cmd:option('-rate', 0.1, 'learning rate')
cmd:option('-steps', 60, 'number of steps')
local opt = cmd:parse(arg)
torch.manualSeed(3)

local x = torch.linspace(-1, 1, 20):view(20, 1)
local y = x * 3 + 0.5
for i = 1, y:size(1) do y[i][1] = y[i][1] + torch.normal(0, 0.05) end

local net = nn.Sequential():add(nn.Linear(1, 1))
local criterion = nn.MSECriterion()
local params, gradParams = net:getParameters()
local history = {}

local function feval(p) -- loss and gradient
  gradParams:zero()
  local out = net:forward(x)
  local loss = criterion:forward(out, y)
  net:backward(x, criterion:backward(out, y))
  return loss, gradParams
end

for step = 1, opt.steps do
  local _, losses = optim.sgd(feval, params, {learningRate = opt.rate})
  history[#history + 1] = losses[1]
  if step % 20 == 0 then print(string.format('step %d loss %.5f', step, losses[1])) end
end
print(#history, history[1] > history[#history])
print(net:get(1).weight)
