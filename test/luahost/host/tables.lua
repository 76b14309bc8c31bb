-- tables that Python holds: identity, lists that grow, lists that get names, pairs; methods of one object; types
require 'nn'
local M, parent = torch.class('nn.Keeper', 'nn.Module')
function M:__init(names)
  parent.__init(self)
  self.cache, self.list, self.names = {}, {}, {}
  local order = {}
  self.order = order
  for _, name in ipairs(names) do
    self.names[name] = true
    order[#order + 1] = name
  end
end
function M:put(key, value)
  self.cache[key] = value
  table.insert(self.list, key)
end
function M:counts() return #self.order, #self.list end
local m = nn.Keeper{'a', 'b'}
print(m:counts())
print(m.names.a, m.names.c, table.concat(m.order, ','))
m:put('x', 1)
m:put('y', torch.ones(2))
m.cache[1] = 5
m.list[1] = 'z'
print(m.cache.x, m.cache.y[2], m.cache[1], #m.list, m.list[1], m.list[2])
local copy = m:clone()
copy:put('w', 3)
print(#copy.list, #m.list, copy.cache.w, m.cache.w)
m.cache.x = nil
print(m.cache.x, next(m.cache) ~= nil)
local keys = {}
for key in pairs(copy.cache) do keys[#keys + 1] = tostring(key) end
table.sort(keys)
print(table.concat(keys, ' '))
local state = {1, 2}
m.state = state
state[3] = 5
print(#m.state, m.state == state)
-- inputs and outputs
local input = {torch.rand(2), torch.rand(3)}
local output = nn.Identity():forward(input)
print(output == input, output[1] == input[1])
local net = nn.Sequential():add(nn.Tanh()):add(nn.ReLU())
net.modules[2] = nn.Sigmoid()
net:remove(1)
print(#net.modules, torch.type(net:get(1)), net.modules[1] == net:get(1), table.remove(net.modules) ~= nil, net:size())
-- a method of one object
local linear = nn.Linear(2, 2)
function linear:updateOutput(x)
  self.output = x * 2
  return self.output
end
linear.accGradParameters = function() end
linear:zeroGradParameters()
local container = nn.Sequential():add(linear)
print(container:forward(torch.ones(2))[1], container:clone():forward(torch.ones(2))[2])
container:backward(torch.ones(2), torch.ones(2))
print(linear.gradWeight:sum())
linear.double = nil
linear.twice = function(x) return 2 * x end
print(linear.twice(4), type(linear.twice))
print(type(torch.ones(1)), type(linear), type(nn.Linear), type(torch.DoubleTensor), type(nn), type(print), type(linear.forward),
  type(io.stdout), type(#torch.ones(1)), type(torch.randn))
print(torch.isTypeOf(linear, nn.Module), torch.isTypeOf(linear, 'nn.Module'), torch.isTypeOf({}, 'nn.Module'),
  torch.isTypeOf(torch.ones(1), torch.DoubleTensor))
-- errors through both languages
local function through(e) return pcall(function() torch.ones(1):apply(function() error(e, 0) end) end) end
print(through('plain'))
local ok, e = through({code = 7})
print(ok, type(e), e.code)
ok, e = pcall(function() return torch.ones(2):nothing() end)
print(ok, e:match("attempt to call method 'nothing'") ~= nil)
ok, e = pcall(function() return nn.Sequential():add(nn.Linear(3, 2)):forward(torch.rand(5)) end)
print(ok, e:match('In 1 module of nn.Sequential'))
print((('abc'):gsub('%a', torch.type)), pcall(error))
print(coroutine.wrap(function(n) local k = coroutine.yield(torch.ones(n):sum()); return k end)(3))
local net2 = nn.Sequential():add(nn.Linear(3, 3))
for i = 1, 12000 do
  local x = torch.ones(3)
  x:apply(function(v) return v + 1 end)
end
print(collectgarbage('count') < 50000, collectgarbage(), collectgarbage('step'))
