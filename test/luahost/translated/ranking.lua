require 'nn'
torch.manualSeed(11)
local words = {'king', 'queen', 'man', 'woman', 'apple', 'pear'}
local id = {}
for i, w in ipairs(words) do id[w] = i end
local emb = nn.LookupTable(#words, 5)
local left = nn.Sequential():add(emb):add(nn.View(-1)):add(nn.Linear(10, 4)):add(nn.Tanh())
local score = nn.Sequential():add(left):add(nn.Linear(4, 1))
local twin = score:clone('weight', 'bias', 'gradWeight', 'gradBias')
local net = nn.ParallelTable():add(score):add(twin)
local crit = nn.MarginRankingCriterion(0.5)
local good = {{'king', 'queen'}, {'man', 'woman'}, {'apple', 'pear'}}
local function corrupt(p)
  local q = {p[1], p[2]}
  local w
  repeat w = words[torch.random(#words)] until w ~= p[2] and w ~= p[1]
  q[2] = w
  return q
end
local function tensorOf(p)
  local t = torch.LongTensor(#p)
  for i = 1, #p do t[i] = id[p[i]] end
  return t
end
local first, last
for epoch = 1, 25 do
  local err = 0
  for _, p in ipairs(good) do
    local x = {tensorOf(p), tensorOf(corrupt(p))}
    local s = net:forward(x)
    local e = crit:forward(s, 1)
    err = err + e
    if e > 0 then
      net:zeroGradParameters()
      local g = crit:backward(s, 1)
      net:backward(x, g)
      net:updateParameters(0.1)
    end
  end
  first = first or err
  last = err
end
print(string.format('%.4f %.4f', first, last), last < first)
print(crit:backward({torch.Tensor{1}, torch.Tensor{5}}, -1)[1])
local probs = nn.SoftMax():forward(torch.Tensor{1, 2, 3})
for i = 1, probs:size(1) do io.write(('%s=%.3f '):format(words[i], probs[i])) end
io.write('\n')
local best, sorted = {}, nil
for i = 1, #words do
  for j = i + 1, #words do
    local e1, e2 = emb.weight[i], emb.weight[j]
    best[#best + 1] = {i = i, j = j, d = torch.dist(e1, e2)}
  end
end
table.sort(best, function(a, b) return a.d < b.d end)
for k = 1, 2 do
  local e = best[k]
  print(words[e.i], words[e.j], string.format('%.4f', e.d))
end
local counts = torch.IntTensor(3):zero()
for i = 1, 9 do local k = (i * i) % 3 + 1; counts[k] = counts[k] + 1 end
print(counts, counts:sum(), counts[1] / 2)
local m = torch.Tensor(2, 3):fill(0)
m[1]:fill(2); m[{2, {2, 3}}] = 4; m:select(2, 1):add(0.5)
print(m, m:sum(), m[{1, 1}], m[{{1, 2}, {1}}]:size(2))
local w = torch.linspace(0, 1, 4)
w[w:gt(0.5)] = -1
print(w)
for i, v in ipairs(w:totable()) do io.write(i, ' ', string.format('%.2f', v), ';') end print()
collectgarbage()
print(string.format('%5s|%-5s|%05.1f|%+d|%e', 'a', 'b', 3.14159, 5, 12345.678))
print(#torch.ones(2, 3):size(), torch.ones(2, 3):size():size())
