require 'nn'
require 'optim'
local cmd = torch.CmdLine()
cmd:option('-epochs', 4, 'epochs')
cmd:option('-batch', 8, 'batch size')
cmd:option('-decay', 1e-3, 'decay')
cmd:option('-verbose', false, 'talk')
cmd:option('-name', 'run', 'name')
local opt = cmd:parse(arg)
torch.manualSeed(1)
do
  local Data = torch.class('Data')
  function Data:__init(n, d)
    self.x = torch.randn(n, d)
    self.y = torch.Tensor(n)
    for i = 1, n do
      if self.x[i][1] + self.x[i][2] > 0 then self.y[i] = 1 else self.y[i] = 2 end
    end
    self.i = 1
  end
  function Data:size() return self.x:size(1) end
  function Data:next(b)
    if self.i > self:size() then self.i = 1 return nil end
    local last = math.min(self.i + b - 1, self:size())
    local x, y = self.x:sub(self.i, last), self.y[{{self.i, last}}]
    self.i = last + 1
    return x, y
  end
  function Data:__tostring__() return 'Data of ' .. self:size() end
end
local train = Data(50, 3)
print(tostring(train), torch.type(train))
local model = nn.Sequential()
for i, size in ipairs({6, 4}) do
  local before = i == 1 and 3 or 6
  model:add(nn.Linear(before, size))
  model:add(i == 1 and nn.Tanh() or nn.ReLU())
end
model:add(nn.Linear(4, 2)):add(nn.LogSoftMax())
print(model)
local params, grads = model:getParameters()
local crit, conf = nn.ClassNLLCriterion(), optim.ConfusionMatrix({'yes', 'no'})
local state = {learningRate = 0.3, weightDecay = opt.decay}
local best = math.huge
for epoch = 1, opt.epochs do
  local sum, count = 0, 0
  while true do
    local x, y = train:next(opt.batch)
    if not x then break end
    local _, fs = optim.sgd(function()
      grads:zero()
      local out = model:forward(x)
      local f = crit:forward(out, y)
      model:backward(x, crit:backward(out, y))
      conf:batchAdd(out, y)
      return f, grads
    end, params, state)
    sum = sum + fs[1] * x:size(1)
    count = count + x:size(1)
  end
  best = math.min(best, sum / count)
  conf:updateValids()
  if opt.verbose or epoch == opt.epochs then
    print(('%s epoch %d loss %.4f acc %.1f%%'):format(opt.name, epoch, sum / count, conf.totalValid * 100))
  end
  conf:zero()
end
print(best < 1, params:nElement(), #params, opt.missing == nil)
local out = {}
for k in pairs(state) do out[#out + 1] = k end
table.sort(out)
print(unpack(out))
local p = model:forward(torch.ones(2, 3)):exp()
print(torch.round(p:sum() * 100) / 100, p:dim(), p[1]:size(1))
model:apply(function(m) if m.weight then m.weight:fill(0.5) end end)
print(model:get(1).weight)
