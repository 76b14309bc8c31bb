-- x[...] in every form, storages, memory that is shared and taken over
require 'nn'
local function try(name, f)
  local r = {pcall(f)}
  for i = 1, #r do r[i] = tostring(r[i]):gsub('\n', ' ') end
  print(name, table.concat(r, '|'))
end
local x = torch.range(1, 12):resize(3, 4)
try('mask', function() return x[x:gt(9)]:sum() end)
try('mask set', function() x[x:gt(10)] = 0; return x:sum() end)
try('sizes', function() return x[torch.LongStorage{2, 3}] end)
try('from the end', function() return x[-1][1], x[{-1, -1}], x[{{}, -4}]:sum() end)
try('outside', function() return x[4] end)
try('at 0', function() x[0] = 1 end)
try('a name', function() return x.nothing end)
try('a part', function() x[{{1, 2}, {2, 3}}] = torch.Tensor{{5, 6}, {7, 8}}; return x[{2, 3}], x[1][2] end)
try('a row', function() x[2] = 3; return x[2]:sum() end)
try('a table', function() x[1] = {1, 2, 3, 4} end)
try('types', function()
  local l, b, h = torch.LongTensor{1, 2}, torch.ByteTensor{1, 2}, torch.HalfTensor(2):fill(1)
  l[2], b[1], b[2], h[1] = 7, 300, -1, 2.5
  return l[2], type(l[2]), b[1], b[2], h[1]
end)
try('rows are views', function() local r = x[1]; r[2] = 99; return x[1][2], x[{1, 2}] end)
try('strides', function() local t = x:t(); t[2][1] = 55; return x[1][2], t[2][1] end)
try('resized', function()
  local y = torch.range(1, 4)
  local first = y[1]
  y:resize(2, 2)
  y[2][1] = 9
  return first, y[2][1], y[1][2], #y
end)
try('resized field', function() local m = nn.Linear(2, 2); m.weight:resize(3, 2); return m.weight:size(1) end)
try('set', function()
  local a, b = nn.Linear(2, 2), nn.Linear(2, 2)
  for i, p in ipairs(b:parameters()) do p:set(a:parameters()[i]) end
  b.weight:fill(7)
  return a.weight[2][1], a.weight:storage() == b.weight:storage()
end)
try('storage', function()
  local s = torch.DoubleStorage{1, 2, 3, 4}
  local t = torch.DoubleTensor(s, 1, torch.LongStorage{2, 2})
  s[1] = 9
  return t[1][1], s:size(), #s, t:storage()[4], torch.type(s)
end)
try('pointer', function() return x:data()[0] == x[1][1], type(x:data()) end)
try('new', function() return x.new(2):fill(1):sum(), x.new():dim(), x:new():dim() end)
try('operators', function()
  return (2 - torch.Tensor{5})[1], (torch.Tensor{4} / torch.Tensor{2})[1], (torch.Tensor{3} ^ 2)[1], (-torch.Tensor{1})[1],
    torch.Tensor{1, 2} * torch.Tensor{3, 4}
end)
try('destinations', function()
  local r, i, s = torch.Tensor(), torch.LongTensor(), torch.Tensor()
  torch.add(r, x, 1)
  torch.max(s, i, torch.Tensor{{1, 5}, {7, 2}}, 2)
  return r:size(2), s[1][1], i[2][1]
end)
