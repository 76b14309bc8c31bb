-- tabular Q-learning on a grid and a small network
require 'torch'
require 'nn'
require 'optim'
torch.manualSeed(42)
local Grid = {}
Grid.__index = Grid
function Grid.new(w, h)
  local self = setmetatable({}, Grid)
  self.w, self.h = w, h
  self.goal = {x = w, y = h}
  self:reset()
  return self
end
function Grid:reset()
  self.x, self.y = 1, 1
  return self:state()
end
function Grid:state() return (self.y - 1) * self.w + self.x end
local moves = {{0, 1}, {1, 0}, {0, -1}, {-1, 0}}
function Grid:step(a)
  local dx, dy = unpack(moves[a])
  self.x = math.max(1, math.min(self.w, self.x + dx))
  self.y = math.max(1, math.min(self.h, self.y + dy))
  local done = self.x == self.goal.x and self.y == self.goal.y
  return self:state(), done and 1 or -0.01, done
end
local env = Grid.new(4, 3)
local Q = torch.zeros(4 * 3, #moves)
local eps, alpha, gamma = 0.2, 0.5, 0.95
local lengths = {}
for episode = 1, 60 do
  local s, done, n = env:reset(), false, 0
  while not done and n < 200 do
    local a
    if torch.uniform() < eps then a = torch.random(1, 4)
    else
      local _, best = Q[s]:max(1)
      a = best[1]
    end
    local s2, r, over = env:step(a)
    local target = r
    if not over then target = target + gamma * Q[s2]:max() end
    Q[s][a] = Q[s][a] + alpha * (target - Q[s][a])
    s, done, n = s2, over, n + 1
  end
  lengths[#lengths + 1] = n
end
print('first', lengths[1], 'last', lengths[#lengths])
print(string.format('%.4f', Q:max()))
-- replay memory and a network
local memory, capacity, at = {}, 30, 0
local function remember(t)
  at = at % capacity + 1
  memory[at] = t
end
local net = nn.Sequential():add(nn.Linear(2, 8)):add(nn.ReLU()):add(nn.Linear(8, 4))
local crit = nn.MSECriterion()
local w, dw = net:getParameters()
local conf = {learningRate = 0.01}
local losses = 0
for i = 1, 80 do
  local x = torch.rand(2)
  remember({x = x, a = torch.random(4), r = x:sum()})
  if #memory >= 10 then
    local pick = memory[torch.random(#memory)]
    local feval = function(p)
      dw:zero()
      local q = net:forward(pick.x)
      local t = q:clone()
      t[pick.a] = pick.r
      local l = crit:forward(q, t)
      net:backward(pick.x, crit:backward(q, t))
      return l, dw
    end
    local _, f = optim.rmsprop(feval, w, conf)
    losses = losses + f[1]
  end
end
print(#memory, ('%.5f'):format(losses))
for k, m in ipairs(moves) do io.write(k, ':', table.concat(m, ','), k < #moves and ' ' or '\n') end
