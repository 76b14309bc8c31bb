-- a model of characters: copies of a cell that share weights, back-propagation through time, sampling
require 'nn'
require 'optim'

local text = ('the quick brown fox jumps over the lazy dog. '):rep(3)
local chars, ids = {}, {}
for c in text:gmatch('.') do
  if not ids[c] then
    chars[#chars + 1] = c
    ids[c] = true
  end
end
table.sort(chars)
for i, c in ipairs(chars) do ids[c] = i end
print(#chars, table.concat(chars, ''))

torch.manualSeed(123)
local V, H, T = #chars, 16, 8
local data = torch.LongTensor(#text)
for i = 1, #text do data[i] = ids[text:sub(i, i)] end

-- the new state from a character and the state before, and the character that follows
local cell = nn.Sequential()
  :add(nn.ParallelTable():add(nn.LookupTable(V, H)):add(nn.Linear(H, H)))
  :add(nn.CAddTable()):add(nn.Tanh())
local guess = nn.Sequential():add(nn.Linear(H, V)):add(nn.LogSoftMax())
local criterion = nn.ClassNLLCriterion()
local params, grads = nn.Sequential():add(cell):add(guess):getParameters()
params:uniform(-0.1, 0.1)

local function copies(net)
  local found = {}
  for _ = 1, T do found[#found + 1] = net:clone('weight', 'bias', 'gradWeight', 'gradBias') end
  return found
end
local cells, guesses = copies(cell), copies(guess)

local place, first = 1, torch.zeros(1, H)
local function step()
  grads:zero()
  if place + T > data:size(1) then
    place = 1
    first:zero()
  end
  local h, out, loss = {[0] = first}, {}, 0
  for t = 1, T do
    h[t] = cells[t]:forward{data:narrow(1, place + t - 1, 1), h[t - 1]}
    out[t] = guesses[t]:forward(h[t])
    loss = loss + criterion:forward(out[t], data:narrow(1, place + t, 1))
  end
  local dh = torch.zeros(1, H)
  for t = T, 1, -1 do
    dh:add(guesses[t]:backward(h[t], criterion:backward(out[t], data:narrow(1, place + t, 1))))
    local back = cells[t]:backward({data:narrow(1, place + t - 1, 1), h[t - 1]}, dh)
    dh:copy(back[2])
  end
  first:copy(h[T])
  place = place + T
  grads:clamp(-5, 5)
  return loss / T, grads
end

local state = {learningRate = 0.02, alpha = 0.95}
for i = 1, 90 do
  local _, losses = optim.rmsprop(step, params, state)
  if i % 30 == 0 then print(string.format('step %d loss %.4f', i, losses[1])) end
end

local said, h, c = {}, torch.zeros(1, H), torch.LongTensor{ids.t}
for _ = 1, 30 do
  h = cells[1]:forward{c, h}:clone()
  local p = torch.exp(guesses[1]:forward(h) * 2)
  c = torch.multinomial(p:view(-1), 1)
  said[#said + 1] = chars[c[1]]
end
print('t' .. table.concat(said))
