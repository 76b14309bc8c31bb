-- covers: every distribution, in-place and functions, Generators, seeds, types, shuffles
torch.manualSeed(77)
local g = torch.Generator()
torch.manualSeed(g, 77)
for _, name in ipairs{'uniform', 'normal', 'exponential', 'cauchy', 'logNormal', 'geometric', 'bernoulli', 'random'} do
  local args = ({exponential = {2}, geometric = {0.3}, bernoulli = {0.4}, random = {1, 6}})[name] or {}
  local v = torch.Tensor(3)
  v[name](v, unpack(args))
  local ok, w = pcall(function() local u = torch.Tensor(3) u[name](u, g, unpack(args)) return u end)
  io.write(name, ' ')
  for i = 1, 3 do io.write(string.format('%.4f ', v[i])) end
  io.write(tostring(ok and (w - v):abs():max() < 1e-12), '\n')
end
print(torch.rand(2, 2), torch.randn(3), torch.randperm(5))
print(torch.rand(g, 2), torch.randn(g, 1, 2), torch.randperm(g, 3))
local m = torch.multinomial(torch.Tensor{0.1, 0.6, 0.3}, 5, true)
print(m, m:type(), torch.multinomial(torch.ones(2, 4), 3))
print(torch.FloatTensor(2):uniform(-1, 1), torch.LongTensor(4):random(3), torch.ByteTensor(4):random(0, 1), torch.IntTensor(3):geometric(0.5))
local s = torch.getRNGState()
local a = {torch.normal(), torch.normal(), torch.uniform()}
torch.setRNGState(s)
print(a[1] == torch.normal(), a[2] == torch.normal(), a[3] == torch.uniform())
local function shuffle(t)
  for i = #t, 2, -1 do local j = torch.random(i) t[i], t[j] = t[j], t[i] end
  return t
end
print(table.concat(shuffle{1, 2, 3, 4, 5, 6}, ' '))
print(torch.Tensor(2, 3):normal(5, 0.1):mean() > 4, torch.Tensor(3):bernoulli(torch.Tensor{0, 1, 1}))
math.randomseed(12)
local r = math.random(10)
print(r >= 1 and r <= 10)
