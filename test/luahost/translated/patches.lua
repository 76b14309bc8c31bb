-- methods of one object replaced, networks visited, error objects with methods, queues, schedules as closures
require 'nn'
torch.manualSeed(4)
local function visit(m, depth, f)
  f(m, depth)
  if m.modules then for _, c in ipairs(m.modules) do visit(c, depth + 1, f) end end
end
local net = nn.Sequential():add(nn.Concat(2):add(nn.Linear(3, 2)):add(nn.Sequential():add(nn.Linear(3, 4)):add(nn.ReLU()))):add(nn.Linear(6, 2))
local lines = {}
visit(net, 0, function(m, d) lines[#lines + 1] = ('  '):rep(d) .. torch.type(m) end)
print(table.concat(lines, '\n'))
local total = 0
for _, p in ipairs(net:parameters()) do total = total + p:nElement() end
print(total, net:getParameters():size(1))
-- hooks by replacing methods of one object
local calls = 0
local lin = net:get(2)
local old = lin.updateOutput
lin.updateOutput = function(self, input) calls = calls + 1 return old(self, input) end
net:forward(torch.randn(2, 3)) net:forward(torch.randn(2, 3))
print(calls)
-- freezing: parameters of some layers left out
local function trainable(m)
  local ps, gs = {}, {}
  visit(m, 0, function(x)
    if not x.frozen and x.weight then
      table.insert(ps, x.weight) table.insert(gs, x.gradWeight)
      if x.bias then table.insert(ps, x.bias) table.insert(gs, x.gradBias) end
    end
  end)
  return ps, gs
end
net:get(2).frozen = true
print(#trainable(net))
-- schedule closures
local function decay(rate, every) return function(e) return rate * 0.5 ^ math.floor((e - 1) / every) end end
local s = decay(0.1, 2)
for e = 1, 5 do io.write(string.format('%g ', s(e))) end
print()
-- error objects with methods
local Err = setmetatable({}, {__call = function(c, m) return setmetatable({m = m}, c) end})
Err.__index = Err
Err.__tostring = function(e) return 'Err(' .. e.m .. ')' end
function Err:is(m) return self.m == m end
local ok, e = pcall(function() error(Err('shape')) end)
print(ok, tostring(e), e:is('shape'), getmetatable(e) == Err)
local ok, e = pcall(function() net:forward(torch.randn(2, 5)) end)
print(ok, e:find('size mismatch') ~= nil or e:find('nn.') ~= nil)
-- multiple assignment, swaps, nested tables, ipairs with holes, numeric for with float steps
local a, b, c = 1, 2
a, b = b, a
print(a, b, c)
for x = 0, 1, 0.25 do io.write(x, ' ') end
print()
local grid = {}
for y = 1, 2 do grid[y] = {} for x = 1, 3 do grid[y][x] = x * y end end
print(grid[2][3], #grid, #grid[1], next(grid[1]))
local q = {first = 1, last = 0}
function q.push(v) q.last = q.last + 1 q[q.last] = v end
function q.pop() local v = q[q.first] q[q.first] = nil q.first = q.first + 1 return v end
q.push('a') q.push('b')
print(q.pop(), q.pop(), q.pop(), q.first)
print(#arg, arg[0] ~= nil, ... == nil)
local t = torch.Tensor{{1, 2}, {3, 4}}
for i, row in ipairs(t:totable()) do io.write(i, ':', table.concat(row, ','), ' ') end
print()
print(unpack(t:size():totable()))
local mx, ix = t:max(2)
print(mx:squeeze(), ix[1][1], (t:max()))
local idx = torch.LongTensor(torch.LongStorage{2}):copy(torch.Tensor{2, 1})
print(t:index(1, idx)[1][1], t:sum(1)[1][2], t:mean(), torch.sum(t))
print(t:type())
print(pcall(require, 'nothing_here') == false)
