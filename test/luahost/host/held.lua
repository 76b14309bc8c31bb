-- results that come again are the same object, also after their memory, their field or their module has changed
require 'nn'
local m = nn.Identity()
local a, b = torch.Tensor{1, 2, 3}, torch.Tensor{4, 5}
local first = m:forward(a)
print(first == m:forward(a), rawequal(first, m:forward(a)), m:forward(b)[1], m:forward(a)[1])
print(m.output == a, rawequal(m.output, m.output))
m.output = b
print(m.output[1], m.output == b)
local n = nn.Identity()
print(n:forward(b)[2], m:forward(a)[3], n.output[2], m.output[3])

local l = nn.Linear(2, 2)
l.weight:fill(1)
l.bias:zero()
local out = l:forward(b)
print(out[1], l:forward(b)[1], rawequal(out, l:forward(b)), rawequal(l.output, out))
l.weight = torch.Tensor{{1, 0}, {0, 2}}
print(l.weight[2][2], l:forward(b)[1], l:forward(b)[2], out[1])
local two = l:forward(torch.Tensor{{1, 2}, {3, 4}, {5, 6}})
print(two:dim(), two:size(1), two:nElement(), two[3][2])
print(l:forward(b):dim(), l.output:size(1))
l:float()
print(torch.type(l.output), torch.type(l:forward(b:float())), l:forward(b:float())[2])
print(l:training() == l, l:evaluate().train, l.train, l:zeroGradParameters())

local x = torch.range(1, 6)
print(x:dim(), x:nElement(), x:isContiguous(), x:stride(1), x:storageOffset(), x:type())
x:resize(2, 3)
print(x:dim(), x:size(1), x:size(2), x:stride(1), x[{2, 3}], x[{1, 1}])
local t = x:t()
print(t:size(1), t:stride(1), t:stride(2), t:isContiguous(), t[{3, 2}], x:narrow(2, 2, 2):storageOffset())
x[{2, 3}] = 60
print(t[{3, 2}], x[2][3], pcall(function() return x[{3, 1}] end))
t:fill(7):add(1)
print(x:sum(), t:sum(), rawequal(t:zero(), t), x:sum())

-- the same numbers from few elements, which Lua adds, and from many, which Python adds
for _, name in ipairs{'torch.FloatTensor', 'torch.DoubleTensor'} do
   local few, many = torch.range(1, 100):type(name):div(7), torch.range(1, 100):type(name):div(7)
   many = torch.cat(many, torch.zeros(2000):type(name))
   for _, y in ipairs{few, many} do
      y:add(0.1):mul(1.7):div(3):add(y):cmul(y):cdiv(torch.ones(y:nElement()):type(name):fill(0.3))
   end
   print(name, (few - many:narrow(1, 1, 100)):abs():max(), string.format('%.17g', few[50]))
end
local v = torch.range(1, 5)
v:narrow(1, 2, 4):copy(v:narrow(1, 1, 4))
print(v[1], v[2], v[3], v[4], v[5])
local i = torch.IntTensor{7, 8}
print(i:add(1)[1], i:mul(2)[2], i:div(5)[1], i:zero()[1], i:dim(), torch.ByteTensor{3}:fill(9)[1])
print(type(x), type(l), torch.isTensor(x), torch.isTensor(l), torch.isTensor(3), torch.isTensor({}), torch.type(x))
local e = torch.Tensor()
print(e:dim(), e:nElement(), e:isContiguous(), #e:size(), e:size():size())
function torch.DoubleTensor:dim() return 'mine' end
print(x:dim(), i:dim())
-- clones that share parameters, as unrolled networks have them: all who hold an array see where it went
require 'nngraph'
do
  local x = nn.Identity()()
  local net = nn.gModule({x}, {nn.Tanh()(nn.Linear(2, 2)(x))})
  local params, grads = net:parameters()
  local file = torch.MemoryFile('w'):binary()
  file:writeObject(net)
  local clones = {}
  for t = 1, 3 do
    local reader = torch.MemoryFile(file:storage(), 'r'):binary()
    clones[t] = reader:readObject()
    reader:close()
    local p, g = clones[t]:parameters()
    for i = 1, #params do
      p[i]:set(params[i])
      g[i]:set(grads[i])
    end
  end
  params[1]:fill(0.5)
  params[2]:fill(1)
  net:zeroGradParameters()
  local input = torch.ones(2)
  for t = 1, 3 do
    clones[t]:forward(input)
    clones[t]:backward(input, torch.ones(2))
  end
  print(clones[2]:forward(input), grads[1], clones[3]:parameters()[2][1], clones[1].modules[2].weight[1][1])
end
-- fields and methods asked for again and again
local m = nn.Linear(2, 2)
for i = 1, 4 do
   m.mark = i
   m.weight:fill(i)
   m:forward(torch.ones(2))
   io.write(m.mark, ' ', m.weight[1][1], ' ', m.output == m:forward(torch.ones(2)) and 'same' or 'other', ' ')
   if i == 2 then m.weight = torch.zeros(2, 2) end
end
print(m.weight:sum())
for i = 1, 3 do
   if i == 2 then m.size = function() return 'own' end end
   if i == 3 then m.size = nil end
   io.write(type(m.size), ' ')
end
print()
for i = 1, 3 do
   local p, g = m:parameters()
   io.write(select('#', m:parameters()), ' ', #p, ' ', g[1] == m.gradWeight and 'gradWeight' or 'other', ' ')
end
print((select(2, torch.Tensor{3, 1}:sort()))[1])
local Shape = torch.class('Shape')
function Shape:__tostring__() return torch.type(self) .. '!' end
function Shape:__add__(other) return 'sum of ' .. tostring(self) .. ' and ' .. tostring(other) end
local Square = torch.class('Square', 'Shape')
print(tostring(Square()), Square() + Square(), Square() == Square(), tostring(torch.class('Plain')()))
print((select(2, pcall(function() return Square() * 2 end)):gsub('^.*:', '')))
-- modules that share have tensors of their own over one memory
do
  local a, b, c = nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 2)
  b:share(a, 'weight', 'bias', 'gradWeight', 'gradBias')
  local tied = nn.Sequential():add(a):add(b):add(c)
  local copy = c:clone('weight', 'bias')
  print(torch.pointer(a.weight) == torch.pointer(b.weight), b.weight:storage():size(),
        torch.pointer(a.weight:storage()) == torch.pointer(b.weight:storage()))
  local flat = torch.ones(4)
  a.weight:set(flat:storage(), 1, a.weight:size(), a.weight:stride())
  print(a.weight:sum(), torch.pointer(b.weight:storage()) == torch.pointer(flat:storage()))
  b.weight:set(a.weight)
  local w = tied:getParameters()
  w:fill(3)
  print(w:size(1), a.weight[1][1], b.weight[2][2], (tied:clone():getParameters()):size(1), copy.weight[1][1] == 3)
end
