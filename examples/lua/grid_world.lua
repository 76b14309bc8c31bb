-- Q-learning in a small grid: classes, closures, metatables
torch.manualSeed(3)
local Grid = torch.class('Grid')
function Grid:__init(w, h)
  self.w, self.h = w, h
  self.walls = {}
  self:reset()
end
function Grid:key(x, y) return x .. ',' .. y end
function Grid:wall(x, y) self.walls[self:key(x, y)] = true return self end
function Grid:reset() self.x, self.y = 1, 1 return self end
function Grid:step(a)
  local moves = {up = {0, -1}, down = {0, 1}, left = {-1, 0}, right = {1, 0}}
  local dx, dy = unpack(moves[a])
  local nx, ny = math.max(1, math.min(self.w, self.x + dx)), math.max(1, math.min(self.h, self.y + dy))
  if not self.walls[self:key(nx, ny)] then self.x, self.y = nx, ny end
  local done = self.x == self.w and self.y == self.h
  return self:key(self.x, self.y), done and 1 or -0.01, done
end
function Grid:__tostring__()
  local rows = {}
  for y = 1, self.h do
    local row = ''
    for x = 1, self.w do
      if x == self.x and y == self.y then row = row .. '@'
      elseif self.walls[self:key(x, y)] then row = row .. '#'
      else row = row .. '.' end
    end
    table.insert(rows, row)
  end
  return table.concat(rows, '\n')
end
local g = Grid(4, 3):wall(2, 1):wall(2, 2)
print(g)
local actions = {'up', 'down', 'left', 'right'}
local Q = setmetatable({}, {__index = function(t, k)
  local row = {}
  for _, a in ipairs(actions) do row[a] = 0 end
  rawset(t, k, row)
  return row
end})
local function best(s)
  local arg, val
  for _, a in ipairs(actions) do
    if not val or Q[s][a] > val then arg, val = a, Q[s][a] end
  end
  return arg, val
end
local lengths = {}
for _ = 1, 60 do
  g:reset()
  local s, steps = g:key(g.x, g.y), 0
  while true do
    local a = torch.uniform() < 0.2 and actions[torch.random(#actions)] or (best(s))
    local s2, r, done = g:step(a)
    local target = r + (done and 0 or 0.95 * select(2, best(s2)))
    Q[s][a] = Q[s][a] + 0.5 * (target - Q[s][a])
    s, steps = s2, steps + 1
    if done or steps >= 100 then break end
  end
  lengths[#lengths + 1] = steps
end
print(torch.Tensor(lengths):narrow(1, 51, 10):mean())
g:reset()
local path, s = {}, '1,1'
repeat
  local a = best(s)
  local done
  path[#path + 1] = a:sub(1, 1):upper()
  s, _, done = g:step(a)
until done or #path > 20
print(table.concat(path), string.format('%.4f', Q['1,1'].down))
print(torch.typename(g), torch.isTypeOf(g, 'Grid'))
