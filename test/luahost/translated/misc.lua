local Stack = {}
Stack.__index = Stack
setmetatable(Stack, {__call = function(cls, ...)
  local s = setmetatable({items = {}, n = 0}, cls)
  for _, v in ipairs({...}) do s:push(v) end
  return s
end})
function Stack:push(v) self.n = self.n + 1; self.items[self.n] = v end
function Stack:pop()
  local v = self.items[self.n]
  self.items[self.n] = nil
  self.n = self.n - 1
  return v
end
Stack.__len = function(s) return s.n end
Stack.__tostring = function(s) return 'Stack(' .. table.concat(s.items, ',') .. ')' end
local s = Stack(1, 2, 3)
print(tostring(s), s:pop(), s:pop(), tostring(s))
-- inheritance by hand
local Base = {name = 'base'}
Base.__index = Base
function Base.new(o) return setmetatable(o or {}, Base) end
function Base:hello() return 'hello from ' .. self.name end
local Derived = setmetatable({name = 'derived'}, {__index = Base})
Derived.__index = Derived
function Derived.new(o) return setmetatable(o or {}, Derived) end
function Derived:hello() return Base.hello(self) .. '!' end
print(Base.new():hello(), Derived.new():hello(), Derived.new{name = 'mine'}:hello())
local function range(n, m, step)
  step = step or 1
  local i = n - step
  return function()
    i = i + step
    if i <= m then return i, i * i end
  end
end
for i, sq in range(1, 7, 3) do io.write(i, '->', sq, ' ') end
print()
local function map(f, t)
  local r = {}
  for i, v in ipairs(t) do r[i] = f(v, i) end
  return r
end
local function compose(...)
  local fs = {...}
  return function(x)
    for i = #fs, 1, -1 do x = fs[i](x) end
    return x
  end
end
local inc = function(x) return x + 1 end
local double = function(x) return x * 2 end
print(compose(inc, double)(5), compose(double, inc)(5))
print(unpack(map(function(v, i) return v .. i end, {'a', 'b', 'c'})))
local fns = {}
for i = 1, 3 do fns[i] = function() return i * 10 end end
print(fns[1](), fns[2](), fns[3]())
local function minmax(t)
  local lo, hi = t[1], t[1]
  for i = 2, #t do
    if t[i] < lo then lo = t[i] end
    if t[i] > hi then hi = t[i] end
  end
  return lo, hi
end
local lo, hi = minmax{4, 2, 9}
print(lo, hi, (minmax{1, 5}))
local t = {minmax{3, 8}, minmax{6, 7}}
print(#t, t[1], t[2], t[3])
local function safe(f, ...)
  local ok, r = pcall(f, ...)
  if ok then return r end
  return 'error: ' .. tostring(r):gsub('^.-:%d+: ', '')
end
print(safe(function(a) return a + 1 end, 2), safe(function() error('bad') end))
print(select('#', nil, nil), select(2, 'a', 'b', 'c'))
local cache = setmetatable({}, {__index = function(t, k) local v = k * k; rawset(t, k, v); return v end})
print(cache[4], rawget(cache, 4), rawget(cache, 5))
local m = {[1] = 'one', [3] = 'three', x = 'ex', [2.5] = 'half'}
print(m[1], m[3], m.x, m[2.5], m[2])
local q = {first = 1, last = 0}
for i = 1, 4 do q.last = q.last + 1; q[q.last] = i * i end
q[q.first] = nil; q.first = q.first + 1
print(q[q.first], q.last - q.first + 1)
local matrix = {}
for i = 1, 3 do
  matrix[i] = {}
  for j = 1, 3 do matrix[i][j] = (i - 1) * 3 + j end
end
print(matrix[2][3], #matrix, #matrix[1])
local str = ''
for i = 1, #matrix do str = str .. table.concat(matrix[i], ' ') .. (i < #matrix and ';' or '') end
print(str)
local zero, empty = 0, ''
print(zero and 'zero is true', empty and 'empty is true', not zero, zero or 5, nil or 'dflt', false or nil)
local n = 0
repeat n = n + 1; local stop = n * n > 20 until stop
print(n)
local days = {'mon', 'tue', 'wed'}
local index = {}
for i, d in ipairs(days) do index[d] = i end
print(index.tue, index['wed'], index.sun)
table.insert(days, 1, 'sun'); table.remove(days)
print(table.concat(days, '|'), #days)
print(tonumber('0x10'), tonumber('12abc'), tonumber(' 7 '), tonumber('1e2'))
print(string.rep('ab', 3), ('hello world'):gsub('o', '0'), ('CamelCaseWord'):gsub('%u', function(c) return '_' .. c:lower() end))
print(os.time() > 0, type(os.clock()), os.getenv('NOPE_NOT_SET'))
