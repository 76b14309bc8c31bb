-- shadowing and blocks
local x = 1
do local x = x + 1; print(x) end
print(x)
local function f(x) local x = x * 2 return x end
print(f(4), x)
for x = 1, 2 do local x = x * 10; io.write(x, ' ') end print(x)
local a, b, c = (function() return 1, 2 end)()
print(a, b, c)
local t = {10, 20, 30, nil}
print(#t)
local i = 1
i, t[i] = i + 1, 99
print(i, t[1], t[2])
-- closures over loop variables
local fs = {}
for k = 1, 3 do
  local acc = 0
  fs[#fs + 1] = function(n) acc = acc + n * k; return acc end
end
print(fs[1](1), fs[2](1), fs[3](1), fs[1](1))
-- varargs
local function pack(...) return {n = select('#', ...), ...} end
local p = pack(1, nil, 3)
print(p.n, p[1], p[2], p[3])
local function tail(first, ...) return ... end
print((tail(1, 2, 3)), tail(1, 2, 3))
local function sum(...)
  local s = 0
  for _, v in ipairs{...} do s = s + v end
  return s
end
print(sum(), sum(1), sum(1, 2, 3), sum(unpack{4, 5}))
local function default(a, b, ...)
  a = a or 'A'
  b = b ~= nil and b or 'B'
  return a .. b .. select('#', ...)
end
print(default(), default('x'), default('x', 'y', 1, 2), default(nil, false))
-- string things
local s = 'The quick brown fox'
print(s:len(), s:sub(5, 9), s:sub(-3, -2), s:sub(0), s:sub(17, 100), s:sub(10, 5) == '')
print(s:find('quick'), s:find('(%a+) (%a+)'), s:match('(%a+)$'), s:match('zzz'))
for w, pos in s:gmatch('(%a+)()') do io.write(w, '@', pos, ' ') end print()
print(s:gsub('%s', '_', 2), (s:gsub('(%a)(%a*)', function(h, r) return h:lower() .. r:upper() end)))
print(('x'):rep(3, ','), ('%s %q %5.1f %x %c'):format('s', 'q"', 2.25, 255, 65), ('abc'):reverse())
print(('%d'):format(3.0), ('%g'):format(1e20), ('%i'):format(7), ('%%'):format())
print(tostring(1e15), 1e14, 123456789012, 0.1 + 0.2, 1 / 3, 100, 1e100, -0.0 == 0, 2^53)
print(10 == '10', '10' + 5, '3' * '4', 10 .. 20, tonumber('z', 36), tonumber('ff', 16))
print('a' < 'b', 'a' < 'B', not nil, not 0)
-- tables
local list = {5, 2, 8, 1}
table.sort(list)
print(table.concat(list, ','), table.concat(list, '-', 2, 3), unpack(list, 2, 3))
table.insert(list, 3, 100)
print(table.remove(list, 1), table.remove(list), #list, list[#list])
local set, n = {}, 0
for _, v in ipairs{'a', 'b', 'a', 'c', 'b'} do
  if not set[v] then set[v] = true; n = n + 1 end
end
print(n, set.a, set.z)
local nested = {a = {b = {c = 'deep'}}, [1] = 'one', ['key with space'] = true}
print(nested.a.b.c, nested[1], nested['key with space'], nested.x and nested.x.y)
local count = 0
for k, v in pairs(nested) do count = count + 1 end
print(count, next({}) == nil, rawequal(nested, nested))
local keys = {}
for k in pairs{x = 1, y = 2, z = 3} do keys[#keys + 1] = k end
table.sort(keys)
print(unpack(keys))
local sparse = {}
sparse[1], sparse[2], sparse[4] = 'a', 'b', 'd'
print(sparse[1], sparse[3], sparse[4])
local q = {}
q[#q + 1] = 1; q[#q + 1] = 2; q[#q] = nil
print(#q)
-- while, repeat, numeric for
local k = 10
while k > 0 do k = k - 3; if k == 4 then break end end
print(k)
for v = 10, 1, -4 do io.write(v, ' ') end
for v = 1, 0 do io.write('never') end
for v = 0.5, 2, 0.5 do io.write(v, ' ') end print()
-- errors
print((pcall(error, {code = 2})))
print(select(2, pcall(error, 'msg', 0)))
local ok, e = pcall(function() error({code = 7}) end)
print(ok, type(e), e.code)
local ok2, e2 = pcall(function() return nil + 1 end)
print(ok2, tostring(e2):match('arithmetic') ~= nil)
print(pcall(function(...) return select('#', ...), ... end, 1, nil))
local ok3, e3 = xpcall(function() error('oops', 0) end, function(m) return m:upper() end)
print(ok3, e3)
local function try(f, catch, finally)
  local r = {pcall(f)}
  if not r[1] then catch(r[2]) end
  if finally then finally() end
  return unpack(r, 2)
end
print(try(function() return 'fine', 2 end, print))
try(function() error('caught', 0) end, function(m) print('caught:', m) end, function() print('finally') end)
print(assert(1 == 1, 'no'), (assert('v', 'm')))
-- metatables
local V = {}
V.__index = V
V.__add = function(p, q) return setmetatable({x = p.x + q.x}, V) end
V.__eq = function(p, q) return p.x == q.x end
V.__lt = function(p, q) return p.x < q.x end
V.__unm = function(p) return setmetatable({x = -p.x}, V) end
V.__mul = function(p, q)
  if type(q) == 'number' then return setmetatable({x = p.x * q}, V) end
  return p.x * q.x
end
V.__tostring = function(p) return '<' .. p.x .. '>' end
V.__call = function(self, y) return self.x + y end
V.__concat = function(p, q) return tostring(p) .. tostring(q) end
local function vec(x) return setmetatable({x = x}, V) end
local v1, v2 = vec(1), vec(2)
print(tostring(v1 + v2), v1 == vec(1), v1 < v2, v1 > v2, tostring(-v1), tostring(v2 * 3), v1 * v2, v1(10), v1 .. v2)
local log = {}
local tracked = setmetatable({}, {
  __newindex = function(t, key, val) log[#log + 1] = key; rawset(t, key, val) end,
  __index = function(t, key) return key .. '?' end,
})
tracked.a = 1; tracked.b = 2; tracked.a = 3
print(table.concat(log, ','), tracked.a, tracked.zzz)
-- recursion and mutual recursion
local function fact(n) if n <= 1 then return 1 end return n * fact(n - 1) end
local isodd
local function iseven(n) if n == 0 then return true end return isodd(n - 1) end
function isodd(n) if n == 0 then return false end return iseven(n - 1) end
print(fact(10), fact(20), iseven(10), isodd(7))
-- coroutine generator
local function gen(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i, i * i) end end) end
for i, sq in gen(3) do io.write(i, ':', sq, ' ') end print()
print(type(f), type(nil), type(2), type('x'), type({}), type(print))
print(math.max(1, 5, 3), math.min(2, 0), math.huge, -math.huge, math.floor(3.7), math.sqrt(16))
print(os.date('%Y') ~= nil, #arg, ...)
local long = [==[
two
lines]==]
print(long, #long)
print(("%s"):rep(2, "-"):format(1, 2))
