-- covers: goto continue, varargs with nils, closures in loops, string formatting, sort by comparator, iterators, inheritance chains
local function range(n, m, step)
  step = step or 1
  local i = n - step
  return function()
    i = i + step
    if (step > 0 and i <= m) or (step < 0 and i >= m) then return i end
  end
end
for i in range(1, 10) do
  if i % 3 ~= 0 then goto continue end
  io.write(i, ' ')
  ::continue::
end
print()
for i = 1, 3 do
  for j = 1, 3 do
    if j == 2 then goto next_j end
    if i == 2 then goto next_i end
    io.write(i, '-', j, ' ')
    ::next_j::
  end
  ::next_i::
end
print()
local Animal = {} ; Animal.__index = Animal
function Animal.new(name, sound) local self = setmetatable({}, Animal) self.name, self.sound = name, sound return self end
function Animal:speak() return self.name .. ' says ' .. self.sound end
local Dog = setmetatable({}, {__index = Animal}); Dog.__index = Dog
function Dog.new(name) local self = Animal.new(name, 'woof') return setmetatable(self, Dog) end
function Dog:fetch(...) return ('%s fetches %d: %s'):format(self.name, select('#', ...), table.concat({...}, '/')) end
local d = Dog.new('rex')
print(d:speak(), d:fetch('a', 'b'))
local fs = {}
for i = 1, 3 do fs[i] = function(k) i = i + (k or 0) return i end end
print(fs[1](10), fs[1](), fs[2](), fs[3](5))
local function pack(...) return {n = select('#', ...), ...} end
local p = pack(nil, 2, nil)
print(p.n, p[1], p[2], p[3])
local people = {{'bob', 30}, {'ann', 25}, {'cyd', 30}}
table.sort(people, function(a, b) if a[2] ~= b[2] then return a[2] > b[2] end return a[1] < b[1] end)
for _, q in ipairs(people) do io.write(q[1], '=', q[2], ' ') end
print()
print(('%5.2f|%-6s|%06d|%x|%X|%e|%g|%q|%c|%%|%i'):format(3.14159, 'ab', 42, 255, 255, 12345.678, 0.0001, 'a "q"\n', 65, 7))
print(('hello world'):gsub('o', {o = '0'}), ('abc'):gsub('%w', '%0%0'), ('x=1, y=2'):gsub('(%w+)=(%w+)', '%2=%1'))
print(string.find('hello', 'l+'), string.find('a.b', '.', 1, true), ('key = value'):match('^(%w+)%s*=%s*(%w+)$'))
print(#'abc', ('abc'):reverse(), ('abc'):upper(), ('a,b,,c'):find(',,'), ('%d'):rep(2, ' '))
for k, v in string.gmatch('a=1 b=2', '(%w)=(%w)') do io.write(k, v, ';') end
print()
print(tostring(1e15), tostring(2^53), 1e100, 0.1, -0.0, 100 / 3, 7 % -3, -7 % 3, 2 ^ 0.5)
print(math.floor(-3.5), math.ceil(3.2), math.max(1, 5, 3), math.fmod(-7, 3), math.modf(3.7), math.huge, -math.huge)
print(tonumber('0x10'), tonumber('10', 2), tonumber('abc'), tonumber(' 5 '), tonumber('1e2'))
local t = {10, 20, 30, nil, 50}
print(#{1, 2, 3}, select(-1, 1, 2, 3), select(2, 'a', 'b', 'c'))
print(next({}), type(next), rawequal(t, t), rawlen == nil)
local mt = {__call = function(self, a, b) return a + b + self.base end, __unm = function(a) return -a.base end, __len = function() return 7 end}
local obj = setmetatable({base = 100}, mt)
print(obj(1, 2), -obj)
local ok2, err2 = pcall(error, {code = 42})
print(ok2, type(err2), err2.code)
print(xpcall(function() return 1, 2, 3 end, debug.traceback))
print(table.concat({1, 2, 3}, ', ', 2, 3), table.remove({1, 2, 3}, 1), unpack({1, 2, 3}, 2))
local co = coroutine.wrap(function(a) local b = coroutine.yield(a + 1) local c = coroutine.yield(b * 2) return c, 'done' end)
print(co(1), co(10), co('x'))
local s = 0
for w in ('1 2 3 4'):gmatch('%d+') do s = s + w end
print(s, '10' + 5, '3' * '4', 10 .. 20)
local function fact(n) if n <= 1 then return 1 end return n * fact(n - 1) end
print(fact(10), (function(...) return select('#', ...) end)(nil, nil))
while true do
  s = s + 1
  if s > 15 then break end
  if s % 2 == 0 then goto cont end
  io.write(s, ',')
  ::cont::
end
print()
