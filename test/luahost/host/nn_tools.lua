-- nn.utils into a tensor, one object or two, caches of conversions, the places of an error, FlattenTable's map
require 'nn'
local x, y = torch.range(1, 6):resize(2, 3), torch.Tensor()
print(nn.utils.addSingletonDimension(y, x, 2) == y, y:size(1), y:size(2), y:size(3))
x[2][1] = 40
print(y[2][1][1])
local b = torch.Tensor(1)
print(nn.utils.contiguousView(b, x:t(), 6) == b, b[2])
print(nn.utils.recursiveCopy(b, x) == b, b:size(2), b[2][1])
print(nn.utils.recursiveCopy(torch.FloatTensor(1), x):type())
local p, q = torch.zeros(2), torch.zeros(2)
q:set(p)
print(p == q, p == p, p:storage() == q:storage())
print(p:storage() == q:storage(), p:storage() == x:storage())
local m, n, cache = nn.Linear(2, 2), nn.Linear(2, 2), {}
n.bias:set(m.bias)
m:type('torch.FloatTensor', cache)
n:type('torch.FloatTensor', cache)
m.bias:fill(7)
print(n.bias[1], n.bias ~= m.bias, next(cache) ~= nil)
local net = nn.Sequential():add(nn.Identity()):add(nn.Concat(1):add(nn.Linear(1, 1)))
local ok, message = pcall(net.forward, net, torch.ones(2))
print(ok, message:find('In 2 module of nn.Sequential:\nIn 1 module of nn.Concat:\n'), message:find('size mismatch') ~= nil)
local flat, t = nn.FlattenTable(), {torch.ones(1), {torch.ones(2)}}
flat:forward(t)
local map, out = flat.input_map, flat.output
print(map[1], map[2][1], flat:forward(t) == out, flat.input_map == map)
t[2][2] = torch.ones(3)
print(flat:forward(t) == out, flat.input_map == map, flat.input_map[2][2])
t[2] = nil
print(#flat:forward(t), #flat.input_map)
local table_of, input = nn.LookupTable(4, 2), torch.IntTensor(3)
print(nn.Jacobian.testJacobianParameters(table_of, input, table_of.weight, table_of.gradWeight, 1, 4) < 1e-5)
print(input:min() >= 1 and input:max() <= 4)
local dense, wide = nn.Linear(3, 2), torch.Tensor(1, 3):fill(1)
print(nn.SparseJacobian.testJacobian(dense, wide) < 1e-5, wide[1][1] == 1, wide[1][2] ~= 1)
